/** The form of alerts' thresholds as people fill it in, read and said back. An empty field is as above it. */
import {
  RULE_KEYS,
  type RuleKey,
  type RuleProblem,
  type RuleSettings,
  ruleOf,
  rulesProblem,
  type Threshold,
} from '../../domain/alert/rules.ts'

/** Field's name → what stands in it. */
export type Given = Record<string, string>

/** Most hours that an alert is muted: 30 days. */
export const MOST_HOURS = 720

const NUMBERS = ['above', 'below', 'samples', 'minutes', 'least'] as const
export type NumberField = (typeof NUMBERS)[number]

/** The rules that can be set: of a workflow only those that are judged by workflow. */
export function rulesFor(workflow: string): RuleKey[] {
  return RULE_KEYS.filter(key => workflow === '' || ruleOf(key).perWorkflow)
}

/** Why these cannot be a workflow's; null: they can, or are the team's. */
export function perWorkflowProblem(set: RuleSettings, workflow: string): RuleProblem | null {
  const path = RULE_KEYS.find(key => set[key] !== undefined && !rulesFor(workflow).includes(key))
  return path === undefined ? null : { path, message: 'This is of the whole team: set it without a workflow.' }
}

/** The fields that a rule has. */
export function fieldsOf(key: RuleKey): NumberField[] {
  const { samples, least } = ruleOf(key)
  return NUMBERS.filter(field => (field !== 'samples' || samples !== null) && (field !== 'least' || least !== null))
}

export type ReadRules = { ok: true; set: RuleSettings } | { ok: false; wrong: RuleProblem }

/** Reads the form; a mistake is named with its field. `under`: what these stand upon. */
export function readRulesForm(form: URLSearchParams, workflow: string, under: RuleSettings[]): ReadRules {
  const set: RuleSettings = {}
  for (const key of rulesFor(workflow)) {
    const own: Partial<Threshold> = {}
    const said = form.get(`${key}.on`)
    if (said === 'on' || said === 'off') own.on = said === 'on'
    for (const field of fieldsOf(key)) {
      const text = (form.get(`${key}.${field}`) ?? '')
        .trim()
        .replace(/\s*(%|×)$/, '')
        .replace(/^\$\s*/, '')
        .replace(',', '.')
      if (text !== '') own[field] = isShare(key, field) ? Number(text) / 100 : Number(text)
    }
    if (Object.keys(own).length > 0) set[key] = own
  }
  const wrong = rulesProblem(set, ...under)
  return wrong === null ? { ok: true, set } : { ok: false, wrong }
}

/** How the form stands for these. */
export function givenOf(set: RuleSettings): Given {
  return Object.fromEntries(
    Object.entries(set).flatMap(([key, own]) =>
      Object.entries(own).map(([field, value]) => [
        `${key}.${field}`,
        typeof value === 'boolean' ? (value ? 'on' : 'off') : numberText(key as RuleKey, field as NumberField, value),
      ]),
    ),
  )
}

/** A number as its field has it. */
export function numberText(key: RuleKey, field: NumberField, value: number): string {
  return String(isShare(key, field) ? Math.round(value * 1e6) / 1e4 : value)
}

function isShare(key: RuleKey, field: NumberField): boolean {
  return ruleOf(key).unit === 'percent' && (field === 'above' || field === 'below')
}
