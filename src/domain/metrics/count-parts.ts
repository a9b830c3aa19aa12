/** A task counted by what it consisted of, as the views `counted_parts` and `counted_times` of D1 count it. Pure. */
import type { StoredPart } from '../task/told/parts.ts'

/** A task's row, as far as it counts. */
export interface CountedTask {
  status: string
  step: string | null
  over: 0 | 1
  /** Its parts as JSON; null: it told of none. */
  parts: string | null
}

/** Of tasks of a workflow, or of the team as a whole, which has no steps. */
type Scope = 'workflow' | 'team'

function partsIn({ parts }: CountedTask): StoredPart[] {
  return parts === null ? [] : (JSON.parse(parts) as StoredPart[])
}

export function partsOfTask(task: CountedTask, scope: Scope) {
  const { status, step, over } = task
  return partsIn(task)
    .filter(([dimension]) => (scope === 'team' ? dimension === 'agent' || dimension === 'model' : dimension !== 'task'))
    .map(([dimension, name, cost, told]) => ({
      dimension,
      name,
      status: over === 0 && dimension === 'step' && step !== name ? 'passed' : status,
      ...{ tasks: 1, cost: cost ?? 0, priced: cost === null ? 0 : 1 },
      ...{ unsure: told & 1, decided: (told >> 1) & 1, edited: (told >> 2) & 1 },
    }))
}

const NOTHING = { people: 0, time: 0, held: 0, queue: 0, model: 0, call: 0 }

export function timesOfTask(task: CountedTask, scope: Scope) {
  return partsIn(task)
    .filter(
      ([dimension, , , , left]) => left > 0 && (dimension === 'task' || (dimension === 'step' && scope === 'workflow')),
    )
    .flatMap(([, step, , , , people = 0, time = 0, held = 0, queue = 0, model = 0, call = 0]) => {
      const [waited, worked] = [people + time + held + queue, model + call]
      const row = (what: 'all' | 'waited' | 'worked', ms: number, kinds = NOTHING) => {
        return { step, what, took: Math.round(10 * Math.log(1 + ms)), tasks: 1, ms, ...kinds }
      }
      const all = row('all', waited + worked, { people, time, held, queue, model, call })
      return [all, row('waited', waited), row('worked', worked)]
    })
}
