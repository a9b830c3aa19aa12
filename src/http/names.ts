/** How pages name those who do things. */
import type { Actor } from '../domain/task/events.ts'

/** A person by name, else address; a link holder by the address that the link went to; a key as a key. */
export function actorName(actor: Actor): string {
  switch (actor.kind) {
    case 'system':
      return 'Baton'
    case 'key':
      return `the key ${actor.name ?? actor.id}`
    case 'person':
      return actor.name ?? actor.id
    case 'link':
      return `${actor.id} (by link)`
  }
}
