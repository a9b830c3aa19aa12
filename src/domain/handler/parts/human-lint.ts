/** The lint of human steps: who is asked, what they may choose, and what happens when they do not. */
import type { JsonSchema } from '../../json/json.ts'
import { nearest } from '../../nearest.ts'
import { isSchemaObject } from '../../schema/walk.ts'
import { lintDuration, lintLabel, lintPerson } from '../../workflow/lint/common.ts'
import { type LintPath, type Report, suggestion } from '../../workflow/lint/item.ts'
import type { Known } from '../../workflow/lint/known.ts'
import { durationMs } from '../../workflow/parts.ts'
import { approvingLabel, type Human } from './human-shape.ts'
import { lintTimes } from './human-times.ts'

/** The step around it: its key, its labels, what it puts out, the keys of all other steps. */
interface About {
  key: string
  labels: string[]
  output: JsonSchema | undefined
  others: string[]
}

/** Lints the human part of a step, which stands at `path`. */
export function lintHuman(human: Human, about: About, path: LintPath, known: Known, report: Report): void {
  for (const [index, person] of (human.assign ?? []).entries())
    lintPerson(person, [...path, 'assign', index], known, report)
  for (const [index, person] of (human.overdue?.assign ?? []).entries()) {
    lintPerson(person, [...path, 'overdue', 'assign', index], known, report)
  }
  lintTimes(human, path, report)
  lintUndo(human.undo, [...path, 'undo'], report)
  lintForm(human, about, path, report)
  if (human.stages === undefined) lintCount(human, path, report)
  else lintStages(human, human.stages, path, known, report)
  lintEdits(human, about, path, report)
  lintLabels(human, about.labels, path, report)
  if (human.overdue !== undefined && human.due === undefined) {
    const message = 'Without `due` the step is never overdue.'
    report.warn([...path, 'overdue'], 'overdue_without_due', message, 'Add `due`, such as `2d`.')
  }
}

/** Longest time in which a decision can be taken back: its task stands still meanwhile. */
const MAX_UNDO_MS = 3_600_000

function lintUndo(undo: string | undefined, path: LintPath, report: Report): void {
  lintDuration(undo, path, report)
  if (undo === undefined || (durationMs(undo) ?? 0) <= MAX_UNDO_MS) return
  report.error(
    path,
    'bad_value',
    `\`${undo}\` is longer than an hour.`,
    'Write `60s` or `5m`: the task waits that long.',
  )
}

/** What is filled in is an object: its fields are the form, and what later steps read. */
function lintForm({ form = [] }: Human, { output, labels }: About, path: LintPath, report: Report): void {
  for (const [index, label] of form.entries()) lintLabel(label, labels, [...path, 'form', index], report)
  if (output === undefined) {
    if (form.length === 0) return
    const message = 'There is nothing to fill in: the step has no `output`.'
    return report.warn(
      [...path, 'form'],
      'form_without_fields',
      message,
      'Give the step an `output` with fields, or leave `form` out.',
    )
  }
  const step = path.slice(0, -1)
  const { type, properties } = output
  if (type !== undefined && type !== 'object') {
    const message = 'What a person fills in is an object with fields.'
    report.error(
      [...step, 'output'],
      'bad_schema',
      message,
      'Write `type: object` and name the fields under `properties`.',
    )
  } else if (!isSchemaObject(properties) || Object.keys(properties).length === 0) {
    const message = 'The `output` names no fields, so that people are asked for JSON.'
    report.warn([...step, 'output'], 'form_without_fields', message, 'Name the fields under `properties`.')
  }
}

/** Each stage has people enough, and nothing besides them says who is asked. */
function lintStages(
  { assign, needs }: Human,
  stages: NonNullable<Human['stages']>,
  path: LintPath,
  known: Known,
  report: Report,
): void {
  for (const [key, value] of Object.entries({ assign, needs })) {
    if (value === undefined) continue
    const message = `\`${key}\` means nothing beside \`stages\`: each stage has its own.`
    report.error([...path, key], 'bad_value', message, `Leave \`${key}\` out, or make it a stage.`)
  }
  for (const [index, stage] of stages.entries()) {
    const place = [...path, 'stages', index]
    for (const [at, person] of stage.assign.entries()) lintPerson(person, [...place, 'assign', at], known, report)
    const people = new Set(stage.assign.map(name => name.toLowerCase())).size
    if (stage.assign.some(name => name.startsWith('role:')) || people >= (stage.needs ?? 1)) continue
    const message = `${stage.needs} people must approve in this stage, but fewer are named.`
    report.warn([...place, 'needs'], 'too_few_people', message, 'Name more people or lower `needs`.')
  }
}

function lintCount({ assign = [], needs = 1 }: Human, path: LintPath, report: Report): void {
  if (assign.length === 0) {
    const fix = 'Add `assign` with an address or `role:admin`.'
    report.warn(path, 'nobody_assigned', 'Nobody is assigned: tasks will be stuck here.', fix)
    return
  }
  const named = new Set(assign.map(name => name.toLowerCase())).size
  if (assign.some(name => name.startsWith('role:')) || named >= needs) return
  const message = `${needs} people must approve, but fewer are assigned.`
  report.warn([...path, 'needs'], 'too_few_people', message, 'Assign more people or lower `needs`.')
}

function lintEdits({ edits }: Human, { key, others }: About, path: LintPath, report: Report): void {
  if (edits === undefined || others.includes(edits)) return
  const message =
    edits === key ? 'A person cannot edit the output of their own step.' : `There is no step \`${edits}\`.`
  report.error([...path, 'edits'], 'unknown_step', message, suggestion(nearest(edits, others), others, 'Leave it out.'))
}

function lintLabels(human: Human, labels: string[], path: LintPath, report: Report): void {
  lintLabel(human.approve, labels, [...path, 'approve'], report)
  lintLabel(human.overdue?.handoff, labels, [...path, 'overdue', 'handoff'], report)
  for (const [index, label] of (human.reason ?? []).entries())
    lintLabel(label, labels, [...path, 'reason', index], report)
  const approving = approvingLabel(human, labels)
  if (human.overdue?.handoff === undefined || human.overdue.handoff !== approving) return
  const message = `\`${approving}\` is the approving label: nobody may approve by letting time pass.`
  const fix = 'Choose another label, or `assign` someone else.'
  report.error([...path, 'overdue', 'handoff'], 'overdue_approves', message, fix)
}
