/** What a publish form chose for the tasks in flight: for all of them, for those at a step, or for one; pure. */
import type { OpenTask } from '../../records/task/flights.ts'

export type Choice = { what: 'finish' } | { what: 'move'; step: string } | { what: 'restart' }

/** As a form says it: `finish`, `restart` or `step:key`. */
function choiceOf(text: string | undefined): Choice {
  if (text === 'restart') return { what: 'restart' }
  return text?.startsWith('step:') ? { what: 'move', step: text.slice('step:'.length, 60) } : { what: 'finish' }
}

export interface Plan {
  /** Stands above all others. */
  all: Choice | null
  /** By task; `visit`: the one that was shown, as a task that went on since is left alone. */
  tasks: Map<string, { choice: Choice | null; visit: number | undefined }>
  /** By step, for the tasks that were not chosen for one by one. */
  steps: Map<string, Choice>
}

type Given = Record<string, string>

/** Reads the form; a task whose choice is empty goes as its step does. */
export function planOf(given: Given): Plan {
  const tasks: Plan['tasks'] = new Map()
  const steps: Plan['steps'] = new Map()
  for (const [name, value] of Object.entries(given)) {
    const [, kind, key = ''] = /^(task|at)-(\w+)$/.exec(name) ?? []
    if (kind === 'at') steps.set(key, choiceOf(value))
    if (kind === 'task') {
      const visit = Number(given[`visit-${key}`]) || undefined
      tasks.set(key, { choice: value === '' ? null : choiceOf(value), visit })
    }
  }
  const { all } = given
  return { all: all === undefined || all === 'each' ? null : choiceOf(all), tasks, steps }
}

/** The fields of the form that say the plan, for a form that goes on with it. */
export function planFields(given: Given): [string, string][] {
  return Object.entries(given).filter(([name]) => /^(all$|task-|visit-|at-)/.test(name))
}

/** Whether any task is to do anything but finish on its version. */
export function movesAny({ all, tasks, steps }: Plan): boolean {
  const choices = all ? [all] : [...[...tasks.values()].map(task => task.choice), ...steps.values()]
  return choices.some(choice => choice !== null && choice.what !== 'finish')
}

/** What becomes of a task, and of which visit of it. */
export function choiceFor(
  plan: Plan,
  task: Pick<OpenTask, 'id' | 'step' | 'visit'>,
): { choice: Choice; visit: number } {
  const own = plan.tasks.get(task.id)
  const choice = plan.all ?? own?.choice ?? plan.steps.get(task.step ?? '') ?? { what: 'finish' as const }
  return { choice, visit: own?.visit ?? task.visit }
}
