/** Figures by step, agent, model, intake and version, and where time goes: drawn, in a sentence, and as tables; each number leads to its tasks. */
import { type PartKind, partText } from '../../domain/metrics/part.ts'
import { bottleneckOf, KIND_NAMES, type StepTime } from '../../domain/metrics/times.ts'
import { dollars } from '../../domain/money.ts'
import { TIME_KINDS, type TimeKind } from '../../domain/task/told/parts.ts'
import { Head } from '../../http/components/table.tsx'
import { duration } from '../../http/components/value/time.tsx'
import { percent } from '../rates.ts'
import { LyingChart } from './chart.tsx'
import type { PartMetrics, Parts, Whole } from './parts.ts'

interface View {
  whole: Whole
  /** What a part is called where people read it. */
  nameOf(dimension: keyof Parts, name: string): string
  /** The list of tasks that these filters find, within the days and the workflow. */
  listOf(filters: Record<string, string>): string
}

const time = (ms: number | null) => (ms === null ? '–' : duration(ms))

const Count = ({ of, href }: { of: number | string; href: string }) =>
  [0, '0 %', '–'].includes(of) ? String(of) : <a href={href}>{of}</a>

/** Where the time of a workflow's steps goes. */
export const WhereTimeGoes = ({ view }: { view: View }) => {
  const { steps } = view.whole
  if (steps.length === 0) return null
  const sorted = steps.toSorted((a, b) => b.all.ms - a.all.ms)
  const kinds = TIME_KINDS.filter(kind => steps.some(one => one.kinds[kind] > 0))
  const name = (step: string) => view.nameOf('step', step)
  const bars = sorted.slice(0, 12).map(one => ({
    label: name(one.step),
    parts: kinds.map(kind => ({ name: KIND_NAMES[kind], look: kind, value: one.kinds[kind] })),
  }))
  return (
    <section class="stack" aria-labelledby="where-time-goes">
      <h2 id="where-time-goes">Where time goes</h2>
      <Bottleneck view={view} />
      <div class="charts">
        <LyingChart
          title="Time at each step, all tasks together"
          bars={bars}
          legend={kinds.map(kind => ({ name: KIND_NAMES[kind], look: kind }))}
          text={duration}
        />
      </div>
      <TimesTable view={view} steps={sorted} />
      <p class="small secondary">
        Of stays that are over; a task that came to a step several times counts once, with all its stays there. Medians
        are right to within 5 %. Tasks of before Baton kept this are not among them.
      </p>
    </section>
  )
}

const Bottleneck = ({ view }: { view: View }) => {
  const found = bottleneckOf(view.whole.steps)
  if (found === null) return <p class="secondary">No step took any time that could be told.</p>
  const { time: most, share, kind, kindShare } = found
  const left = view.listOf({ part: partText({ kind: 'left', name: most.step }) })
  const here = view.whole.parts.step.find(({ name }) => name === most.step)?.open ?? 0
  return (
    <p>
      Most time goes at <strong hx-ignore>“{view.nameOf('step', most.step)}”</strong>: {percent(share)} of the time of
      all steps, {kindShare > 0.98 ? 'all' : percent(kindShare)} of it {KIND_NAMES[kind]}. Half of its{' '}
      <a href={left}>
        {most.tasks} {most.tasks === 1 ? 'task' : 'tasks'}
      </a>{' '}
      took longer than {time(most.all.medianMs)} there, one in ten longer than {time(most.all.p90Ms)}.
      {here > 0 && (
        <>
          {' '}
          <a href={view.listOf({ part: partText({ kind: 'at', name: most.step }) })}>
            {here} {here === 1 ? 'is' : 'are'} there now
          </a>
          .
        </>
      )}
    </p>
  )
}

const SPREADS = [
  { key: 'all', name: 'Time' },
  { key: 'waited', name: 'Waited' },
  { key: 'worked', name: 'Worked' },
] as const

/** As a column's head. */
const SHORT: Record<TimeKind, string> = {
  people: 'For people',
  time: 'For a time or event',
  held: 'Held back',
  queue: 'In the queue',
  model: 'Model',
  call: 'Call or other',
}

