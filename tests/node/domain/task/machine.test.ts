/** Every command in every place a task can be in: by hand as MACHINE says, on a run as the run's phase says. */
import { describe, expect, it } from 'vitest'
import type { Command, CommandType, Refusal } from '../../../../src/domain/task/commands.ts'
import { allowedIn, BY_HAND, type ByHand, isByHand, MACHINE, statusesFor } from '../../../../src/domain/task/machine.ts'
import { isOver, type RunPhase, STATUSES, type Status } from '../../../../src/domain/task/state.ts'
import { notEmpty } from '../../../support/not-empty.ts'
import {
  ANA,
  aCall,
  aFile,
  type Journey,
  onboarding,
  onePrompt,
  publish,
  SYSTEM,
  usage,
} from '../../../support/task-builders.ts'
import { A_CHILD, SITUATIONS, situations } from '../../../support/task-situations.ts'

type Later = Exclude<CommandType, 'create'>

/** A few believable forms of every command, aimed at what is open and at what is not. */
function formsOf(type: Later, task: Journey): Command[] {
  const { visit } = task.state
  const run = visit.runs[0]
  const phase = run?.phase
  const at = { visit: visit.n, run: run?.id ?? 1, attempt: run?.attempt ?? 1 }
  const leases = [phase?.name === 'claimed' ? phase.lease : 'lease_1', 'lease_never']
  const outcome = { kind: 'completed' as const, output: 'text', handoff: 'good', confidence: 0.9 }
  switch (type) {
    case 'claim':
      return [
        { type, ...at },
        { type, ...at, attempt: 9 },
        { type, ...at, visit: 9 },
      ]
    case 'note':
      return leases.flatMap(lease => [
        { type, ...at, lease, note: { called: aCall() } },
        { type, ...at, lease, note: { answered: { call: 'call_1', ok: true, ms: 5 } } },
        { type, ...at, lease, note: { turned: { turn: 1, text: null, calls: [], usage: usage() } } },
        { type, ...at, lease, note: { asks: { kind: 'call', call: '1.1', tool: 'pay', args: {}, why: 'It costs.' } } },
      ])
    case 'report':
      return leases.flatMap(lease => [
        { type, ...at, lease, outcome, usage: usage(), chain: true },
        { type, ...at, lease, outcome, usage: null, chain: false },
      ])
    case 'hold':
      return leases.map(lease => ({
        type,
        ...at,
        lease,
        reason: 'provider_offline',
        message: 'Offline.',
        fix: 'Wait.',
      }))
    case 'release':
      return [
        { type, visit: at.visit, run: at.run },
        { type, visit: at.visit, run: 9 },
      ]
    case 'resolve':
      return [
        { type, visit: at.visit, run: at.run, people: { admin: ['ana@acme.test'] } },
        { type, visit: at.visit, run: at.run, people: {} },
      ]
    case 'decide':
      return ['approved', 'good', 'rejected'].flatMap(handoff => [
        { type, handoff },
        { type, handoff, visit: visit.n, run: 1 },
        { type, handoff, visit: visit.n + 1 },
        { type, handoff, edits: 'an edit' },
      ])
    case 'undo':
      return [{ type }, { type, owner: true }, { type, visit: visit.n + 1 }, { type, visit: visit.n, run: 1 }]
    case 'answer':
      return [
        { type, happened: true },
        { type, happened: false, visit: visit.n, run: run?.id },
        { type, happened: true, visit: visit.n },
      ]
    case 'assign':
      return [
        { type, to: ['ana@acme.test'] },
        { type, to: [], visit: visit.n },
      ]
    case 'delegate':
      return [
        { type, to: 'cleo@acme.test' },
        { type, to: 'ana@acme.test', visit: visit.n },
      ]
    case 'comment':
      return [
        { type, text: 'Look at this, @ben.', mentions: ['ben@acme.test'] },
        { type, text: ' ', mentions: [] },
      ]
    case 'route':
      return ['complete', 'draft', 'approved', 'failed', 'default', 'nowhere'].map(handoff => ({ type, handoff }))
    case 'retry':
      return [{ type }, { type, visit: visit.n }]
    case 'move':
      return [
        { type, step: 'draft' },
        { type, step: 'approve', input: { company: 'Globex' } },
        { type, step: 'draft', input: { company: 5 } },
        { type, step: 'nowhere', visit: visit.n },
      ]
    case 'raise':
      return [
        { type, limits: { steps: 50, cost: 50, duration: '60d' } },
        { type, limits: {} },
        { type, limits: { duration: 'soon' } },
        { type, limits: { steps: 50 }, visit: visit.n },
      ]
    case 'cancel':
      return [{ type }, { type, note: 'enough', visit: visit.n }]
    case 'migrate': {
      const { pinned, digest } = publish(onboarding({ name: 'Onboarding, again' }), 4)
      return ['draft', 'approve', 'nowhere'].map(step => ({ type, pinned, digest, step }))
    }
    case 'event':
      return [{ type, name: 'paid', data: { amount: 5 } }]
    case 'attach':
      return [
        { type, files: [aFile()] },
        { type, files: [aFile(), aFile({ id: 'fil_2' })] },
        { type, files: [aFile({ until: 0 })] },
      ]
    case 'detach':
      return [{ type, file: 'fil_1' }]
    case 'heard': {
      const says = { type, ...A_CHILD, ...at, result: null, message: null }
      return (['open', 'failed', 'done', 'cancelled'] as const).flatMap(standing => [
        { ...says, standing },
        { ...says, standing, attempt: 9 },
        { ...says, standing, child: 'tsk_3' },
      ])
    }
    case 'read':
      return [
        { type, file: task.state.files[0]?.id ?? 'fil_1', text: 'What stands in it.' },
        { type, file: 'fil_never', noText: 'broken' },
      ]
    case 'told':
      return [
        { type, standing: 'open' },
        { type, standing: 'done' },
      ]
    case 'wake':
      return [{ type }]
  }
}

