/** What can be gone to from anywhere: pages, boards, agents, tasks, and new tasks; found by words in any order. */
import type { Status } from '../domain/task/state.ts'
import type { IconName } from '../http/components/icon.tsx'
import { agentsNamed, tasksTitled, wordsOf, workflowsNamed } from '../records/search.ts'

export interface Found {
  label: string
  href: string
  icon: IconName
  /** What it is, or where. */
  hint: string
  /** A task's. */
  status?: Status
}

export interface Seeker {
  team: string
  /** Viewers start nothing. */
  canAct: boolean
  /** Local mode has an outbox. */
  local: boolean
}

const EACH = 6
/** Words that say what to do, not with what. */
const DOING = ['new', 'task', 'in', 'board', 'agent', 'go', 'to']

/** Everything that fits the text; without one, where people go most. */
export async function search(db: D1Database, seeker: Seeker, text: string): Promise<Found[]> {
  const words = wordsOf(text)
  const names = words.filter(word => !DOING.some(doing => doing.startsWith(word)))
  const { team } = seeker
  const [workflows, agents, tasks] = await Promise.all([
    workflowsNamed(db, team, names, EACH),
    names.length > 0 ? agentsNamed(db, team, names, EACH) : [],
    names.length > 0 ? tasksTitled(db, team, words, EACH) : [],
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
  const fits = ({ label, hint }: Found) => words.every(word => `${label} ${hint}`.toLowerCase().includes(word))
  return [...found.filter(fits), ...tasks.map(taskFound)]
}

function taskFound({ id, title, status, workflowName }: Awaited<ReturnType<typeof tasksTitled>>[number]): Found {
  return { label: title, href: `/tasks/${id}`, icon: 'flag', hint: workflowName, status }
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
