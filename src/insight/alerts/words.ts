/** An alert in words: what is wrong, what it means now, and the list that it speaks of. Pure. */
import { oneLine } from '../../approval/tell/notify.ts'
import { RULES, type RuleKey } from '../../domain/alert/rules.ts'
import { dollars } from '../../domain/money.ts'
import { shorten } from '../../domain/text/cut.ts'
import { absolute, duration } from '../../http/components/value/time.tsx'
import type { AlertRow, Facts } from '../../records/alert/alerts.ts'
import { percent } from '../rates.ts'

/** What is said of an alert. */
export interface AlertWords {
  /** "Error rate: Invoices". */
  title: string
  /** How it stands, in a sentence. */
  said: string
  /** The list that it speaks of, and what that is called. */
  path: string
  open: string
}

export type Told = Pick<AlertRow, 'id' | 'rule' | 'workflow' | 'value' | 'facts'>

/** The alert as its page and its messages say it. */
export function wordsOf(alert: Told): AlertWords {
  const { rule, facts } = alert
  const about = oneLine(text(facts, 'provider') || text(facts, 'name'))
  const within = text(facts, 'workflowName') === '' ? '' : `, in ${oneLine(text(facts, 'workflowName'))}`
  const title = shorten(`${RULES[rule].name}${about === '' ? '' : `: ${about}${within}`}`, 200)
  return { title, ...SAID[rule](alert) }
}

type Said = Omit<AlertWords, 'title'>

const SAID: Record<RuleKey, (alert: Told) => Said> = {
  error_rate: ({ value, workflow, facts }) => ({
    said: `${count(facts, 'part')} of the last ${count(facts, 'tasks')} tasks failed or are stuck (${percent(value)}).`,
    path: searched({ workflow, status: 'trouble', from: instant(facts, 'first') }),
    open: 'Open these tasks',
  }),
  escalation_rate: ({ value, workflow, facts }) => ({
    said: `Models were unsure in ${count(facts, 'part')} of the last ${count(facts, 'tasks')} tasks (${percent(value)}).`,
    path: searched({ workflow, told: 'unsure', from: instant(facts, 'first') }),
    open: 'Open these tasks',
  }),
  cost_day: ({ value, facts }) => ({
    said: `${dollars(number(facts, 'today'))} were spent today, ${times(value)} the ${dollars(number(facts, 'usual'))} of a usual day (of the last ${count(facts, 'days')} with any cost).`,
    path: `/metrics?from=${text(facts, 'day')}&to=${text(facts, 'day')}`,
    open: 'See what it was spent on',
  }),
  task_cost: ({ value, workflow, facts }) => {
    const n = number(facts, 'n')
    const dear = `The dearest costs ${dollars(number(facts, 'cost'))}, ${times(value)} the usual ${dollars(number(facts, 'usual'))}.`
    return {
      said: `${n === 1 ? 'A task costs' : `${n} tasks cost`} far more than is usual here. ${dear}`,
      path:
        n <= 1 && text(facts, 'task') !== ''
          ? `/tasks/${text(facts, 'task')}`
          : searched({ workflow, cost: text(facts, 'from'), from: instant(facts, 'first') }),
      open: n <= 1 ? 'Open the task' : 'Open these tasks',
    }
  },
  stuck: ({ workflow, facts }) => ({
    said: `${many(facts, 'n', 'task is', 'tasks are')} stuck and cannot go on without a person.`,
    path: searched({ workflow, status: 'stuck' }),
    open: 'Open these tasks',
  }),
  overdue: ({ workflow, facts }) => ({
    said: `${many(facts, 'n', 'question is', 'questions are')} past the time by which somebody was to answer.`,
    path: `/approvals?${new URLSearchParams({ show: 'overdue', workflow })}`,
    open: 'Open these questions',
  }),
  intake_silent: ({ workflow, facts }) => ({
    said: `Nothing has come since ${absolute(number(facts, 'last'))}. In the two weeks before, the longest usual pause was ${duration(number(facts, 'pause'))}.`,
    path: intakeOf(workflow, facts),
    open: 'Open the intake',
  }),
  intake_refusing: ({ value, workflow, facts }) => ({
    said: `${count(facts, 'refused')} of the last ${count(facts, 'deliveries')} deliveries were refused (${percent(value)}).`,
    path: `${intakeOf(workflow, facts)}?verdict=refused`,
    open: 'Open what was refused',
  }),
  schedule_missed: ({ workflow, facts }) => ({
    said: `It did not start at ${number(facts, 'slot') === 0 ? 'its time' : absolute(number(facts, 'slot'))}${number(facts, 'n') > 1 ? `, and ${number(facts, 'n') - 1} more` : ''}. ${oneLine(text(facts, 'reason'))}`.trim(),
    path: intakeOf(workflow, facts),
    open: 'Open the schedule',
  }),
  provider_down: ({ facts }) => ({
    said: `${count(facts, 'failed')} of its last ${count(facts, 'calls')} calls were not answered${text(facts, 'code') === '' ? '' : ` (${text(facts, 'code')})`}. Its tasks wait, or have failed.`,
    path: '/search?status=held',
    open: 'Open the tasks that wait',
  }),
}

/** Why nothing is wrong any more, as people who were told are told. */
export function resolvedWords(alert: Told): string {
  const { said } = wordsOf(alert)
  return CALM[alert.rule] ?? `It is below its threshold again. ${said}`
}

const CALM: Partial<Record<RuleKey, string>> = {
  cost_day: 'Today’s cost is usual again.',
  task_cost: 'No task of the last day costs far more than is usual here.',
  stuck: 'Few tasks are stuck any more, or none.',
  overdue: 'Few questions are overdue any more, or none.',
  intake_silent: 'It is called again.',
  schedule_missed: 'It has started as it should.',
  provider_down: 'It answers again. Tasks that waited go on by themselves.',
}

function searched(given: Record<string, string>): string {
  return `/search?${new URLSearchParams(Object.entries(given).filter(([, value]) => value !== ''))}`
}

function intakeOf(workflow: string, facts: Facts): string {
  return `/workflows/${workflow}/intakes/${text(facts, 'intake')}`
}

function text(facts: Facts, name: string): string {
  const fact = facts[name]
  return fact === undefined || fact === null ? '' : String(fact)
}

function number(facts: Facts, name: string): number {
  return Number(facts[name] ?? 0)
}

function count(facts: Facts, name: string): string {
  return number(facts, name).toLocaleString('en')
}

function many(facts: Facts, name: string, one: string, more: string): string {
  return `${count(facts, name)} ${number(facts, name) === 1 ? one : more}`
}

function times(value: number): string {
  return `${value.toFixed(1)} times`
}

/** A time as addresses carry it. */
function instant(facts: Facts, name: string): string {
  return facts[name] === null || facts[name] === undefined ? '' : new Date(number(facts, name)).toISOString()
}
