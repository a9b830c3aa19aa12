/**
 * One alert over time: quiet or firing. It fires when its figure has been at the upper bound for long enough, and is over
 * when it has been below the lower one for as long: between the two nothing changes, so noise tells nobody anything.
 */

/** When it fires, and when it is over. */
export interface Bounds {
  /** Fires from this figure on. */
  above: number
  /** Is over below this one, which is not higher. */
  below: number
  /** A figure of fewer than these fires nothing. */
  samples: number
  /** So long it must hold, either way. */
  minutes: number
}

/** What was looked at. */
export interface Reading {
  value: number
  /** Of how many it is; 0: there is nothing that it could be of. */
  samples: number
}

export interface AlertState {
  firing: boolean
  /** Since when it fires, or is quiet. */
  since: number
  /** Since when its figure has been beyond the other bound; null: it is not. */
  crossing: number | null
  /** How often it has fired. */
  episode: number
  /** The last time of these that people were told of, and the last that they were told the end of. */
  toldFired: number
  toldResolved: number
}

/** One that never fired. */
export const QUIET: AlertState = {
  firing: false,
  since: 0,
  crossing: null,
  episode: 0,
  toldFired: 0,
  toldResolved: 0,
}

const MINUTE_MS = 60_000

/** The alert after a look at its figure; null: nobody could look, and nothing changes. */
export function afterLook(state: AlertState, reading: Reading | null, bounds: Bounds, now: number): AlertState {
  if (reading === null) return state
  if (!isBeyond(state, reading, bounds)) return state.crossing === null ? state : { ...state, crossing: null }
  // A clock that was set back must not make hours of it.
  const crossing = state.crossing === null || state.crossing > now ? now : state.crossing
  if (now - crossing < bounds.minutes * MINUTE_MS) return { ...state, crossing }
  const firing = !state.firing
  return { ...state, firing, since: now, crossing: null, episode: state.episode + (firing ? 1 : 0) }
}

/** Whether the figure speaks for the other state. */
function isBeyond({ firing }: AlertState, { value, samples }: Reading, { above, below, samples: least }: Bounds) {
  return firing ? samples === 0 || value < below : samples >= Math.max(1, least) && value >= above
}

/** What people are to hear of it now; null: nothing. Of one that came and went unheard nothing is told. */
export function toTell(state: AlertState, mutedUntil: number | null, now: number): 'fired' | 'resolved' | null {
  if (mutedUntil !== null && now < mutedUntil) return null
  const { firing, episode, toldFired, toldResolved } = state
  if (firing) return toldFired < episode ? 'fired' : null
  return toldFired > toldResolved ? 'resolved' : null
}

/** The alert once people were told. Who is told the end needs no other end of a time before. */
export function afterTold(state: AlertState, what: 'fired' | 'resolved'): AlertState {
  return what === 'fired'
    ? { ...state, toldFired: state.episode }
    : { ...state, toldFired: state.episode, toldResolved: state.episode }
}

/** Whether nothing of it need be kept. */
export function isAtRest({ firing, crossing, episode }: AlertState): boolean {
  return !firing && crossing === null && episode === 0
}
