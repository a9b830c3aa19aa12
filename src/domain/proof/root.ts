/** A root: what of a team's audit was there, task by task, and what the team itself did, in one text that is hashed and signed. */
import { digestOfFacts, linkText, type Proven } from './link.ts'

/** A task's rows from `first` to `last`, the time and the digest of the last, and how each row's begins, one after the other. */
export type TaskLine = [task: string, first: number, last: number, at: number, head: string, beginnings: string]

/** What a root needs to know of a row. */
export interface RootRow {
  at: number
  task: string
  seq: number
  digest: string
}

/** The acts of the team from `first` on: the link of the one before, and those of each. */
export interface ActLine {
  first: number
  before: string
  links: string[]
}

export interface RootBody {
  v: 1
  team: string
  n: number
  /** When it was made, in ms since the epoch. */
  at: number
  /** Hours since the epoch: the rows that came from `from` until before `to`. */
  from: number
  to: number
  /** The digest of the root before; '': it is the first. */
  before: string
  tasks: TaskLine[]
  acts: ActLine | null
}

/** What is signed of a root and of a file's end. */
export const signedText = (kind: 'root' | 'end', digest: string) => `baton-audit-${kind}-1\n${digest}`

/** What is signed of a key by the one after it. */
export const endorsedText = (kid: string, key: string) => `baton-audit-key-1\n${kid}\n${key}`

/** How much of a row's digest a line has: enough to say which of its rows is another. */
const BEGINNING = 6

/** Gathers rows, in whatever order they come, into a line for each task. */
export class Lines {
  readonly #tasks = new Map<string, RootRow[]>()

  add({ at, task, seq, digest }: RootRow): void {
    const known = this.#tasks.get(task)
    if (known === undefined) this.#tasks.set(task, [{ at, task, seq, digest }])
    else known.push({ at, task, seq, digest })
  }

  /** The lines, by task. */
  all(): TaskLine[] {
    const tasks = [...this.#tasks].sort(([a], [b]) => (a < b ? -1 : 1))
    return tasks.map(([task, rows]) => {
      rows.sort((a, b) => a.seq - b.seq)
      const last = rows.at(-1)!
      const beginnings = rows.map(({ digest }) => digest.slice(0, BEGINNING)).join('')
      return [task, rows[0]!.seq, last.seq, last.at, last.digest, beginnings]
    })
  }
}

/** How many rows a line is of. */
export const rowsOfLine = ([, , , , , beginnings]: TaskLine) => beginnings.length / BEGINNING

/** An act of the team, with the digest that it was written with. */
export type ActRow = Proven & { facts: string; digest: string }

/** Links acts to each other, in the order that D1 took them; null: there are none. */
export function actLine(before: string, acts: ActRow[], sha256: (text: string) => string): ActLine | null {
  if (acts.length === 0) return null
  const links: string[] = []
  for (const act of acts) {
    const facts = digestOfFacts(act.facts, sha256)
    links.push(sha256(linkText(links.at(-1) ?? before, act, facts, act.digest)))
  }
  return { first: acts[0]!.seq, before, links }
}
