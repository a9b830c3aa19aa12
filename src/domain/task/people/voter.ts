/** Who counts as one voter. */
import type { Actor } from '../events.ts'

/** Names a person, key or link holder as a reader and a vote know them. A person and their link are one voter. */
export function voterOf(actor: Actor): string {
  switch (actor.kind) {
    case 'system':
      return 'system'
    case 'key':
      return `key:${actor.id}`
    default:
      return actor.id.toLowerCase()
  }
}
