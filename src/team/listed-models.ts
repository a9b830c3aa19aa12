/** A team's providers and models, for whoever offers, prices, limits or judges them. */
import { knownAmong, type ListedProvider, type ModelSettings, providersWith } from '../domain/models/environment.ts'
import { type KnownProviders, unknownProvider } from '../domain/models/provider.ts'
import type { Env } from '../env.ts'
import { listProviders } from '../records/definitions/providers.ts'

/** What must be known to say which models a team has. */
export type ModelEnv = Pick<Env, 'DB'> & ModelSettings

/** All providers of the team, ready or not: those of the environment first, then its own by name. */
export async function listModels(env: ModelEnv, team: string): Promise<ListedProvider[]> {
  return providersWith(env, await listProviders(env.DB, team))
}

/** What is wrong with whoever would answer for the team's default model; null: nothing that can be seen from here. */
export async function usualProblem(env: ModelEnv, team: string, model: string | null): Promise<string | null> {
  const found = model === null ? null : unknownProvider(model, await knownProviders(env, team))
  return found && `${found.message} ${found.fix}`.replaceAll('`', '')
}

/** What names of models are judged by. */
export async function knownProviders(env: ModelEnv, team: string): Promise<KnownProviders> {
  return knownAmong(env, await listModels(env, team))
}
