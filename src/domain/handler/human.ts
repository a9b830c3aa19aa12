/** The kind `human`: the work pauses until people decide. What they may choose are the step's labels. */

import type { WorkingHours } from '../schedule/working-hours.ts'
import { renderText } from '../template/template.ts'
import { durationMs } from '../workflow/parts.ts'
import type { Handler, Start, View } from './handler.ts'
import { formOf } from './parts/human-form.ts'
import { lintHuman } from './parts/human-lint.ts'
import {
  approvingLabel,
  type Human,
  type HumanJob,
  humanSchema,
  labelsOf,
  whyNeverSampled,
} from './parts/human-shape.ts'
import { dueAt, needsHours, remindersOf } from './parts/human-times.ts'
import { HUMAN_WORDS } from './parts/human-words.ts'

const shape = { human: humanSchema.optional() }
type Own = { human?: Human }

const ROLE = 'role:'
const GUEST = 'guest:'

export const human: Handler<HumanJob, Own> = {
  shape,
  settings: ['output'],
  words: HUMAN_WORDS,
  gives: ['done'],
  chooses: 'person',
  read: step => ({ kind: 'human', frame: step, human: step.human ?? {} }),
  labels: job => labelsOf(job),
  // Without fields to fill in its output is what a person saw or edited: another step's.
  outputSchema: job => job.frame.output ?? null,
  texts: ({ human: own }) =>
    own?.instructions === undefined ? [] : [{ path: ['human', 'instructions'], text: own.instructions }],
  references: ({ human: own }) => (own?.edits === undefined ? [] : [{ path: ['human', 'edits'], key: own.edits }]),
  lint: (job, path, around, report) => {
    const { frame, human: own } = job
    const others = around.steps.filter(key => key !== frame.key)
    lintHuman(
      own,
      { key: frame.key, labels: labelsOf(job), output: frame.output, others },
      [...path, 'human'],
      around.known,
      report,
    )
  },
  spends: null,
  // Roles stand for whoever holds them when the visit starts, and working hours and what was earned are those of then.
  begin: (job, view) => {
    const roles = rolesOf(job.human)
    const hours = needsHours(job.human.due, job.human.remind ?? view.remind)
    const sample = job.human.sample !== undefined && whyNeverSampled(job) === null
    if (roles.length === 0 && !hours && !sample) return [question(job, view, {})]
    return [{ kind: 'asking', roles, ...(hours && { hours }), ...(sample && { sample }) }]
  },
  question,
  assigns: job => named(job.human),
  sample: job => (whyNeverSampled(job) === null ? (job.human.sample ?? null) : null),
  overdue: job => job.human.overdue ?? null,
  judge: (_job, { handoff }) => ({ kind: 'completed', label: handoff }),
}

function named({ assign = [], stages = [], overdue }: Human): string[] {
  return [...assign, ...stages.flatMap(stage => stage.assign), ...(overdue?.assign ?? [])]
}

/** The team roles that a human step names. */
function rolesOf(human: Human): string[] {
  return [
    ...new Set(
      named(human)
        .filter(name => name.startsWith(ROLE))
        .map(name => name.slice(ROLE.length)),
    ),
  ]
}

function peopleOf(names: string[] | undefined, known: Record<string, string[]>): string[] {
  const found = (names ?? []).flatMap(name => (name.startsWith(ROLE) ? (known[name.slice(ROLE.length)] ?? []) : [name]))
  return [...new Set(found.map(person => addressOf(person.toLowerCase())))]
}

/** `guest:address` says of an address that may have belonged to the team that it is meant all the same. */
function addressOf(person: string): string {
  return person.startsWith(GUEST) ? person.slice(GUEST.length) : person
}

function question(
  job: HumanJob,
  view: View,
  known: Record<string, string[]>,
  hours: WorkingHours | null = null,
): Start {
  const { human: own } = job
  const rendered = renderText(own.instructions ?? '', view.scope())
  if (!rendered.ok)
    return { kind: 'failed', failure: { code: 'template', message: rendered.message, retryable: false } }
  const labels = labelsOf(job)
  const remind = remindersOf(own.remind ?? view.remind, view.now, hours)
  const artefact = view.shown(own.edits ?? null)
  const form = formOf(job, labels, view, artefact)
  const stages = own.stages?.map(({ name, assign, needs = 1 }) => ({
    ...(name !== undefined && { name }),
    assignees: peopleOf(assign, known),
    needs,
  }))
  const first = stages?.[0]
  const undo = own.undo === undefined ? null : durationMs(own.undo)
  return {
    kind: 'asked',
    question: {
      kind: 'decide',
      instructions: rendered.text,
      artefact,
      assignees: first?.assignees ?? peopleOf(own.assign, known),
      escalate: peopleOf(own.overdue?.assign, known),
      labels,
      approve: approvingLabel(own, labels),
      needs: first?.needs ?? own.needs ?? 1,
      reason: own.reason ?? [],
      edits: own.edits ?? null,
      due: own.due === undefined ? null : dueAt(own.due, view.now, hours),
      requester: own.requester ?? true,
      ...(form && { form }),
      ...(remind && { remind }),
      ...(undo !== null && { undo }),
      ...(stages && { stages: { of: stages, at: 0 } }),
      ...(own.risk && { risk: own.risk }),
    },
  }
}
