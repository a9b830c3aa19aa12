/**
 * Which calls must ask their team's Gate first, as each isolate knows it: asked anew every few seconds, so that a team
 * without limits whose providers are well pays next to nothing.
 */
import type { Standing } from '../../domain/gate/figures.ts'
import { type Env, gateStub } from '../../env.ts'

const FRESH_MS = 5_000
/** While one asks anew, the others go by what was known. */
const ASKING_MS = 2_000
const MAX_TEAMS = 1000

interface Known {
  standing: Standing
  until: number
}

const known = new Map<string, Known>()

/** Tests only: forgets what is known of every team. */
export function forgetStandings(): void {
  known.clear()
}

/** What the team's Gate said within the last seconds. */
export async function standingOf(env: Env, team: string): Promise<Standing> {
  const now = Date.now()
  const last = known.get(team)
  if (last !== undefined && now < last.until && last.until < now + 2 * FRESH_MS) return last.standing
  if (last !== undefined) last.until = now + ASKING_MS
  const standing = await gateStub(env, team).standing()
  if (known.size >= MAX_TEAMS) known.clear()
  known.set(team, { standing, until: Date.now() + FRESH_MS })
  return standing
}

/** A provider turned this team's call away: from now on its calls ask. */
export function troubled(team: string, provider: string): void {
  const last = known.get(team)
  if (last === undefined || last.standing.providers.includes(provider)) return
  last.standing = { ...last.standing, providers: [...last.standing.providers, provider] }
}
