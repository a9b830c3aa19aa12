/** What a run did, turn by turn and call by call, each where it stands in the visit's time, and unfolded all that is known of it. */
import type { Child } from 'hono/jsx'
import { isBlobRef } from '../../../domain/task/context.ts'
import type { Stored } from '../../../domain/task/log/blob.ts'
import type { Status } from '../../../domain/task/state.ts'
import { callName } from '../../../domain/workflow/call-choices.ts'
import { Icon, type IconName } from '../../../http/components/icon.tsx'
import { compact, Money } from '../../../http/components/value/money.tsx'
import { SentCall } from '../../../http/components/value/sent-call.tsx'
import { StoredValue } from '../../../http/components/value/stored-value.tsx'
import { duration, Time } from '../../../http/components/value/time.tsx'
import { Waterfall } from '../../../http/components/value/waterfall.tsx'
import { actorName } from '../../../http/names.ts'
import { PlainText } from '../../../http/page/markdown.tsx'
import { type CallStanding, standingOfCall, standingWords } from '../../page/call-story.ts'
import type { CallStory, RunStory, TurnStory } from '../../page/visit-story.ts'
import { Fold, wholeOf } from '../parts.tsx'

interface Around {
  task: string
  /** The visit's time, in ms since the epoch. */
  from: number
  to: number
  now: number
}

/** Turns and calls in the order in which they came. */
export const CallsView = ({ run, ...around }: Around & { run: RunStory }) => {
  const rows = [
    ...run.turns.map(turn => ({ seq: turn.seq, row: <TurnRow turn={turn} {...around} /> })),
    ...run.calls.map(call => ({ seq: call.seq, row: <CallRow call={call} {...around} /> })),
  ]
  if (rows.length === 0) return null
  return (
    <ol class="calls" aria-label={run.turns.length > 0 ? 'Turns and calls' : 'Calls'}>
      {rows.sort((a, b) => a.seq - b.seq).map(({ row }) => row)}
    </ol>
  )
}

interface RowProps {
  id: string
  icon: IconName
  name: string
  spans: { from: number; to: number; kind: 'wait' | 'work' }[]
  state: Status
  facts: Child[]
  word: string
  children?: Child
}

const Row = ({ id, icon, name, spans, state, facts, word, children }: RowProps) => (
  <li class="call-row" data-state={state} id={id}>
    <details>
      <summary>
        <span class="call-name" hx-ignore>
          <Icon name={icon} size={14} /> {name}
        </span>
        <Waterfall spans={spans} state={state} label={`${name}: ${word}`} />
        {facts.map((fact, index) => (
          <span class={index === 0 ? 'timeline-fact timeline-fact--keep' : 'timeline-fact'}>{fact}</span>
        ))}
        <span class="call-state">{word}</span>
      </summary>
      <div class="call-body stack-tight">{children}</div>
    </details>
  </li>
)

/** A span of the visit's time, as the waterfall draws it. */
function spanOf(from: number, to: number, kind: 'wait' | 'work', around: Around) {
  const whole = Math.max(1, around.to - around.from)
  const place = (at: number) => Math.min(1, Math.max(0, (at - around.from) / whole))
  return { from: place(from), to: place(to), kind }
}

const TurnRow = ({ turn, ...around }: Around & { turn: TurnStory }) => {
  const { n, at, seq, text, calls, usage } = turn
  const { inputTokens, outputTokens, cost = null } = usage
  const asked = isBlobRef(calls) ? null : calls
  return (
    <Row
      id={`turn-${seq}`}
      icon="agent"
      name={`Turn ${n}`}
      spans={[spanOf(at - usage.durationMs, at, 'work', around)]}
      state="done"
      facts={[duration(usage.durationMs), compact(inputTokens + outputTokens), <Money usd={cost} />]}
      word={asked === null ? 'calls' : callsWord(asked.length)}
    >
      <p class="small">
        <span class="tag" hx-ignore>
          {usage.insteadOf === undefined ? usage.model : `${usage.model} in place of ${usage.insteadOf}`}
        </span>{' '}
        <span class="secondary">
          {compact(inputTokens)} tokens in, {compact(outputTokens)} out, <Money usd={cost} />,{' '}
          {duration(usage.durationMs)}, <Time at={at} now={around.now} />
        </span>
      </p>
      {text !== null && <Said text={text} href={wholeOf(around.task, seq)} />}
      {asked === null ? (
        <StoredValue value={calls as Stored<never>} href={wholeOf(around.task, seq)} />
      ) : (
        <p class="secondary small" hx-ignore>
          {asked.length > 0 ? `It asked for ${asked.map(call => call.tool).join(', ')}.` : 'It asked for no call.'}
        </p>
      )}
    </Row>
  )
}