/** Refusals that a command may meet in a status that takes it. */
const REFUSALS: Record<Later, Refusal['kind'][]> = {
  claim: ['not_claimable'],
  note: ['stale_attempt'],
  report: ['stale_attempt'],
  hold: ['stale_attempt'],
  release: ['stale_attempt'],
  resolve: ['stale_attempt'],
  decide: ['already_decided', 'moved_on', 'wrong_status', 'unknown_label', 'edits_not_allowed', 'not_assigned'],
  undo: ['wrong_status', 'nothing_to_undo', 'too_late', 'not_yours', 'moved_on'],
  answer: ['already_decided', 'moved_on', 'wrong_status'],
  assign: ['already_decided', 'moved_on'],
  delegate: ['already_decided', 'moved_on', 'not_assigned', 'cannot_delegate'],
  comment: ['invalid_comment'],
  route: ['unknown_label'],
  retry: ['wrong_status'],
  move: ['unknown_step', 'invalid_input'],
  raise: ['invalid_limits'],
  cancel: [],
  migrate: ['unknown_step'],
  event: [],
  attach: ['upload_expired'],
  detach: [],
  heard: ['stale_attempt'],
  told: [],
  read: [],
  wake: [],
}

/** In which phase of the open visit's run a command on a run may be carried out. */
const PHASES: { [T in Exclude<Later, ByHand>]: RunPhase['name'][] } = {
  claim: ['due'],
  note: ['claimed'],
  report: ['claimed'],
  hold: ['due', 'claimed'],
  release: ['held'],
  resolve: ['asking'],
  heard: [],
  told: [],
  read: [],
  wake: ['due', 'claimed', 'asking', 'asked', 'undoable', 'awaiting', 'held', 'completed', 'failed', 'fenced'],
}

const commands = Object.keys(REFUSALS) as Later[]

/** Whether a task in this place may take the command at all; whether it takes this form of it, the rules say. */
function mayTake(type: Later, { state }: Journey): boolean {
  if (isByHand(type)) return MACHINE[type][state.status]
  if (type === 'heard' || type === 'told' || type === 'read') return true
  return state.visit.runs.some(run => PHASES[type].includes(run.phase.name)) || type === 'report' || type === 'wake'
}
const cells = situations().flatMap(([name, situation]) => commands.map(type => [name, type, situation] as const))

