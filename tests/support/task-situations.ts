/** Every kind of place a task can be in, each reached by commands alone, so that tables can be tried against all of them. */
import type { StuckCause } from '../../src/domain/task/events.ts'
import type { Status } from '../../src/domain/task/state.ts'
import {
  ANA,
  aCall,
  approve,
  aTask,
  DAY,
  draft,
  HOUR,
  type Journey,
  limited,
  onboarding,
  oneChild,
  oneHuman,
  onePrompt,
  research,
  usage,
} from './task-builders.ts'

/** The task that a run has started. */
export const A_CHILD = { child: 'tsk_2', workflow: 'wf_contract_review', of: 'Contract review' }

export interface Situation {
  status: Status
  cause?: StuckCause
  reach(): Journey
}

const branching = draft({
  handoffs: [
    { when: 'good', to: 'complete' },
    { when: 'poor', to: 'draft' },
  ],
})

function loop(limits: Parameters<typeof limited>[0]): Journey {
  const task = aTask(limited(limits, [draft({ handoffs: [{ to: 'draft' }] }), approve()]))
  for (let visit = 0; visit < (limits.steps ?? 1); visit++) task.answer('text')
  return task
}

function afterDuration(task: Journey): Journey {
  task.now += DAY
  task.do({ type: 'wake' })
  return task
}

