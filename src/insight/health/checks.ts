/** What the state of things amounts to, check by check, with what to do next: pure. The page and monitors read the same. */
import { oneLine } from '../../approval/tell/notify.ts'
import type { Act } from '../../domain/permissions.ts'
import { duration } from '../../http/components/value/time.tsx'
import { wordsOf } from '../alerts/words.ts'
import type { Health } from './health.ts'

export type Verdict = 'ok' | 'look' | 'bad'

/** What helps: a page that is gone to, or a form that does it, for those who may. */
export type NextAct =
  | { label: string; href: string }
  | { label: string; post: string; given: Record<string, string>; needs: Act }

export interface HealthCheck {
  key: 'database' | 'alerts' | 'models' | 'turns' | 'queue' | 'held' | 'schedules' | 'deliveries' | 'index'
  title: string
  verdict: Verdict
  said: string[]
  acts: NextAct[]
}

/** All checks that can be made; what there is nothing to say of is left out. */
export function checksOf(health: Health, now: number): HealthCheck[] {
  return [
    ...alerts(health),
    database(health),
    models(health),
    ...turns(health),
    ...queue(health, now),
    ...held(health),
    ...schedules(health, now),
    ...deliveries(health),
    ...index(health),
  ]
}

/** What all of them amount to. */
export function worstOf(checks: HealthCheck[]): Verdict {
  return (['bad', 'look'] as const).find(each => checks.some(({ verdict }) => verdict === each)) ?? 'ok'
}

function database({ database: { ok, ms } }: Health): HealthCheck {
  const said = ok
    ? `D1 answered in ${ms} ms.`
    : 'D1 does not answer. Nothing that was accepted is lost: tasks keep their own log and catch up by themselves.'
  return { key: 'database', title: 'Database', verdict: ok ? 'ok' : 'bad', said: [said], acts: [] }
}

function alerts({ alerts: all }: Health): HealthCheck[] {
  if (all === null) return []
  const firing = all.filter(each => each.firing)
  const said =
    firing.length === 0
      ? ['Nothing is wrong that you are to be warned of.']
      : firing.map(each => `${wordsOf(each).title}. ${wordsOf(each).said}`)
  const acts = [{ label: 'Set thresholds', href: '/settings/alerts' }]
  return [{ key: 'alerts', title: 'Alerts', verdict: firing.length > 0 ? 'look' : 'ok', said, acts }]
}

function models({ models: { provider, usual, answers } }: Health): HealthCheck {
  const sum = (some: typeof answers) => some.reduce((total, each) => total + each.n, 0)
  const bad = sum(answers.filter(each => each.code !== null))
  const good = sum(answers.filter(each => each.code === null))
  const verdict = bad === 0 ? 'ok' : good === 0 || bad > good ? 'bad' : 'look'
  const said =
    provider === null
      ? 'No provider is set up: steps run on the built-in demo model.'
      : `The provider is ${provider}. The built-in demo model is there besides.`
  const demo: NextAct = {
    label: 'Use the demo model for new tasks',
    post: '/settings/prices/usual',
    given: { usual: 'demo' },
    needs: 'limits.change',
  }
  const acts: NextAct[] = [
    ...(provider === null ? [{ label: 'Set up a provider', href: '/settings/models' }] : []),
    ...(bad > 0
      ? [
          { label: 'Look at your providers', href: '/settings/models' },
          { label: 'Open tasks that failed', href: '/search?status=failed' },
        ]
      : []),
    ...(verdict === 'bad' && usual !== 'demo' ? [demo] : []),
  ]
  return { key: 'models', title: 'Models', verdict, said: [`${said} Steps that name no model use ${usual}.`], acts }
}

function turns({ gate }: Health): HealthCheck[] {
  const states = Object.values(gate ?? {}).map(({ state }) => state)
  if (gate !== null && states.length === 0) return []
  const isDown = gate === null || states.includes('down')
  const verdict = isDown ? 'bad' : states.some(state => state !== 'ok') ? 'look' : 'ok'
  const said =
    gate === null
      ? 'Who waits for which provider cannot be told at the moment. Nothing is lost: tasks look by themselves.'
      : 'Tasks wait here for a provider that is at its limit or away, the oldest first. Nothing fails, and no attempt is spent.'
  const acts = verdict === 'ok' ? [] : [{ label: 'Change how fast it is asked', href: '/settings/limits' }, HELD]
  return [{ key: 'turns', title: 'Turns at providers', verdict, said: [said], acts }]
}

const HELD: NextAct = { label: 'Open what is held', href: '/search?status=held' }

function queue({ backlog }: Health, now: number): HealthCheck[] {
  if (backlog === null) return []
  const { counts, late } = backlog
  const said =
    late.n === 0
      ? 'No task is late: all that is due has been taken up.'
      : `${late.n} ${late.n === 1 ? 'task is' : 'tasks are'} late, the oldest by ${duration(now - (late.oldest ?? now))}. The hourly pass wakes them.`
  const waiting = counts.find(({ status }) => status === 'waiting')
  const oldest =
    waiting === undefined ? [] : [`Whoever waits longest for a person has waited ${duration(now - waiting.oldest)}.`]
  const has = (status: string) => counts.some(each => each.status === status)
  const acts: NextAct[] = [
    ...(late.n > 0 ? [{ label: 'Wake them now', post: '/health/wake', given: {}, needs: 'tasks.act' as const }] : []),
    ...(waiting === undefined ? [] : [{ label: 'Open what waits longest', href: '/approvals?show=all' }]),
    ...(has('stuck') || has('failed')
      ? [{ label: 'Open what failed or is stuck', href: '/search?status=trouble' }]
      : []),
  ]
  return [{ key: 'queue', title: 'Queue', verdict: late.n > 0 ? 'bad' : 'ok', said: [said, ...oldest], acts }]
}

