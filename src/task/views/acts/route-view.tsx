/** How a visit was routed on: every handoff that was tried, the values it looked at, and its verdict. */
import type { TriedHandoff } from '../../../domain/task/run/outcome.ts'
import { shorten } from '../../../domain/text/cut.ts'
import type { Definition } from '../../../domain/workflow/definition.ts'
import { COMPLETE } from '../../../domain/workflow/parts.ts'
import { Time } from '../../../http/components/value/time.tsx'
import { actorName } from '../../../http/names.ts'
import type { RouteStory } from '../../page/visit-story.ts'
import { nameOf } from '../parts.tsx'

export const RouteTrace = ({
  route,
  definition,
  now,
  place,
}: {
  route: RouteStory
  definition: Definition
  now: number
  /** Tells its table from the others of the page. */
  place: string
}) => (
  <div class="stack-tight">
    <p hx-ignore>
      {route.byHand ? `${actorName(route.by)} sent it on by hand` : `Outcome “${route.outcome}”`}{' '}
      {route.to === null ? 'and no handoff took it' : `→ ${targetOf(definition, route.to)}`}{' '}
      <Time at={route.at} now={now} />
    </p>
    {route.trace.length > 0 && (
      <TraceTable trace={route.trace} definition={definition} label={`Handoffs as they were tried, ${place}`} />
    )}
  </div>
)

/** Handoffs as they were tried. Given `taken`, they were tried one by one, and that one was the first to match. */
export const TraceTable = (props: {
  trace: TriedHandoff[]
  definition: Definition
  taken?: number | null
  label?: string
}) => (
  <section class="table-scroll" aria-label={props.label ?? 'Handoffs as they were tried'} tabindex={0}>
    <table class="table trace">
      <thead>
        <tr>
          <th scope="col">#</th>
          <th scope="col">Handoff</th>
          <th scope="col">Values</th>
          <th scope="col">Verdict</th>
          <th scope="col">To</th>
        </tr>
      </thead>
      <tbody>
        {props.trace.map(tried => (
          <Tried
            tried={tried}
            definition={props.definition}
            late={props.taken != null && tried.verdict === 'matched' && tried.index !== props.taken}
          />
        ))}
      </tbody>
    </table>
  </section>
)

const Tried = ({ tried, definition, late }: { tried: TriedHandoff; definition: Definition; late: boolean }) => (
  <tr class={tried.verdict === 'matched' && !late ? 'is-matched' : undefined} hx-ignore>
    <td>{tried.index + 1}</td>
    <td>
      {tried.when !== undefined && <span class="tag">when {tried.when}</span>}
      {tried.if !== undefined && <code>{tried.if}</code>}
      {tried.when === undefined && tried.if === undefined && 'otherwise'}
    </td>
    <td>
      {Object.entries(tried.reads ?? {}).map(([path, value]) => (
        <code>
          {path} = {short(value)}{' '}
        </code>
      ))}
    </td>
    <td>{late ? 'would match, but an earlier one is taken' : verdictOf(tried)}</td>
    <td>{targetOf(definition, tried.to)}</td>
  </tr>
)

const MAX_SHOWN = 200

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return shorten(text, MAX_SHOWN)
}

function verdictOf({ verdict, value, error }: TriedHandoff): string {
  switch (verdict) {
    case 'matched':
      return value === undefined ? 'matched' : `matched (${short(value)})`
    case 'error':
      return `could not be evaluated: ${error ?? ''}`
    case 'not_applicable':
      return 'not for this outcome'
    default:
      return value === undefined ? 'did not match' : `did not match (${short(value)})`
  }
}

function targetOf(definition: Definition, to: string): string {
  return to === COMPLETE ? 'complete' : nameOf(definition, to)
}
