/** What each alert's figure is, from what was read: pure. One reading a workflow, intake, schedule or provider. */
import type { Reading } from '../../domain/alert/alert.ts'
import { type RuleKey, type RuleSettings, type Threshold, thresholdOf } from '../../domain/alert/rules.ts'
import { CHOSEN } from '../../domain/schedule/due.ts'
import type { Facts } from '../../records/alert/alerts.ts'
import type { IntakeSample, ScheduleSample } from '../../records/alert/intakes.ts'
import type { TeamSample, WorkflowSample } from '../../records/alert/readings.ts'

/** The figure of one alert. */
export interface Figure {
  id: string
  rule: RuleKey
  /** '': of no one workflow. */
  workflow: string
  reading: Reading
  bounds: Threshold
  facts: Facts
}

/** All that was read in a look; `team` only where the look begins. */
export interface Samples {
  workflows: WorkflowSample[]
  intakes: IntakeSample[]
  schedules: ScheduleSample[]
  team: TeamSample | null
}

/** What holds for a team: its own settings under '', and those of its workflows. */
export type AllSettings = ReadonlyMap<string, RuleSettings>

/** The threshold in force for a rule, of a workflow or of the team (''). */
export function inForce(settings: AllSettings, rule: RuleKey, workflow: string): Threshold {
  return thresholdOf(rule, settings.get(''), workflow === '' ? undefined : settings.get(workflow))
}

const HOUR_MS = 3_600_000
/** A sweep that has not come to a schedule for so long has missed it. */
const LATE_MS = 10 * 60_000

/** The figures of all rules that are on. */
export function figuresFrom(
  { workflows, intakes, schedules, team }: Samples,
  settings: AllSettings,
  now: number,
): Figure[] {
  const figure = (
    rule: RuleKey,
    workflow: string,
    about: string,
    of: (bounds: Threshold) => [Reading, Facts],
  ): Figure[] => {
    const bounds = inForce(settings, rule, workflow)
    if (!bounds.on) return []
    const [reading, facts] = of(bounds)
    return [{ id: `${rule}.${about}`, rule, workflow, reading, bounds, facts }]
  }
  return [
    ...workflows.flatMap(sample => [
      ...figure('error_rate', sample.workflow, sample.workflow, () => rateOf(sample, sample.bad)),
      ...figure('escalation_rate', sample.workflow, sample.workflow, () => rateOf(sample, sample.unsure)),
      ...figure('stuck', sample.workflow, sample.workflow, () => countOf(sample.name, sample.stuck)),
      ...figure('overdue', sample.workflow, sample.workflow, () => countOf(sample.name, sample.overdue)),
      ...figure('task_cost', sample.workflow, sample.workflow, bounds => taskCost(sample, bounds)),
    ]),
    ...intakes.flatMap(sample => [
      ...figure('intake_silent', sample.workflow, sample.intake, bounds => silence(sample, bounds, now)),
      ...figure('intake_refusing', sample.workflow, sample.intake, () => refusals(sample)),
    ]),
    ...schedules.flatMap(sample =>
      figure('schedule_missed', sample.workflow, sample.intake, () => missed(sample, now)),
    ),
    ...(team === null ? [] : figure('cost_day', '', 'team', bounds => dayCost(team, bounds))),
    ...(team?.providers ?? []).flatMap(({ provider, answered, failed, code }) =>
      figure('provider_down', '', provider, () => [
        { value: share(failed, answered + failed), samples: answered + failed },
        { provider, failed, calls: answered + failed, code },
      ]),
    ),
  ]
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}

function rateOf({ name, tasks, first }: WorkflowSample, part: number): [Reading, Facts] {
  return [
    { value: share(part, tasks), samples: tasks },
    { name, part, tasks, first },
  ]
}

function countOf(name: string, n: number): [Reading, Facts] {
  return [
    { value: n, samples: 1 },
    { name, n },
  ]
}

/** How many times the usual cost of a task the dearest of the last day costs; below the floor none is dear. */
function taskCost({ name, dear, usual, first }: WorkflowSample, { above, least }: Threshold): [Reading, Facts] {
  const each = share(usual.cost, usual.tasks)
  const [dearest] = dear
  const from = Math.max(least, above * each)
  const value = dearest === undefined || dearest.cost < least || each === 0 ? 0 : dearest.cost / each
  const n = dear.filter(({ cost }) => cost >= from).length
  const facts = { name, task: dearest?.task ?? null, cost: dearest?.cost ?? 0, usual: each, n, from, first }
  return [{ value, samples: usual.tasks }, facts]
}

function dayCost({ day, today, days }: TeamSample, { least }: Threshold): [Reading, Facts] {
  const usual = share(
    days.reduce((sum, cost) => sum + cost, 0),
    days.length,
  )
  const value = usual === 0 || today < least ? 0 : today / usual
  return [
    { value, samples: days.length },
    { day, today, usual, days: days.length },
  ]
}

/** Its pause, as so many of the longest usual one, which counts as `least` hours of it at least. */
function silence(
  { intake, name, workflowName, lastAt, pulse }: IntakeSample,
  { above, least }: Threshold,
  now: number,
): [Reading, Facts] {
  const last = Math.max(lastAt ?? 0, pulse?.lastAt ?? 0)
  // So that the floor is reached when it says so, whatever the factor.
  const pause = Math.max(pulse?.pause ?? 0, (least * HOUR_MS) / above, 1)
  return [
    { value: last === 0 ? 0 : (now - last) / pause, samples: pulse?.hours ?? 0 },
    { intake, name, workflowName, last, pause: pulse?.pause ?? 0 },
  ]
}

function refusals({ intake, name, workflowName, deliveries, refused, first }: IntakeSample): [Reading, Facts] {
  return [
    { value: share(refused, deliveries), samples: deliveries },
    { intake, name, workflowName, refused, deliveries, first },
  ]
}

/** What a schedule's owner chose, or somebody did by pausing, is not missed. */
const WANTED: string[] = Object.values(CHOSEN)

/** The slots that it missed since one started, and those of the last hour; one more where the sweep itself is late. */
function missed({ intake, name, workflowName, dueAt, slots }: ScheduleSample, now: number): [Reading, Facts] {
  const isMissed = ({ verdict, reason }: ScheduleSample['slots'][number]) =>
    verdict === 'refused' || (verdict === 'skipped' && !WANTED.includes(reason ?? ''))
  const started = slots.findIndex(({ verdict }) => verdict === 'started')
  const lost = slots.filter(
    (slot, nth) => isMissed(slot) && ((started === -1 ? true : nth < started) || now - slot.at < HOUR_MS),
  )
  const isLate = dueAt !== null && now - dueAt > LATE_MS
  const n = lost.length + (isLate ? 1 : 0)
  const facts = {
    intake,
    name,
    workflowName,
    n,
    slot: lost[0]?.slot ?? (isLate ? dueAt : null),
    reason: lost[0]?.reason ?? null,
  }
  return [{ value: n, samples: 1 }, facts]
}
