/** `/health`: the state of what the team's work rests on, in words. Programs ask /api/v1/health. */
import { Hono } from 'hono'
import type { Child } from 'hono/jsx'
import type { Status } from '../domain/task/state.ts'
import { STATE_LABEL } from '../http/components/badge.tsx'
import { Icon } from '../http/components/icon.tsx'
import { duration, Time } from '../http/components/value/time.tsx'
import { type PageEnv, page } from '../http/page/page.tsx'
import { MOST_OPEN } from '../records/health.ts'
import { Insight } from './frame.tsx'
import { type Health, healthOf } from './health.ts'

export const healthPages = new Hono<PageEnv>()

healthPages.get('/health', async c => {
  const now = Date.now()
  const health = await healthOf(c.env, c.get('person').team.id, now)
  return page(c, { title: 'Health', active: 'insight' }, <HealthPage health={health} now={now} />)
})

const HealthPage = ({ health, now }: { health: Health; now: number }) => (
  <Insight at="health">
    <header class="page-head">
      <div>
        <h1>Health</h1>
        <p>As of this moment. Reload to look again.</p>
      </div>
    </header>
    <div class="stack">
      <Database health={health} />
      <Models health={health} now={now} />
      <Turns health={health} now={now} />
      <Queue health={health} now={now} />
      <Index health={health} />
    </div>
  </Insight>
)

type Verdict = 'ok' | 'look' | 'bad'
const STATE: Record<Verdict, { state: Status; icon: 'check' | 'alert' | 'failed'; word: string }> = {
  ok: { state: 'done', icon: 'check', word: 'Fine' },
  look: { state: 'waiting', icon: 'alert', word: 'Worth a look' },
  bad: { state: 'failed', icon: 'failed', word: 'Not working' },
}

const Check = ({ title, verdict, children }: { title: string; verdict: Verdict; children?: Child }) => {
  const { state, icon, word } = STATE[verdict]
  return (
    <section class="panel stack-tight">
      <h2 class="row">
        {title}
        <span class="state state--pill" data-state={state}>
          <Icon name={icon} />
          {word}
        </span>
      </h2>
      {children}
    </section>
  )
}

const Database = ({ health: { database } }: { health: Health }) => (
  <Check title="Database" verdict={database.ok ? 'ok' : 'bad'}>
    <p>
      {database.ok
        ? `D1 answered in ${database.ms} ms.`
        : 'D1 does not answer. Nothing that was accepted is lost: tasks keep their own log and catch up by themselves.'}
    </p>
  </Check>
)

const Models = ({ health: { models }, now }: { health: Health; now: number }) => {
  const failed = models.answers.filter(each => each.code !== null)
  const answered = models.answers.filter(each => each.code === null)
  const sum = (some: typeof failed) => some.reduce((total, each) => total + each.n, 0)
  const [bad, good] = [sum(failed), sum(answered)]
  const verdict = bad === 0 ? 'ok' : good === 0 || bad > good ? 'bad' : 'look'
  return (
    <Check title="Models" verdict={verdict}>
      <p>
        {models.provider === null
          ? 'No provider is set up: steps run on the built-in demo model.'
          : `The provider is ${models.provider}. The built-in demo model is there besides.`}{' '}
        Steps that name no model use <code>{models.usual}</code>.
      </p>
      {models.answers.length === 0 ? (
        <p class="secondary">No call ended in the last hour.</p>
      ) : (
        <table class="table">
          <thead>
            <tr>
              <th scope="col">In the last hour</th>
              <th scope="col" class="number">
                Calls
              </th>
              <th scope="col" class="number">
                Last
              </th>
            </tr>
          </thead>
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
      )}
    </Check>
  )
}

const PROVIDER_STATE = { ok: 'Fine', limited: 'Limited', down: 'Does not answer' } as const

/** Providers whose calls have to wait for their turn, or might. */
const Turns = ({ health: { gate }, now }: { health: Health; now: number }) => {
  const providers = Object.entries(gate ?? {})
  if (gate !== null && providers.length === 0) return null
  const isDown = providers.some(([, { state }]) => state === 'down')
  const verdict = gate === null || isDown ? 'bad' : providers.some(([, { state }]) => state !== 'ok') ? 'look' : 'ok'
  return (
    <Check title="Turns at providers" verdict={verdict}>
      <p>
        {gate === null
          ? 'Who waits for which provider cannot be told at the moment. Nothing is lost: tasks look by themselves.'
          : 'Tasks wait here for a provider that is at its limit or away, the oldest first. Nothing fails, and no attempt is spent.'}
      </p>
      {providers.length > 0 && (
        <table class="table">
          <thead>
            <tr>
              <th scope="col">Provider</th>
              <th scope="col">State</th>
              <th scope="col" class="number">
                Calls under way
              </th>
              <th scope="col" class="number">
                Tasks waiting
              </th>
              <th scope="col" class="number">
                Longest
              </th>
            </tr>
          </thead>
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
      )}
    </Check>
  )
}

const Queue = ({ health: { backlog }, now }: { health: Health; now: number }) => {
  if (backlog === null) return null
  const { counts, late, held } = backlog
  const verdict = late.n > 0 ? 'bad' : held.length > 0 ? 'look' : 'ok'
  return (
    <Check title="Queue" verdict={verdict}>
      <p>
        {late.n === 0
          ? 'No task is late: all that is due has been taken up.'
          : `${late.n} ${late.n === 1 ? 'task is' : 'tasks are'} late, the oldest by ${duration(now - (late.oldest ?? now))}. The hourly pass wakes them.`}
      </p>
      {counts.length === 0 ? (
        <p class="secondary">No task is open.</p>
      ) : (
        <table class="table">
          <thead>
            <tr>
              <th scope="col">Open tasks</th>
              <th scope="col" class="number">
                How many
              </th>
              <th scope="col" class="number">
                Oldest in its step
              </th>
            </tr>
          </thead>
          <tbody>
            {counts.map(({ status, n, oldest }) => (
              <tr>
                <th scope="row">{STATE_LABEL[status as Status] ?? status}</th>
                <td class="number">{n}</td>
                <td class="number">
                  <Time at={oldest} now={now} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {counts.reduce((total, { n }) => total + n, 0) >= MOST_OPEN && (
        <p class="secondary">There are more: the first {MOST_OPEN} were counted.</p>
      )}
      {held.map(({ why, n, oldest }) => (
        <p hx-ignore>
          {n} held since <Time at={oldest} now={now} />: {why}
        </p>
      ))}
    </Check>
  )
}

/** Two seconds is what lists are said to trail by. */
const LATE_MS = 10_000

const Index = ({ health: { flush, database } }: { health: Health }) => {
  if (!database.ok) return null
  const { asked, behind, refused } = flush
  const most = Math.max(0, ...behind.map(each => each.ms))
  const verdict = refused.length > 0 ? 'bad' : most > LATE_MS ? 'look' : 'ok'
  return (
    <Check title="Lists and the audit log" verdict={verdict}>
      <p>
        {behind.length === 0
          ? `The ${asked} tasks that changed last are wholly in the lists.`
          : `${behind.length} of the ${asked} tasks that changed last are not wholly in the lists yet; the longest waits ${duration(most)}.`}
      </p>
      {refused.map(({ workflow, task, why }) => (
        <p hx-ignore>
          <a href={`/tasks/${task}`}>{task}</a> in {workflow} cannot be listed: {why}. The task itself goes on.
        </p>
      ))}
    </Check>
  )
}