describe('the machine', () => {
  it('has a place for every status, so that no cell goes untried', () => {
    const reached = new Set(situations().map(([, situation]) => situation.status))
    expect([...reached].sort()).toEqual([...STATUSES].sort())
  })

  it.each(situations())('reaches "%s" by commands alone', (_name, { status, cause, reach }) => {
    const { state } = reach()
    expect(state.status).toBe(status)
    expect(state.stuck?.cause).toBe(cause)
  })

  it.each(cells)('with %s: %s is carried out or refused as the table says', (_name, type, situation) => {
    for (const command of notEmpty(formsOf(type, situation.reach()))) {
      const task = situation.reach()
      const before = { state: task.state, rows: task.rows.length }
      const allowed = mayTake(type, task)
      const refusal = task.try(command, isByHand(type) && !['event', 'attach'].includes(type) ? ANA : SYSTEM)
      if (!allowed) {
        const kinds = isByHand(type) && type !== 'decide' && type !== 'undo' ? ['wrong_status'] : REFUSALS[type]
        expect(kinds, JSON.stringify(command)).toContain(refusal?.kind)
      } else if (refusal !== null) expect(REFUSALS[type], JSON.stringify(command)).toContain(refusal.kind)
      if (refusal === null) {
        expect(task.reread(), JSON.stringify(command)).toEqual(task.state)
      } else {
        expect(task.state).toBe(before.state)
        expect(task.rows).toHaveLength(before.rows)
      }
    }
  })

  const refusedIn = (status: Status) =>
    BY_HAND.filter(each => !MACHINE[each][status] && !['decide', 'undo'].includes(each))

  it.each(situations().filter(([, { status }]) => refusedIn(status).length > 0))(
    'with %s: a refusal names the commands that would be taken',
    (_name, { status, reach }) => {
      for (const type of refusedIn(status)) {
        const refusal = reach().try(formsOf(type, reach())[0]!)
        expect(refusal).toEqual({ kind: 'wrong_status', status, command: type, allowed: allowedIn(status) })
      }
    },
  )

  it('never gives the same task two answers to the same command', () => {
    for (const [, situation] of situations()) {
      for (const type of commands) {
        for (const command of notEmpty(formsOf(type, situation.reach()))) {
          const [one, two] = [situation.reach(), situation.reach()]
          expect(one.try(command, ANA)).toEqual(two.try(command, ANA))
          expect(one.rows).toEqual(two.rows)
        }
      }
    }
  })

  it('refuses every command for a task that was never made', () => {
    for (const type of commands) {
      const [command] = formsOf(type, SITUATIONS['a due run']!.reach())
      const task = new (SITUATIONS.cancelled!.reach().constructor as typeof Journey)()
      expect(task.try(command!)).toEqual({ kind: 'unknown_task' })
    }
  })

  it.each(situations().filter(([, { status }]) => isOver(status)))(
    'with %s: nothing is done any more',
    (_name, { reach }) => {
      const task = reach()
      expect(task.alarm()).toBeNull()
      expect(task.do({ type: 'wake' })).toEqual([])
    },
  )

  it('offers people what the table takes, and decisions only where something is asked', () => {
    expect(allowedIn('waiting')).toEqual(['decide', 'undo', 'assign', 'move', 'raise', 'cancel', 'migrate'])
    expect(allowedIn('failed')).toEqual(['route', 'retry', 'move', 'raise', 'cancel', 'migrate'])
    expect(allowedIn('done')).toEqual([])
    expect(statusesFor('route')).toEqual(['stuck', 'failed'])
  })

  it('lets every open task be moved on or cancelled by hand', () => {
    for (const [, { status, reach }] of situations()) {
      if (isOver(status)) continue
      for (const [command, expected] of [
        [{ type: 'cancel' }, 'cancelled'],
        [{ type: 'move', step: reach().definition.steps[0]!.key }, undefined],
      ] as const) {
        const task = reach()
        task.do({ ...command, visit: task.state.visit.n }, ANA)
        if (expected) expect(task.state.status).toBe(expected)
        else expect(task.state.visit.n).toBeGreaterThan(reach().state.visit.n)
      }
    }
  })

  it('takes `migrate` to any step of another version, and keeps what was done', () => {
    const task = SITUATIONS['a run that failed']!.reach()
    const { pinned, digest } = publish(onePrompt({ key: 'other' }), 9)
    task.do({ type: 'migrate', pinned, digest, step: 'other' }, ANA)
    expect(task.state).toMatchObject({ version: 9, digest, status: 'running', visit: { n: 2, step: 'other' } })
  })
})
