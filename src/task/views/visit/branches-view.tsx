/** The runs of a visit side by side; on a phone one above another. Of very many those that need a look are shown whole. */
import { StateMark } from '../../../http/components/badge.tsx'
import { Button } from '../../../http/components/button.tsx'
import type { RunStanding, RunStory, Visit } from '../../page/visit-story.ts'
import { wholeOf } from '../parts.tsx'
import type { Related } from '../task-page.ts'
import { Run } from './run-view.tsx'

/** Up to so many runs are shown with all that happened in them. */
const WHOLE = 12

interface BranchesProps {
  visit: Visit
  task: string
  related: Related
  to: number
  now: number
  /** Whether the reader may begin one again. */
  mayAct: boolean
}

export const Branches = (props: BranchesProps) => {
  const { runs } = props.visit
  const done = runs.filter(run => run.standing === 'done').length
  const isMany = runs.length > WHOLE
  const shown = isMany ? runs.filter(needsALook).slice(0, WHOLE) : runs
  return (
    <section class="stack-tight" aria-label={`${runs.length} side by side`}>
      {/* The drawer of any page may show them; few tasks have any. */}
      <link rel="stylesheet" href="/css/runs.css" />
      <p class="small">
        <strong>
          {done} of {runs.length}
        </strong>{' '}
        done{othersOf(runs)}
      </p>
      {isMany && <Items {...props} />}
      <div class="branches">
        {shown.map(run => (
          <Branch run={run} {...props} />
        ))}
      </div>
    </section>
  )
}

function needsALook({ standing }: RunStory): boolean {
  return ['failed', 'waiting', 'held', 'running'].includes(standing)
}

const WORDS: Record<RunStanding, string> = {
  queued: 'in line',
  running: 'at work',
  waiting: 'waiting',
  held: 'held',
  done: 'done',
  failed: 'failed',
  cut: 'no longer needed',
}

function othersOf(runs: RunStory[]): string {
  const told = (['failed', 'running', 'waiting', 'held', 'queued', 'cut'] as const).flatMap(standing => {
    const count = runs.filter(run => run.standing === standing).length
    return count === 0 ? [] : [`${count} ${WORDS[standing]}`]
  })
  return told.map(text => `, ${text}`).join('')
}

const MARKS = {
  running: 'running',
  waiting: 'waiting',
  held: 'held',
  done: 'done',
  failed: 'failed',
  cut: 'cancelled',
} as const

const Standing = ({ standing }: Pick<RunStory, 'standing'>) =>
  standing === 'queued' ? (
    <span class="secondary small">{WORDS.queued}</span>
  ) : (
    <StateMark status={MARKS[standing]}>{WORDS[standing]}</StateMark>
  )

const Branch = ({ run, ...props }: BranchesProps & { run: RunStory }) => {
  const { visit, task, mayAct } = props
  const isOpen = mayAct && visit.endedAt === null
  const mayRetry = isOpen && (run.standing === 'failed' || run.standing === 'held')
  const path = `/tasks/${task}/retry`
  return (
    <article class="branch stack-tight" data-run={run.id} data-standing={run.standing}>
      <header class="row row-between">
        <h2 class="branch-name" hx-ignore>
          {run.name}
        </h2>
        <Standing standing={run.standing} />
      </header>
      {mayRetry && (
        <form method="post" action={path} hx-post={path} hx-target="#task-panel" hx-swap="outerHTML">
          <input type="hidden" name="visit" value={String(visit.n)} />
          <input type="hidden" name="run" value={String(run.id)} />
          <Button size="small" icon="retry">
            <span hx-ignore>Retry {run.name} alone</span>
          </Button>
        </form>
      )}
      <Run run={run} {...props} />
      {isOpen && run.standing === 'waiting' && run.asks.length > 0 && (
        <p class="small">
          <a href={`/approvals/${task}?visit=${visit.n}&run=${run.id}`}>Open the question</a>
        </p>
      )}
    </article>
  )
}

/** Every run as a number in its state; what it came to is one click away. */
const Items = ({ visit, task }: BranchesProps) => (
  <ol class="items" aria-label="All of them">
    {visit.runs.map(run => {
      const last = run.attempts.at(-1)
      const seq = last?.seq ?? run.promptSeq ?? run.asks.at(-1)?.seq ?? null
      const label = `${run.name}: ${WORDS[run.standing]}`
      return (
        <li class="item" data-standing={run.standing} title={label}>
          {seq === null ? (
            <span class="item-n">
              {run.id}
              <span class="visually-hidden"> {WORDS[run.standing]}</span>
            </span>
          ) : (
            <a class="item-n" href={wholeOf(task, seq)} aria-label={label}>
              {run.id}
            </a>
          )}
        </li>
      )
    })}
  </ol>
)
