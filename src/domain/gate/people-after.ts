/** Whom a step leads straight to: whose decisions pile up when it makes drafts. */
import { type Definition, type Step, stepOf } from '../workflow/definition.ts'

/** As the assignments name them; empty where it may lead elsewhere, or a template says whom. */
export function peopleAfter(definition: Definition, step: Step): string[] {
  const assigned = (step.handoffs ?? []).map(({ to }) => stepOf(definition, to)?.human?.assign ?? [])
  if (assigned.some(some => some.length === 0)) return []
  const people = [...new Set(assigned.flat())]
  return people.some(person => person.includes('{{')) ? [] : people
}