/** What helps with what tasks are held for, by the words of its sentence. */
const HELPS: [says: RegExp, act: NextAct][] = [
  [/budget/i, { label: 'Raise the budget', href: '/settings/limits' }],
  [/open decision|decisions? open|pile/i, { label: 'Decide what waits', href: '/approvals?show=all' }],
  [/set up|configured|API key/i, { label: 'Set up a provider', href: '/settings/models' }],
  [/paused/i, { label: 'Open your workflows', href: '/workflows' }],
]

function held({ backlog }: Health): HealthCheck[] {
  if (backlog === null || backlog.held.length === 0) return []
  const said = backlog.held.map(({ why, n }) => `${n} ${n === 1 ? 'task is' : 'tasks are'} held: ${oneLine(why)}`)
  const helps = HELPS.filter(([says]) => backlog.held.some(({ why }) => says.test(why))).map(([, act]) => act)
  return [{ key: 'held', title: 'What is held', verdict: 'look', said, acts: [...helps, HELD] }]
}

function schedules({ lateSchedules }: Health, now: number): HealthCheck[] {
  if (lateSchedules.length === 0) return []
  const said = lateSchedules.map(
    ({ name, dueAt }) => `${oneLine(name)} should have started ${duration(now - dueAt)} ago.`,
  )
  const acts = lateSchedules.flatMap(({ id, workflow, name }): NextAct[] => [
    { label: `Run ${oneLine(name)} now`, post: `/intakes/${id}/run`, given: {}, needs: 'tasks.act' },
    { label: `Open ${oneLine(name)}`, href: `/workflows/${workflow}/intakes/${id}` },
  ])
  return [{ key: 'schedules', title: 'Schedules', verdict: 'bad', said, acts }]
}

function deliveries({ undelivered }: Health): HealthCheck[] {
  if (undelivered === null) return []
  const { channels, trying, givenUp, callbacks } = undelivered
  const ofTeam = channels.filter(({ person }) => person === null)
  const own = channels.length - ofTeam.length
  const said = [
    // Whose own a channel is, and what a message was of, is nobody else's business.
    ...ofTeam.map(({ host, error }) => `${host} takes nothing: ${oneLine(error ?? '')}`),
    ...(own > 0 ? [`${own} of people’s own channels ${own === 1 ? 'takes' : 'take'} nothing.`] : []),
    ...(trying > 0 ? [`${trying} ${trying === 1 ? 'message is' : 'messages are'} tried again.`] : []),
    ...[...new Set(givenUp.map(({ error }) => `A message was given up: ${oneLine(error ?? '')}`))],
    ...callbacks.map(
      ({ name, trying: again, failed }) => `Callbacks of ${oneLine(name)}: ${failed} given up, ${again} tried again.`,
    ),
  ]
  const acts: NextAct[] = [
    ...ofTeam.map(
      ({ id, host }): NextAct => ({
        label: `Test ${host}`,
        post: `/settings/notifications/channels/${id}/test`,
        given: {},
        needs: 'limits.change',
      }),
    ),
    ...givenUp.slice(0, 1).map(
      ({ id }): NextAct => ({
        label: 'Send the newest again',
        post: `/settings/notifications/messages/${id}/send`,
        given: {},
        needs: 'limits.change',
      }),
    ),
    ...(channels.length + trying + givenUp.length > 0
      ? [{ label: 'Open all messages', href: '/settings/notifications#messages' }]
      : []),
    ...callbacks.map(({ workflow, name, failed }) => ({
      label: `Open callbacks of ${oneLine(name)}`,
      href: `/workflows/${workflow}/callbacks?status=${failed > 0 ? 'failed' : 'pending'}`,
    })),
  ]
  const isBad = givenUp.length > 0 || callbacks.some(({ failed }) => failed > 0)
  const verdict = isBad ? 'bad' : said.length > 0 ? 'look' : 'ok'
  return [
    {
      key: 'deliveries',
      title: 'Messages and callbacks',
      verdict,
      said: said.length > 0 ? said : ['All that was to be told has arrived, or is on its way.'],
      acts,
    },
  ]
}

/** Two seconds is what lists are said to trail by. */
const LATE_MS = 10_000

function index({ flush, database: { ok } }: Health): HealthCheck[] {
  if (!ok) return []
  const { asked, behind, refused } = flush
  const most = Math.max(0, ...behind.map(each => each.ms))
  const lag =
    behind.length === 0
      ? `The ${asked} tasks that changed last are wholly in the lists.`
      : `${behind.length} of the ${asked} tasks that changed last are not wholly in the lists yet; the longest waits ${duration(most)}.`
  const said = [
    lag,
    ...refused.map(
      ({ workflow, why }) =>
        `A task in ${oneLine(workflow)} cannot be listed: ${oneLine(why)}. The task itself goes on.`,
    ),
  ]
  const acts = refused.slice(0, 3).map(({ task }, nth) => ({
    label: `Open the ${['first', 'second', 'third'][nth]} of them`,
    href: `/tasks/${task}`,
  }))
  return [
    {
      key: 'index',
      title: 'Lists and the audit log',
      verdict: refused.length > 0 ? 'bad' : most > LATE_MS ? 'look' : 'ok',
      said,
      acts,
    },
  ]
}
