/** The figures that metrics tell, by name: how each is written, what it means, and by which filters its tasks are listed. */
import { dollars } from '../../domain/money.ts'
import { duration } from '../../http/components/value/time.tsx'
import { escalationVerdict, percent } from '../rates.ts'
import type { Metrics } from './metrics.ts'

export const NONE = '–'
export const time = (ms: number | null) => (ms === null ? NONE : duration(ms))
const money = (usd: number | null) => (usd === null ? NONE : dollars(usd))

/** A figure, and by which filters its tasks are listed. */
interface Figure {
  of(metrics: Metrics): string
  list?: Record<string, string>
}

export const COLUMNS: (Figure & { name: string })[] = [
  { name: 'Tasks', of: m => String(m.volume), list: {} },
  { name: 'Done', of: m => String(m.done), list: { status: 'done' } },
  { name: 'Failed', of: m => String(m.failed), list: { status: 'failed' } },
  { name: 'Stuck', of: m => String(m.stuck), list: { status: 'stuck' } },
  { name: 'Cancelled', of: m => String(m.cancelled), list: { status: 'cancelled' } },
  { name: 'Escalated', of: m => percent(m.escalationRate), list: { told: 'unsure' } },
  { name: 'Corrected', of: m => percent(m.correctionRate), list: { told: 'edited' } },
  { name: 'Cost', of: m => money(m.cost.total) },
]

export const FIGURES: (Figure & { name: string; means: string })[] = [
  { name: 'Tasks', means: 'made', of: m => String(m.volume), list: {} },
  { name: 'Open', means: 'not over yet', of: m => String(m.open), list: { status: 'open' } },
  { name: 'Done', means: 'ran to the end', of: m => String(m.done), list: { status: 'done' } },
  { name: 'Failed', means: 'stand failed now', of: m => String(m.failed), list: { status: 'failed' } },
  { name: 'Stuck', means: 'stand stuck now', of: m => String(m.stuck), list: { status: 'stuck' } },
  { name: 'Cancelled', means: 'by hand or by key', of: m => String(m.cancelled), list: { status: 'cancelled' } },
  { name: 'Completion rate', means: 'done, of those that are over', of: m => percent(m.completionRate) },
  { name: 'Error rate', means: 'failed or stuck, of all', of: m => percent(m.errorRate) },
  {
    name: 'Escalation rate',
    means: 'a model was unsure; 5 to 15 % is healthy, over 30 % a poor fit',
    of: m =>
      m.escalationRate === null
        ? NONE
        : `${percent(m.escalationRate)} · ${escalationVerdict(m.escalationRate, m.volume)}`,
    list: { told: 'unsure' },
  },
  {
    name: 'Correction rate',
    means: 'edited by a person, of those decided on',
    of: m => percent(m.correctionRate),
    list: { told: 'edited' },
  },
  { name: 'Time to done, median', means: 'half were faster', of: m => time(m.duration.medianMs) },
  { name: 'Time to done, average', means: 'waits for people included', of: m => time(m.duration.averageMs) },
  { name: 'Time to done, longest', means: 'the slowest of all', of: m => time(m.duration.slowestMs) },
  { name: 'Cost', means: 'of the tasks whose cost is known', of: m => money(m.cost.total) },
  { name: 'Cost of a task', means: 'on average', of: m => money(m.cost.average) },
]
