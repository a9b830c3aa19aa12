/** Tests of a limit by the minute: its windows end with the clock's minutes, so a test must not straddle two of them. */

const WINDOW_MS = 60_000
/** Longer than any test needs for its few dozen requests, on a busy machine too. */
const ROOM_MS = 12_000

/** Waits, should the minute be about to end, for the next one: what follows within twelve seconds is counted together. */
export async function oneWindow(): Promise<void> {
  const left = WINDOW_MS - (Date.now() % WINDOW_MS)
  if (left < ROOM_MS) await new Promise(done => setTimeout(done, left + 50))
}
