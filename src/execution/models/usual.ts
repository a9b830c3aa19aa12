/** The model that answers a team where nothing names one. */
import { validate } from '../../domain/schema/validate.ts'
import type { Env } from '../../env.ts'
import { termsOf } from '../../team/limits/terms.ts'
import { modelsFor } from './registry.ts'

/** The team's default model, else the server's. */
export async function usualModel(env: Env, team: string): Promise<string> {
  const { model } = await termsOf(env.DB, team)
  return modelsFor(env, { validate }).resolve(null, null, model)
}
