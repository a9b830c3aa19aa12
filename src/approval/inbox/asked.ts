/** What the inbox's address says: which questions, and which of them is open beside the list. Pure. */
import type { AskKind } from '../../domain/task/people/ask.ts'
import { cut } from '../../domain/text/cut.ts'
import type { WaitingFilter } from '../../records/task/approvals.ts'

export const SHOWN = ['mine', 'all', 'overdue', 'unsure', 'call', 'outcome', 'decided'] as const
export type Shown = (typeof SHOWN)[number]

/** How long something has waited, at least: ms by what the address says. */
export const AGES: Record<string, number> = { '1h': 3_600_000, '1d': 86_400_000, '3d': 259_200_000, '7d': 604_800_000 }

export interface Asked {
  show: Shown
  q: string
  workflow: string
  person: string
  age: string
}

/** One question of a task, as addresses name it: `tsk_…:visit:run`. */
export interface Place {
  task: string
  visit: number
  run: number
}

/** Reads a query; what is not known in it is left out. */
export function askedOf(query: (name: string) => string | null | undefined): Asked {
  const word = (name: string, most: number) => cut((query(name) ?? '').trim(), most)
  return {
    show: SHOWN.find(each => each === query('show')) ?? 'mine',
    q: word('q', 200),
    workflow: word('workflow', 40),
    person: word('person', 254),
    age: Object.hasOwn(AGES, query('age') ?? '') ? query('age')! : '',
  }
}

/** The query of this view; `over` replaces its parts, and what is empty is left out. */
export function queryOf(asked: Asked, over: Partial<Asked> & { open?: string } = {}): string {
  const given = Object.entries({ ...asked, ...over }).filter(([, value]) => value !== '')
  return new URLSearchParams(given).toString()
}

/** Whether it lists less than all of its view. */
export function isNarrowed({ q, workflow, person, age }: Asked): boolean {
  return [q, workflow, person, age].some(value => value !== '')
}

/** Which open questions the view is of. `viewer` in lower case, `now` in ms since the epoch. */
export function filterOf({ show, q, workflow, person, age }: Asked, viewer: string, now: number): WaitingFilter {
  return {
    of: show === 'mine' ? viewer : undefined,
    dueBefore: show === 'overdue' ? now : undefined,
    kind: KINDS[show],
    before: age === '' ? undefined : now - AGES[age]!,
    q: q || undefined,
    workflow: workflow || undefined,
    person: person || undefined,
  }
}

const KINDS: Partial<Record<Shown, AskKind>> = { unsure: 'unsure', call: 'call', outcome: 'outcome' }

export function placeOf(text: string | null | undefined): Place | null {
  const [, task, visit, run] = /^(tsk_[a-z0-9]{1,40}):(\d{1,6}):(\d{1,6})$/.exec(text ?? '') ?? []
  return task === undefined ? null : { task, visit: Number(visit), run: Number(run) }
}

export function placeText({ task, visit, run }: Place): string {
  return `${task}:${visit}:${run}`
}