/** A short name → how it is reached and the status it has. */
export const SITUATIONS: Record<string, Situation> = {
  'a due run': { status: 'running', reach: () => aTask(onboarding()) },
  'a claimed run': {
    status: 'running',
    reach: () => {
      const task = aTask(onboarding())
      task.claim()
      return task
    },
  },
  'a run that waits for the task that it started': {
    status: 'waiting',
    reach: () => {
      const task = aTask(oneChild())
      task.claim()
      task.do({ type: 'note', ...task.ref(), note: { started: A_CHILD } })
      return task
    },
  },
  'a run that waits for its next try': {
    status: 'running',
    reach: () => {
      const task = aTask(onboarding())
      task.fail()
      return task
    },
  },
  'roles being looked up': { status: 'running', reach: () => aTask(oneHuman({ assign: ['role:admin'] })) },
  'a provider that is not configured': {
    status: 'held',
    reach: () => {
      const task = aTask(onboarding())
      task.claim()
      task.do({
        type: 'hold',
        ...task.ref(),
        reason: 'provider_not_configured',
        message: 'No provider is configured.',
        fix: 'Configure one.',
      })
      return task
    },
  },
  'a question to people': { status: 'waiting', reach: () => aTask(oneHuman({ needs: 2, due: '2d' })) },
  'a decision that can be undone': {
    status: 'waiting',
    reach: () => {
      const task = aTask(oneHuman({ undo: '60s' }))
      task.decide('approved')
      return task
    },
  },
  'a doubtful answer': {
    status: 'waiting',
    reach: () => {
      const task = aTask(onboarding({ steps: [branching] }))
      task.answer('text', { handoff: 'good', confidence: 0.2 })
      return task
    },
  },
  'no handoff that matches': {
    status: 'stuck',
    cause: 'no_handoff_matched',
    reach: () => {
      const task = aTask(onboarding({ steps: [branching] }))
      task.answer('text', { handoff: 'middling' })
      return task
    },
  },
  'a decision that no handoff takes': {
    status: 'stuck',
    cause: 'no_handoff_matched',
    reach: () => {
      const task = aTask(oneHuman({}, { handoffs: [{ when: 'approved', if: 'false', to: 'complete' }] }))
      task.decide('approved')
      return task
    },
  },
  'no handoffs': {
    status: 'stuck',
    cause: 'no_handoffs',
    reach: () => {
      const task = aTask(onePrompt({ handoffs: undefined }))
      task.answer('text')
      return task
    },
  },
  'a target that is not there': {
    status: 'stuck',
    cause: 'unknown_target',
    reach: () => {
      const task = aTask(onePrompt({ handoffs: [{ to: 'nowhere' }] }))
      task.answer('text')
      return task
    },
  },
  'the limit of steps': { status: 'stuck', cause: 'limit_steps', reach: () => loop({ steps: 2 }) },
  'the limit of cost': {
    status: 'stuck',
    cause: 'limit_cost',
    reach: () => {
      const task = aTask(limited({ cost: 0.01 }, [draft({ model: 'gpt-5-mini', handoffs: [{ to: 'draft' }] })]))
      task.answer('text', { usage: usage({ outputTokens: 5000 }) })
      return task
    },
  },
  'the limit of cost between two tries': {
    status: 'stuck',
    cause: 'limit_cost',
    reach: () => {
      const task = aTask(limited({ cost: 0.01 }, [draft({ model: 'gpt-5-mini' })]))
      task.claim()
      const failure = { code: 'malformed_answer' as const, message: 'No answer.', retryable: true }
      const outcome = { kind: 'failed' as const, failure }
      task.do({ type: 'report', ...task.ref(), outcome, usage: usage({ outputTokens: 5000 }), chain: false })
      return task
    },
  },
  'the limit of duration, a run due': {
    status: 'stuck',
    cause: 'limit_duration',
    reach: () => afterDuration(aTask(limited({ duration: '12h' }, [research(), draft()]))),
  },
  'the limit of duration, a question open': {
    status: 'stuck',
    cause: 'limit_duration',
    reach: () => afterDuration(aTask(limited({ duration: '12h' }, [approve()]))),
  },
  'the limit of duration, roles being looked up': {
    status: 'stuck',
    cause: 'limit_duration',
    reach: () => afterDuration(aTask(limited({ duration: '12h' }, [approve({ assign: ['role:admin'] })]))),
  },
  'the limit of duration, a held run': {
    status: 'stuck',
    cause: 'limit_duration',
    reach: () => {
      const task = aTask(limited({ duration: '12h' }, [draft()]))
      task.now += 12 * HOUR - 1
      task.claim()
      const told = { reason: 'provider_offline' as const, message: 'It is offline.', fix: 'Wait.' }
      task.do({ type: 'hold', ...task.ref(), ...told, retryAfterMs: HOUR })
      task.now += 2
      task.do({ type: 'wake' })
      return task
    },
  },
  'an outcome that nobody knows': {
    status: 'stuck',
    cause: 'unknown_outcome',
    reach: () => {
      const task = aTask(onboarding())
      task.claim()
      task.do({ type: 'note', ...task.ref(), note: { called: aCall({ safe: false }) } })
      task.wake()
      return task
    },
  },
  'a worker that keeps dying': {
    status: 'stuck',
    cause: 'keeps_dying',
    reach: () => {
      const task = aTask(onboarding())
      for (let i = 0; i < 3; i++) task.lapse()
      return task
    },
  },
  'nobody assigned': { status: 'stuck', cause: 'nobody_assigned', reach: () => aTask(oneHuman({ assign: undefined })) },
  'a run that failed': {
    status: 'failed',
    reach: () => {
      const task = aTask(onePrompt({ retry: { attempts: 1 } }))
      task.fail()
      return task
    },
  },
  'a template that failed': {
    status: 'failed',
    reach: () => aTask(onePrompt({ prompt: 'Write to {{ input.nobody }}.' })),
  },
  'a question whose template failed': {
    status: 'failed',
    reach: () => aTask(oneHuman({ instructions: 'Ask {{ input.nobody }}.' })),
  },
  'a limit that fails it on the way': { status: 'failed', reach: () => loop({ steps: 2, reached: 'fail' }) },
  'a limit that fails it while people are asked': {
    status: 'failed',
    reach: () => {
      const human = { due: '1h', overdue: { handoff: 'rejected' } }
      const task = aTask(limited({ duration: '30m', reached: 'fail' }, [approve(human)]))
      task.wake()
      return task
    },
  },
  'done by a model': {
    status: 'done',
    reach: () => {
      const task = aTask(onePrompt())
      task.answer('text')
      return task
    },
  },
  'done by a person': {
    status: 'done',
    reach: () => {
      const task = aTask(oneHuman())
      task.decide('approved')
      return task
    },
  },
  cancelled: {
    status: 'cancelled',
    reach: () => {
      const task = aTask(oneHuman())
      task.do({ type: 'cancel', note: 'not needed' }, ANA)
      return task
    },
  },
}

export function situations(): [string, Situation][] {
  return Object.entries(SITUATIONS)
}
