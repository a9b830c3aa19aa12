/** Changes an intake. Of two changes at one moment the second is made to what the first one wrote, so that neither undoes the other. */
import type { Read } from '../http/request/body.ts'
import { type IntakeRow, intakeById } from '../records/intake/intakes.ts'

/** How often a change is made anew when another was written first: of many at once each round lets one pass at least. */
const TRIES = 32
const PAUSE_MS = 20

/** Makes the change and writes it; `write` says whether the intake was still as `make` was given it. */
export async function changeIntake<T>(
  db: D1Database,
  row: IntakeRow,
  make: (row: IntakeRow) => Promise<Read<T>>,
  write: (before: IntakeRow, made: T) => Promise<boolean>,
): Promise<Read<T>> {
  let before: IntakeRow | null = row
  for (let attempt = 0; attempt < TRIES && before !== null; attempt++) {
    const made: Read<T> = await make(before)
    if (!made.ok || (await write(before, made.value))) return made
    await scheduler.wait(Math.random() * PAUSE_MS)
    before = await intakeById(db, row.team, row.id)
  }
  if (before === null) return { ok: false, problem: { kind: 'not_found' } }
  const message = 'Others changed this intake all the while.'
  return { ok: false, problem: { kind: 'conflict', code: 'changed_meanwhile', message } }
}
