/** The page of health: each check with its verdict, what is behind it, and what to do next. */
import type { Child } from 'hono/jsx'
import { may } from '../../domain/permissions.ts'
import type { Status } from '../../domain/task/state.ts'
import { STATE_LABEL } from '../../http/components/badge.tsx'
import { Button, ButtonLink } from '../../http/components/button.tsx'
import { Icon } from '../../http/components/icon.tsx'
import { duration, Time } from '../../http/components/value/time.tsx'
import { MOST_OPEN } from '../../records/health.ts'
import { Insight } from '../frame.tsx'
import { AlertList } from './alerts-view.tsx'
import { checksOf, type HealthCheck, type NextAct, type Verdict } from './checks.ts'
import type { Health } from './health.ts'

interface View {
  health: Health
  now: number
  person: { role: string }
}

export const HealthPage = (view: View) => (
  <Insight at="health">
    <header class="page-head">
      <div>
        <h1>Health</h1>
        <p>
          As of this moment. Reload to look again. Monitors ask <code>/api/v1/status</code> with a key.
        </p>
      </div>
    </header>
    <div class="stack">
      {checksOf(view.health, view.now).map(check => (
        <Check check={check} person={view.person}>
          {MORE[check.key]?.(view)}
        </Check>
      ))}
    </div>
  </Insight>
)

const STATE: Record<Verdict, { state: Status; icon: 'check' | 'alert' | 'failed'; word: string }> = {
  ok: { state: 'done', icon: 'check', word: 'Fine' },
  look: { state: 'waiting', icon: 'alert', word: 'Worth a look' },
  bad: { state: 'failed', icon: 'failed', word: 'Not working' },
}

const Check = ({ check, person, children }: { check: HealthCheck; person: View['person']; children?: Child }) => {
  const { key, title, verdict, said, acts } = check
  const { state, icon, word } = STATE[verdict]
  return (
    <section class="panel stack-tight" id={key} aria-labelledby={`${key}-title`}>
      <h2 class="row" id={`${key}-title`}>
        {title}
        <span class="state state--pill" data-state={state}>
          <Icon name={icon} />
          {word}
        </span>
      </h2>
      {/* Its list says more. */}
      {(key === 'alerts' && verdict !== 'ok' ? [] : said).map(sentence => (
        <p hx-ignore>{sentence}</p>
      ))}
      {children}
      <Acts acts={acts} person={person} />
    </section>
  )
}

const Acts = ({ acts, person }: { acts: NextAct[]; person: View['person'] }) => {
  const own = acts.filter(act => !('post' in act) || may(person, act.needs))
  if (own.length === 0) return null
  return (
    <div class="row">
      {own.map(act =>
        'post' in act ? (
          <form method="post" action={act.post}>
            {Object.entries(act.given).map(([name, value]) => (
              <input type="hidden" name={name} value={value} />
            ))}
            <Button size="small">{act.label}</Button>
          </form>
        ) : (
          <ButtonLink size="small" href={act.href}>
            {act.label}
          </ButtonLink>
        ),
      )}
    </div>
  )
}

/** What stands below the sentences of a check. */
const MORE: Partial<Record<HealthCheck['key'], (view: View) => Child>> = {
  alerts: ({ health, now, person }) => (
    <AlertList alerts={health.alerts ?? []} now={now} canMute={may(person, 'tasks.act')} />
  ),
  models: view => <Models {...view} />,
  turns: view => <Turns {...view} />,
  queue: view => <Queue {...view} />,
}

const Head = ({ names }: { names: string[] }) => (
  <thead>
    <tr>
      {names.map((name, nth) => (
        <th scope="col" class={nth === 0 || name === 'State' ? undefined : 'number'}>
          {name}
        </th>
      ))}
    </tr>
  </thead>
)

const Models = ({ health: { models }, now }: View) =>
  models.answers.length === 0 ? (
    <p class="secondary">No call ended in the last hour.</p>
  ) : (
    <table class="table">
      <Head names={['In the last hour', 'Calls', 'Last']} />
      <tbody>
        {models.answers.map(({ model, code, n, last }) => (
          <tr>
            <th scope="row" hx-ignore>
              {model ?? 'without a model'}
              {code === null ? '' : `: ${code}`}
            </th>
            <td class="number">{n}</td>
            <td class="number">
              <Time at={last} now={now} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )

const PROVIDER_STATE = { ok: 'Fine', limited: 'Limited', down: 'Does not answer' } as const

/** Providers whose calls have to wait for their turn, or might. */
const Turns = ({ health: { gate }, now }: View) => {
  const providers = Object.entries(gate ?? {})
  if (providers.length === 0) return null
  return (
    <div class="table-scroll">
      <table class="table">
        <Head names={['Provider', 'State', 'Calls under way', 'Tasks waiting', 'Longest']} />
        <tbody>
          {providers.map(([name, { state, since, inFlight, limit, waiting, oldest, retryAt }]) => (
            <tr>
              <th scope="row">{name}</th>
              <td>
                {PROVIDER_STATE[state]}
                {since !== null && (
                  <>
                    {' '}
                    since <Time at={since} now={now} />
                  </>
                )}
                {retryAt !== null && `; tried again in ${duration(retryAt - now)}`}
              </td>
              <td class="number">{limit === null ? inFlight : `${inFlight} of ${limit}`}</td>
              <td class="number">{waiting}</td>
              <td class="number">{oldest === null ? '–' : <Time at={oldest} now={now} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const Queue = ({ health: { backlog }, now }: View) => {
  const counts = backlog?.counts ?? []
  if (counts.length === 0) return <p class="secondary">No task is open.</p>
  return (
    <>
      <table class="table">
        <Head names={['Open tasks', 'How many', 'Oldest in its step']} />
        <tbody>
          {counts.map(({ status, n, oldest }) => (
            <tr>
              <th scope="row">
                <a href={`/search?status=${status}`}>{STATE_LABEL[status as Status] ?? status}</a>
              </th>
              <td class="number">{n}</td>
              <td class="number">
                <Time at={oldest} now={now} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {counts.reduce((total, { n }) => total + n, 0) >= MOST_OPEN && (
        <p class="secondary">There are more: the first {MOST_OPEN} were counted.</p>
      )}
    </>
  )
}
