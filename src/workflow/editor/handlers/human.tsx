/** The kind `human` in the editor: who is asked, what for, by when, and who may decide. */
import { type Human, humanSchema } from '../../../domain/handler/parts/human-shape.ts'
import { DUE, isDue } from '../../../domain/handler/parts/human-times.ts'
import { whoOf } from '../../../domain/handler/parts/human-words.ts'
import { type Remind, remindProblem } from '../../../domain/schedule/remind.ts'
import { cut } from '../../../domain/text/cut.ts'
import { COMPLETE, durationMs } from '../../../domain/workflow/parts.ts'
import {
  compact,
  type FormMistake,
  inOrder,
  listOf,
  mistake,
  textOf,
  type Values,
  wholeOf,
  wordOf,
} from '../../forms/form-values.ts'
import { DURATION } from '../../forms/times-form.ts'
import { HumanFields } from './human-fields.tsx'
import type { Added, HandlerPages } from './pages.ts'
import { lineOf } from './texts.ts'

export const human: HandlerPages<'human'> = {
  name: 'Human',
  about: 'a person you assign',
  offers: ({ from }) => [
    { value: 'human', label: 'Human: a person you assign' },
    ...(from === undefined ? [] : [{ value: 'approval', label: 'Human: approves, or sends it back' }]),
  ],
  begin,
  Fields: HumanFields,
  marks: ['needs', 'stages', 'due', 'undo', 'sample'],
  values: ({ human: own }) => ({
    ask: own.instructions,
    assign: own.assign?.join('\n'),
    approve: own.approve,
    needs: own.needs,
    stages: own.stages?.map(stageLine).join('\n'),
    edits: own.edits,
    due: own.due,
    remind_before: own.remind?.before?.join(', '),
    remind_every:
      own.remind === undefined
        ? undefined
        : (own.remind.every ?? (own.remind.before === undefined ? 'never' : undefined)),
    overdue_assign: own.overdue?.assign?.join('\n'),
    overdue_handoff: own.overdue?.handoff,
    reason: own.reason?.join(', '),
    form: own.form?.join(', '),
    undo: own.undo,
    risk: own.risk,
    sample: own.sample,
    requester: own.requester === undefined ? undefined : own.requester ? 'yes' : 'no',
  }),
  read: (values, before) => {
    const own = readHuman(values, before.human)
    return 'field' in own ? own : { ok: true, own: { human: own } }
  },
  template: { field: 'ask', whose: 'What the person reads, above what is to be decided on' },
  line: ({ human: own }) => {
    const { due, instructions } = own
    const who = whoOf(own)
    return `Asks ${who}${due ? `, due in ${due}` : ''}.${instructions ? ` ${lineOf(instructions)}` : ''}`
  },
}

/** An approval leads on, or back to where it came from. */
function begin(offer: string, { name, from, owner }: Added) {
  const asked = { assign: [owner], instructions: name }
  if (offer === 'human') return { human: asked }
  if (offer !== 'approval') return null
  return {
    human: { ...asked, approve: 'approved', reason: ['rejected'] },
    handoffs: [
      { when: 'approved', to: COMPLETE },
      { when: 'rejected', to: from ?? COMPLETE },
    ],
  }
}

function readHuman(values: Values, before: Human): Human | FormMistake {
  const word = (name: string) => wordOf(values, name)
  const needs = wholeOf(word('needs'))
  if (needs === null) return mistake('needs', 'How many must approve is a whole number from 1.')
  const stages = readStages(textOf(values, 'stages'))
  if (typeof stages === 'string') return mistake('stages', stages)
  const due = word('due')
  if (due !== undefined && !isDue(due)) return mistake('due', DUE.replaceAll('`', ''))
  const remind = remindIn(values)
  if (remind !== undefined && 'field' in remind) return remind
  const to = people(textOf(values, 'overdue_assign'))
  const overdue = { ...before.overdue, assign: to.length > 0 ? to : undefined, handoff: word('overdue_handoff') }
  const assign = people(textOf(values, 'assign'))
  const instructions = textOf(values, 'ask')
  const reason = listOf(word('reason'))
  const form = listOf(word('form'))
  const undo = word('undo')
  if (undo !== undefined && durationMs(undo) === null) return mistake('undo', DURATION)
  const sample = wholeOf(word('sample'))
  if (sample === null || (sample !== undefined && (sample < 2 || sample > 20)))
    return mistake('sample', 'One in how many is looked at is a whole number from 2 to 20.')
  const requester = word('requester')
  const read = {
    ...before,
    assign: assign.length > 0 ? assign : undefined,
    instructions: instructions?.trim() ? instructions : undefined,
    approve: word('approve'),
    needs,
    stages,
    edits: word('edits'),
    due,
    remind,
    overdue: overdue.assign || overdue.handoff ? compact(overdue) : undefined,
    reason: reason.length > 0 ? reason : undefined,
    form: form.length > 0 ? form : undefined,
    undo,
    risk: word('risk') === 'high' ? ('high' as const) : undefined,
    sample,
    requester: requester === undefined ? undefined : requester === 'yes',
  }
  return inOrder(read, before, Object.keys(humanSchema.shape))
}

type Stage = NonNullable<Human['stages']>[number]

/** "Legal = 2 of role:legal, ana@acme.test". */
function stageLine({ name, assign, needs }: Stage): string {
  return `${name === undefined ? '' : `${name} = `}${needs === undefined ? '' : `${needs} of `}${assign.join(', ')}`
}

/** Stages one a line; what is wrong with them, in words. */
function readStages(text: string | undefined): Stage[] | undefined | string {
  const lines = (text ?? '').split('\n').filter(line => line.trim() !== '')
  if (lines.length === 0) return undefined
  if (lines.length === 1) return 'Write at least two stages, one a line; one alone is “Assigned to”.'
  if (lines.length > 10) return 'Ten stages are the most.'
  const stages: Stage[] = []
  for (const line of lines) {
    const [, name, needs, who = ''] = /^(?:([^=]{1,80})=)?\s*(?:(\d{1,2})\s+of\s+)?(.*)$/.exec(line.trim()) ?? []
    const assign = people(who)
    if (assign.length === 0) return `“${cut(line.trim(), 60)}” names nobody.`
    if (needs !== undefined && (Number(needs) < 1 || Number(needs) > 50))
      return 'How many must approve is a whole number from 1 to 50.'
    stages.push({
      ...(name?.trim() && { name: name.trim() }),
      assign,
      ...(needs !== undefined && { needs: Number(needs) }),
    })
  }
  return stages
}

/** No reminders of its own: as the team has them. `never` says that there are none. */
function remindIn(values: Values): Remind | FormMistake | undefined {
  const before = listOf(wordOf(values, 'remind_before'))
  const every = wordOf(values, 'remind_every')
  if (before.length === 0 && every === undefined) return undefined
  const own = { ...(before.length > 0 && { before }), ...(every !== undefined && every !== 'never' && { every }) }
  const wrong = remindProblem(own)
  return wrong === null ? own : mistake(wrong.path === 'every' ? 'remind_every' : 'remind_before', wrong.message)
}

/** People one a line, or between commas. */
function people(text: string | undefined): string[] {
  return (text ?? '').split(/[\s,;]+/).filter(one => one !== '')
}
