/** What a team is warned of: the rules, from which figure on, and what a team may set of them. All are on unless it says otherwise. */
import type { Bounds } from './alert.ts'

/** What a rule is set to. */
export interface Threshold extends Bounds {
  on: boolean
  /** What `least` of the rule means; 0 where it means nothing. */
  least: number
}

interface Rule {
  name: string
  /** Completes "Tells you when …". */
  when: string
  /** How its figure is written. */
  unit: 'percent' | 'count' | 'times'
  /** Whether a workflow may have thresholds of its own. */
  perWorkflow: boolean
  /** What its samples are; null: it has none to speak of. */
  samples: string | null
  /** What else must be reached, as its field is called; null: nothing. */
  least: string | null
  usual: Threshold
}

const usual = (above: number, below: number, over: Partial<Threshold> = {}): Threshold => {
  return { on: true, above, below, samples: 1, minutes: 0, least: 0, ...over }
}

export const RULES = {
  error_rate: {
    name: 'Error rate',
    when: 'many of a workflow’s last tasks failed or are stuck',
    unit: 'percent',
    perWorkflow: true,
    samples: 'Tasks of the last day, at least',
    least: null,
    usual: usual(0.2, 0.1, { samples: 10, minutes: 5 }),
  },
  escalation_rate: {
    name: 'Escalation rate',
    when: 'models are unsure in many of a workflow’s last tasks',
    unit: 'percent',
    perWorkflow: true,
    samples: 'Tasks of the last day, at least',
    least: null,
    usual: usual(0.3, 0.2, { samples: 20, minutes: 10 }),
  },
  cost_day: {
    name: 'Cost of the day',
    when: 'your team has spent far more today than on its usual day',
    unit: 'times',
    perWorkflow: false,
    samples: 'Days that it is compared with, at least',
    least: 'USD a day, at least',
    usual: usual(3, 2, { samples: 3, least: 5 }),
  },
  task_cost: {
    name: 'Cost of a task',
    when: 'a task costs far more than is usual in its workflow',
    unit: 'times',
    perWorkflow: true,
    samples: 'Tasks that it is compared with, at least',
    least: 'USD a task, at least',
    usual: usual(5, 4, { samples: 20, least: 0.25 }),
  },
  stuck: {
    name: 'Stuck tasks',
    when: 'many tasks of a workflow are stuck',
    unit: 'count',
    perWorkflow: true,
    samples: null,
    least: null,
    usual: usual(10, 5, { minutes: 5 }),
  },
  overdue: {
    name: 'Overdue questions',
    when: 'many questions of a workflow are past their due time',
    unit: 'count',
    perWorkflow: true,
    samples: null,
    least: null,
    usual: usual(5, 3, { minutes: 10 }),
  },
  intake_silent: {
    name: 'Intake silent',
    when: 'an intake that used to be called is not any more, measured by its longest pause of two weeks',
    unit: 'times',
    perWorkflow: true,
    samples: 'Hours of two weeks in which it was called, at least',
    least: 'Hours of silence, at least',
    usual: usual(1.5, 1, { samples: 12, least: 3 }),
  },
  intake_refusing: {
    name: 'Intake refuses',
    when: 'an intake refuses much of what comes to it',
    unit: 'percent',
    perWorkflow: true,
    samples: 'Deliveries of the last day, at least',
    least: null,
    usual: usual(0.5, 0.25, { samples: 5, minutes: 5 }),
  },
  schedule_missed: {
    name: 'Schedule missed',
    when: 'a schedule did not start what it should have',
    unit: 'count',
    perWorkflow: true,
    samples: null,
    least: null,
    usual: usual(1, 1),
  },
  provider_down: {
    name: 'Provider down',
    when: 'most of the last calls of a provider of models were not answered',
    unit: 'percent',
    perWorkflow: false,
    samples: 'Calls, at least',
    least: null,
    usual: usual(0.8, 0.4, { samples: 3, minutes: 3 }),
  },
} as const satisfies Record<string, Rule>

export type RuleKey = keyof typeof RULES
export const RULE_KEYS = Object.keys(RULES) as RuleKey[]

/** The rule, without what its literal type adds. */
export function ruleOf(key: RuleKey): Rule {
  return RULES[key]
}

/** What is set for a team or a workflow; what is left out is as above it. */
export type RuleSettings = Partial<Record<RuleKey, Partial<Threshold>>>

/** What holds: a workflow's own word, else the team's, else the usual. */
export function thresholdOf(key: RuleKey, ...settings: (RuleSettings | undefined)[]): Threshold {
  const said = settings.map(each => each?.[key] ?? {})
  return Object.assign({}, ruleOf(key).usual, ...said) as Threshold
}

export interface RuleProblem {
  /** `error_rate.above`. */
  path: string
  message: string
}

const MOST = { above: 1_000_000, samples: 100, minutes: 1440, least: 100_000 }

/** Why these cannot be set, given what they stand upon; null: they can. */
export function rulesProblem(settings: RuleSettings, ...under: (RuleSettings | undefined)[]): RuleProblem | null {
  for (const key of RULE_KEYS) {
    if (settings[key] === undefined) continue
    const found = thresholdProblem(key, thresholdOf(key, ...under, settings))
    if (found !== null) return found
  }
  return null
}

function thresholdProblem(key: RuleKey, { above, below, samples, minutes, least }: Threshold): RuleProblem | null {
  const { unit } = ruleOf(key)
  const wrong = (field: keyof Threshold, message: string) => ({ path: `${key}.${field}`, message })
  const most = unit === 'percent' ? 1 : MOST.above
  if (!(above > 0 && above <= most))
    return wrong('above', unit === 'percent' ? 'Give a share above 0 %, 100 % at most.' : 'Give a number above 0.')
  if (unit === 'count' && !Number.isInteger(above)) return wrong('above', 'Give a whole number.')
  if (!(below > 0 && below <= above))
    return wrong('below', 'Give a number above 0 that is not higher than where it fires.')
  if (!isWhole(samples, 1, MOST.samples)) return wrong('samples', 'Give a whole number from 1 to 100.')
  if (!isWhole(minutes, 0, MOST.minutes)) return wrong('minutes', 'Give whole minutes from 0 to 1,440, which is a day.')
  return least >= 0 && least <= MOST.least ? null : wrong('least', 'Give a number from 0 on.')
}

function isWhole(n: number, least: number, most: number): boolean {
  return Number.isInteger(n) && n >= least && n <= most
}
