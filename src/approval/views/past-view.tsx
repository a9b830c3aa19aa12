/** What led to a question: each visit before it, with who did it, what they saw, why, and what it cost. */
import type { Child } from 'hono/jsx'
import type { Json } from '../../domain/json/json.ts'
import { isBlobRef } from '../../domain/task/context.ts'
import type { Stored } from '../../domain/task/log/blob.ts'
import type { AskKind } from '../../domain/task/people/ask.ts'
import { callName } from '../../domain/workflow/call-choices.ts'
import { buttonName } from '../../domain/workflow/consequence.ts'
import { HandlerBadge } from '../../http/components/badge.tsx'
import { Money } from '../../http/components/value/money.tsx'
import { SentCall } from '../../http/components/value/sent-call.tsx'
import { StoredValue } from '../../http/components/value/stored-value.tsx'
import { duration, Time } from '../../http/components/value/time.tsx'
import { actorName } from '../../http/names.ts'
import { PlainText } from '../../http/page/markdown.tsx'
import { standingWords } from '../../task/page/call-story.ts'
import type { Attempt, CallStory, RunStory, VoteStory } from '../../task/page/visit-story.ts'
import type { PastVisit } from '../question/question.ts'

export const PastVisits = ({ visits, now }: { visits: PastVisit[]; now: number }) => (
  <ol class="past">
    {visits.map(visit => (
      <Past visit={visit} now={now} />
    ))}
  </ol>
)

const Past = ({ visit, now }: { visit: PastVisit; now: number }) => {
  const attempts = visit.runs.map(run => run.attempts.length)
  const most = Math.max(0, ...attempts)
  return (
    <li class="past-visit stack-tight">
      <p class="approval-meta">
        <strong>
          {visit.n}. {visit.stepName}
        </strong>
        <HandlerBadge handler={visit.handler} />
        {visit.usage.models.length > 0 && <span>{visit.usage.models.join(', ')}</span>}
        {visit.usage.calls > 0 && <Money usd={visit.usage.cost} />}
        {visit.workMs > 0 && <span>{duration(visit.workMs)}</span>}
        {most > 1 && <span>{most} attempts</span>}
      </p>
      {visit.runs.map(run => (
        <PastRun run={run} handler={visit.handler} now={now} />
      ))}
    </li>
  )
}

/** What one run did: of a step with branches each by its name. */
const PastRun = ({ run, handler, now }: { run: RunStory; handler: string; now: number }) => {
  const done = run.attempts.findLast(attempt => attempt.outcome === 'completed')
  const votes = run.asks.flatMap(({ ask, votes: all }) => all.map(vote => ({ ...vote, of: ask.kind })))
  return (
    <>
      {run.name !== null && <p hx-ignore>{run.name}</p>}
      {votes.map(vote => (
        <Vote vote={vote} now={now} />
      ))}
      {run.turns.map(turn => turn.text !== null && <Said what={`Turn ${turn.n}`} value={textOf(turn.text)} />)}
      {run.calls.map(call => (
        <PastCall call={call} now={now} />
      ))}
      {done?.reasoning && <Said what="Why" value={done.reasoning} />}
      <Failures attempts={run.attempts} />
      {done !== undefined && done.output !== null && <Folded what="What came of it" value={done.output} />}
      {run.prompt !== null && !isCall(handler) && <Given prompt={run.prompt} />}
    </>
  )
}

/** A step that is one call was given no text: its call says what was sent. */
function isCall(handler: string): boolean {
  return handler === 'http' || handler === 'tool'
}

function textOf(text: Stored<string>): string {
  return typeof text === 'string' ? text : `${text.head}…`
}

const PastCall = ({ call, now }: { call: CallStory; now: number }) => (
  <>
    <p>
      <strong>{callName(call.tool)}</strong>: {standingWords(call)}
      {call.at !== null && (
        <>
          {' '}
          <Time at={call.at} now={now} />
        </>
      )}
    </p>
    <details>
      <summary>What it was called with</summary>
      {isBlobRef(call.args) ? <StoredValue value={call.args} /> : <SentCall args={call.args} />}
    </details>
    {call.result !== null && <Folded what="What it answered" value={call.result} />}
  </>
)

const Vote = ({ vote, now }: { vote: VoteStory & { of: AskKind }; now: number }) => (
  <p>
    {actorName(vote.by)} chose “{buttonName(vote.handoff, vote.of)}” <Time at={vote.at} now={now} />
    {vote.note !== null && (
      <>
        : <q hx-ignore>{vote.note}</q>
      </>
    )}
  </p>
)

const Failures = ({ attempts }: { attempts: Attempt[] }) => (
  <>
    {attempts.map(({ n, failure }) =>
      failure === null ? null : (
        <p class="secondary" hx-ignore>
          Attempt {n} failed: {failure.message}
        </p>
      ),
    )}
  </>
)

const Said = ({ what, value }: { what: string; value: string }) => (
  <p hx-ignore>
    <span class="secondary">{what}:</span> {value}
  </p>
)

const Given = ({ prompt }: { prompt: Stored<string> }) => (
  <details>
    <summary>What it was given</summary>
    {typeof prompt === 'string' ? <PlainText text={prompt} /> : <StoredValue value={prompt} />}
  </details>
)

const Folded = ({ what, value }: { what: Child; value: Stored<Json> }) => (
  <details>
    <summary>{what}</summary>
    <StoredValue value={value} />
  </details>
)
