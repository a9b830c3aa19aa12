/** People as a task's log names them. */
import type { Actor } from '../domain/task/events.ts'

/** The person who is signed in. */
export function personActor({ email, name }: { email: string; name: string }): Actor {
  return { kind: 'person', id: email, name }
}
