/** The form of a team's limits as people fill it in, read and said back. */
import {
  type LimitsProblem,
  limitsProblem,
  type Pace,
  settingsProblem,
  type TeamLimits,
} from '../../domain/team-limits.ts'

/** Field's name → what stands in it. */
export type Given = Record<string, string>

export interface ReadLimits {
  limits: TeamLimits
  timezone: string
  taskBudget: number | null
}

/** Reads the form; a mistake is named with its field. */
export function readLimitsForm(form: URLSearchParams): ReadLimits | LimitsProblem {
  const text = (name: string) => (form.get(name) ?? '').trim()
  const number = (name: string) => (text(name) === '' ? null : amountOf(text(name)))
  const budget = { day: number('budget.day'), month: number('budget.month') }
  const providers: [string, Pace][] = []
  for (const index of rowsOf(form)) {
    const name = text(`provider_${index}_name`).toLowerCase()
    const [parallel, perMinute] = [number(`provider_${index}_parallel`), number(`provider_${index}_perMinute`)]
    if (name === '' && parallel === null && perMinute === null) continue
    if (name === '') return { path: `provider_${index}_name`, message: 'Name the provider, such as openai.' }
    if (providers.some(([other]) => other === name)) {
      return { path: `provider_${index}_name`, message: 'It stands above already.' }
    }
    // A provider with no figure left is one without a limit.
    if (parallel === null && perMinute === null) continue
    const pace = { parallel: parallel ?? undefined, perMinute: perMinute ?? undefined }
    const wrong = limitsProblem({ budget: { day: null, month: null }, providers: { [name]: pace }, waiting: null })
    if (wrong !== null) return { path: fieldOf(wrong.path, index), message: wrong.message }
    providers.push([name, pace])
  }
  const limits = { budget, providers: Object.fromEntries(providers), waiting: number('waiting') }
  const timezone = text('timezone') || 'UTC'
  const taskBudget = number('taskBudget')
  return limitsProblem(limits) ?? settingsProblem(timezone, taskBudget, null) ?? { limits, timezone, taskBudget }
}

/** An amount as people write it: `$1,000.50`. What is none is refused where it belongs. */
function amountOf(text: string): number {
  return Number(text.replace(/^\$\s*/, '').replaceAll(/,(?=\d{3}(\D|$))/g, ''))
}

function rowsOf(form: URLSearchParams): number[] {
  return [...form.keys()].flatMap(name => /^provider_(\d{1,3})_name$/.exec(name)?.[1] ?? []).map(Number)
}

function fieldOf(path: string, index: number): string {
  const last = path.split('.')[2]
  return `provider_${index}_${last ?? 'name'}`
}

/** How the form stands for these limits: each provider that is known or has a limit, and room for one more. */
export function givenOf(
  { budget, providers, waiting }: TeamLimits,
  { timezone, taskBudget }: Pick<ReadLimits, 'timezone' | 'taskBudget'>,
  known: string[],
): Given {
  const text = (n: number | null | undefined) => (n === null || n === undefined ? '' : String(n))
  const names = [...new Set([...known, ...Object.keys(providers)])]
  const rows = [...names, ''].flatMap((name, index) => [
    [`provider_${index}_name`, name],
    [`provider_${index}_parallel`, text(providers[name]?.parallel)],
    [`provider_${index}_perMinute`, text(providers[name]?.perMinute)],
  ])
  return {
    'budget.day': text(budget.day),
    'budget.month': text(budget.month),
    waiting: text(waiting),
    timezone,
    taskBudget: text(taskBudget),
    ...Object.fromEntries(rows),
  }
}