function callsWord(count: number): string {
  return count === 1 ? '1 call' : `${count} calls`
}

const Said = ({ text, href }: { text: Stored<string>; href: string }) =>
  typeof text === 'string' ? <PlainText text={text} /> : <StoredValue value={text} href={href} />

const STATES: Record<CallStanding, { state: Status; word: string }> = {
  asked: { state: 'waiting', word: 'asks' },
  denied: { state: 'cancelled', word: 'denied' },
  answered: { state: 'done', word: 'answered' },
  open: { state: 'running', word: 'at work' },
  lost: { state: 'stuck', word: 'answer lost' },
  repeated: { state: 'held', word: 'made again' },
  cancelled: { state: 'cancelled', word: 'stopped' },
  ok: { state: 'done', word: 'done' },
  failed: { state: 'failed', word: 'failed' },
}

const CallRow = ({ call, ...around }: Around & { call: CallStory }) => {
  const standing = standingOfCall(call)
  const { state, word } = STATES[standing]
  const { at, answeredAt, asked, allowed, said, status } = call
  const settled = allowed?.at ?? (asked === null ? null : (said?.at ?? around.now))
  const spans = [
    ...(asked !== null && settled !== null ? [spanOf(asked.at, settled, 'wait', around)] : []),
    ...(at === null ? [] : [spanOf(at, answeredAt ?? said?.at ?? around.to, 'work', around)]),
  ]
  const took = at === null || answeredAt === null ? '' : duration(answeredAt - at)
  return (
    <Row
      id={`call-${call.seq}`}
      icon={call.tool === 'http' ? 'http' : 'tool'}
      name={callName(call.tool)}
      spans={spans}
      state={state}
      facts={[took, status === null ? '' : String(status), '']}
      word={word}
    >
      <p class="small" hx-ignore>
        {capitalized(standingWords(call))}
        {at !== null && (
          <>
            ; made <Time at={at} now={around.now} />
          </>
        )}
        {took !== '' && `, answered after ${took}`}
        {status !== null && ` with ${status}`}.
      </p>
      <Asked call={call} now={around.now} />
      <Fold title={at === null ? 'What it would be called with' : 'What was sent'} open>
        {isBlobRef(call.args) ? (
          <StoredValue value={call.args} href={wholeOf(around.task, call.seq)} />
        ) : (
          <SentCall args={call.args} curl />
        )}
      </Fold>
      {call.result !== null && (
        <Fold title={standing === 'denied' ? 'What is told in its place' : 'What it answered'} open>
          <StoredValue value={call.result} href={wholeOf(around.task, call.answerSeq)} />
        </Fold>
      )}
      {call.key !== null && (
        <p class="secondary small">
          Its key, the same whenever it is made: <code hx-ignore>{call.key}</code>
        </p>
      )}
    </Row>
  )
}

/** Who was asked, why, and what they said. */
const Asked = ({ call: { asked, allowed, said }, now }: { call: CallStory; now: number }) => (
  <>
    {asked !== null && (
      <p class="small" hx-ignore>
        {asked.kind === 'call' ? 'It asks first: ' : 'Asked: '}
        {asked.why} <span class="secondary">({asked.to.join(', ') || 'nobody'})</span>
      </p>
    )}
    {allowed !== null && (
      <p class="small" hx-ignore>
        Allowed by <strong>{actorName(allowed.by)}</strong> <Time at={allowed.at} now={now} />.
      </p>
    )}
    {said !== null && allowed === null && (
      <p class="small" hx-ignore>
        <strong>{actorName(said.by)}</strong> {SAID[said.handoff] ?? `answered “${said.handoff}”`}{' '}
        <Time at={said.at} now={now} />
        {said.note === null ? (
          '.'
        ) : (
          <>
            : <q>{said.note}</q>
          </>
        )}
      </p>
    )}
  </>
)

const SAID: Record<string, string> = {
  deny: 'denied it',
  answer: 'answered',
  happened: 'said that it happened',
  not_happened: 'said that it did not happen',
  stop: 'stopped the task here',
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
