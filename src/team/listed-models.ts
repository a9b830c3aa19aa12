/** A team's providers and models, for whoever offers, prices, limits or judges them. */
import { knownAmong, type ListedProvider, type ModelSettings, providersWith } from '../domain/models/environment.ts'
import type { KnownProviders } from '../domain/models/provider.ts'
import type { Env } from '../env.ts'
import { listProviders } from '../records/definitions/providers.ts'

/** What must be known to say which models a team has. */
export type ModelEnv = Pick<Env, 'DB'> & ModelSettings

/** All providers of the team, ready or not: those of the environment first, then its own by name. */
export async function listModels(env: ModelEnv, team: string): Promise<ListedProvider[]> {
  return providersWith(env, await listProviders(env.DB, team))
}

/** What names of models are judged by. */
export async function knownProviders(env: ModelEnv, team: string): Promise<KnownProviders> {
  return knownAmong(env, await listModels(env, team))
}
