/** What can be gone to from anywhere: pages, boards, agents, tasks, and new tasks; found by words in any order. */
import { STATUSES, type Status } from '../../domain/task/state.ts'
import type { IconName } from '../../http/components/icon.tsx'
import { type Page, readCursor } from '../../records/cursor.ts'
import { workflowNames } from '../../records/definitions/workflows.ts'
import { agentsNamed, tasksTitled, wordsOf, workflowsNamed } from '../../records/search.ts'
import { type FoundTask, passagesOf, type TaskSearch, tasksFound, tokensOf } from '../../records/task/searched.ts'
import { listTasks, type TaskFilter } from '../../records/task/tasks.ts'

export interface Found {
  label: string
  href: string
  icon: IconName
  /** What it is, or where. */
  hint: string
}

export interface Seeker {
  team: string
  /** Viewers start nothing. */
  canAct: boolean
  /** Local mode has an outbox. */
  local: boolean
}

/** A task with where its words were found. */
export type SeenTask = FoundTask & { passage: string }

const EACH = 6
/** Words that say what to do, not with what. */
const DOING = ['new', 'task', 'in', 'board', 'agent', 'go', 'to']

/** Boards, agents, pages and new tasks that fit the text; without one, where people go most. */
export async function placesFound(db: D1Database, seeker: Seeker, text: string): Promise<Found[]> {
  const words = wordsOf(text)
  const names = words.filter(word => !DOING.some(doing => doing.startsWith(word)))
  const { team } = seeker
  const [workflows, agents] = await Promise.all([
    workflowsNamed(db, team, names, EACH),
    names.length > 0 ? agentsNamed(db, team, names, EACH) : [],
  ])
  const found: Found[] = [
    ...workflows.map(
      ({ id, name }): Found => ({
        label: name,
        href: `/workflows/${id}`,
        icon: 'columns',
        hint: 'Board',
      }),
    ),
    ...(seeker.canAct ? workflows : [])
      .filter(({ status }) => status === 'active')
      .map(
        ({ id, name }): Found => ({
          label: `New task in ${name}`,
          href: `/workflows/${id}/tasks/new`,
          icon: 'plus',
          hint: 'Do',
        }),
      ),
    ...pagesOf(seeker),
    ...agents.map(({ key, name }): Found => ({ label: name, href: `/agents/${key}`, icon: 'agent', hint: 'Agent' })),
  ]
  return found.filter(({ label, hint }) => words.every(word => `${label} ${hint}`.toLowerCase().includes(word)))
}

/** What of a text names a status (`status:failed`, `is:failed`), and the rest of it, in which to look for words. */
export function readSearch(text: string): { rest: string; status?: Status } {
  const named = /(?:^|\s)(?:status|is):(\w+)(?=\s|$)/i.exec(text)
  const status = STATUSES.find(each => each === named?.[1]?.toLowerCase())
  return status === undefined || named === null ? { rest: text } : { rest: text.replace(named[0], ' ').trim(), status }
}

/** The first few tasks for the palette: by their words, else by a part of a word in a recent title. */
export async function tasksFor(db: D1Database, team: string, text: string): Promise<FoundTask[]> {
  const { rest, status } = readSearch(text)
  const { items } = await tasksFound(db, team, { words: tokensOf(rest), status }, null, EACH)
  return items.length > 0 || status !== undefined ? items : tasksTitled(db, team, wordsOf(rest), EACH)
}

/** What may have happened to a task, by which tasks are filtered: its name, and its bit in the index. */
export const TOLD = {
  unsure: { name: 'A model was unsure', bit: 1 },
  decided: { name: 'People decided', bit: 2 },
  edited: { name: 'Somebody edited', bit: 4 },
} as const
export type Told = keyof typeof TOLD

/** A page of tasks that fit these filters, newest first, where no words are looked for. */
export async function tasksFiltered(
  db: D1Database,
  team: string,
  filter: Omit<TaskFilter, 'told'> & { told?: Told },
  cursor: string | null,
): Promise<Page<SeenTask>> {
  const told = filter.told === undefined ? undefined : TOLD[filter.told].bit
  const [{ items, next }, names] = await Promise.all([
    listTasks(db, team, { ...filter, told }, cursor === null ? null : readCursor(cursor)),
    workflowNames(db, team).all<{ id: string; name: string }>(),
  ])
  const nameOf = new Map(names.results.map(({ id, name }) => [id, name]))
  const seen = items.map(task => ({
    ...task,
    status: task.status as Status,
    workflowName: nameOf.get(task.workflow) ?? '',
    passage: '',
  }))
  return { items: seen, next }
}

/** A page of tasks with where their words were found. */
export async function tasksSeen(
  db: D1Database,
  team: string,
  search: TaskSearch,
  cursor: string | null,
  size: number,
): Promise<Page<SeenTask>> {
  const { items, next } = await tasksFound(db, team, search, cursor, size)
  const passages = await passagesOf(db, team, search, items)
  return { items: items.map(task => ({ ...task, passage: passages.get(task.n) ?? '' })), next }
}

function pagesOf({ canAct, local }: Seeker): Found[] {
  const page = (label: string, href: string, icon: IconName): Found => ({ label, href, icon, hint: 'Page' })
  return [
    page('Workflows', '/workflows', 'workflow'),
    page('Approvals', '/approvals', 'inbox'),
    page('Agents', '/agents', 'agent'),
    page('Tools', '/tools', 'tool'),
    ...(canAct ? [page('New workflow', '/workflows/new', 'plus'), page('Templates', '/templates', 'file')] : []),
    page('Metrics', '/metrics', 'activity'),
    page('Audit log', '/audit', 'history'),
    page('Health', '/health', 'shield'),
    page('Settings: people', '/settings/people', 'users'),
    page('Settings: keys', '/settings/keys', 'key'),
    ...(local ? [page('Outbox', '/outbox', 'mail')] : []),
  ]
}