const TimesTable = ({ view, steps }: { view: View; steps: StepTime[] }) => {
  const names = SPREADS.flatMap(({ name }) => [`${name}, half over`, `${name}, 1 in 10 over`])
  return (
    <section class="table-scroll" aria-label="Time at each step" tabindex={0}>
      <table class="table figures">
        <Head names={['Step', 'Tasks', ...names, ...TIME_KINDS.map(kind => SHORT[kind]), 'There now']} />
        <tbody>
          {steps.map(one => (
            <tr>
              <th scope="row" hx-ignore>
                {view.nameOf('step', one.step)}
              </th>
              <td class="number">
                <Count of={one.tasks} href={view.listOf({ part: partText({ kind: 'left', name: one.step }) })} />
              </td>
              {SPREADS.flatMap(({ key }) => [
                <td class="number">{time(one[key].medianMs)}</td>,
                <td class="number">{time(one[key].p90Ms)}</td>,
              ])}
              {TIME_KINDS.map(kind => (
                <td class="number">{one.kinds[kind] === 0 ? '–' : duration(one.kinds[kind])}</td>
              ))}
              <td class="number">
                <Count
                  of={view.whole.parts.step.find(({ name }) => name === one.step)?.open ?? 0}
                  href={view.listOf({ part: partText({ kind: 'at', name: one.step }) })}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

const TABLES: { dimension: keyof Parts; title: string; head: string; means?: string }[] = [
  {
    dimension: 'step',
    title: 'By step',
    head: 'Step',
    means: 'Tasks that came to the step; open, failed and stuck are those that are at it now.',
  },
  { dimension: 'agent', title: 'By agent', head: 'Agent', means: 'Tasks on which the agent worked.' },
  { dimension: 'model', title: 'By model', head: 'Model', means: 'Tasks for which the model was asked.' },
  { dimension: 'intake', title: 'By intake', head: 'Came by' },
  { dimension: 'version', title: 'By version', head: 'Version' },
]

/** A figure of a part, and by which filters besides the part its tasks are listed. */
const COLUMNS: { name: string; of(m: PartMetrics): string | number; list?: Record<string, string>; here?: true }[] = [
  { name: 'Tasks', of: m => m.tasks, list: {} },
  { name: 'Done', of: m => m.done, list: { status: 'done' } },
  { name: 'Open', of: m => m.open, list: { status: 'open' }, here: true },
  { name: 'Failed', of: m => m.failed, list: { status: 'failed' }, here: true },
  { name: 'Stuck', of: m => m.stuck, list: { status: 'stuck' }, here: true },
  { name: 'Cancelled', of: m => m.cancelled, list: { status: 'cancelled' } },
  { name: 'Escalated', of: m => percent(m.escalationRate), list: { told: 'unsure' } },
  { name: 'Corrected', of: m => percent(m.correctionRate), list: { told: 'edited' } },
  { name: 'Cost', of: m => (m.cost === null ? '–' : dollars(m.cost)) },
]

/** A table for each that there is more to say of than that there is nothing. */
export const ByPart = ({ view }: { view: View }) => (
  <>
    {TABLES.filter(({ dimension }) => view.whole.parts[dimension].length > 0).map(
      ({ dimension, title, head, means }) => (
        <section class="stack" aria-labelledby={`by-${dimension}`}>
          <h2 id={`by-${dimension}`}>{title}</h2>
          {means !== undefined && <p class="small secondary">{means}</p>}
          <section class="table-scroll" aria-label={`Figures ${title.toLowerCase()}`} tabindex={0}>
            <table class="table figures">
              <Head names={[head, ...COLUMNS.map(({ name }) => name)]} />
              <tbody>
                {view.whole.parts[dimension].map(one => (
                  <PartRow view={view} dimension={dimension} one={one} />
                ))}
              </tbody>
            </table>
          </section>
        </section>
      ),
    )}
  </>
)

const PartRow = ({ view, dimension, one }: { view: View; dimension: keyof Parts; one: PartMetrics }) => (
  <tr>
    <th scope="row" hx-ignore>
      {view.nameOf(dimension, one.name)}
    </th>
    {COLUMNS.map(({ of, list, here }) => {
      const kind: PartKind = dimension === 'step' && here === true ? 'at' : dimension
      return (
        <td class="number">
          {list === undefined ? (
            of(one)
          ) : (
            <Count of={of(one)} href={view.listOf({ ...list, part: partText({ kind, name: one.name }) })} />
          )}
        </td>
      )
    })}
  </tr>
)
