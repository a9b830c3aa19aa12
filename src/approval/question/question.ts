/** A question to a person as its page shows it: what it is about, what led to it, what each choice triggers. Pure. */

import type { Json, JsonSchema } from '../../domain/json/json.ts'
import { isBlobRef } from '../../domain/task/context.ts'
import type { Actor } from '../../domain/task/events.ts'
import type { Stored } from '../../domain/task/log/blob.ts'
import type { AskKind } from '../../domain/task/people/ask.ts'
import type { Story, StoryAsk } from '../../domain/task/told/story.ts'
import type { OpenCall, OpenStage } from '../../domain/task/told/views.ts'
import { callName } from '../../domain/workflow/call-choices.ts'
import { type Choice, choicesOf, questionName } from '../../domain/workflow/consequence.ts'
import { stepOf } from '../../domain/workflow/definition.ts'
import { stepName } from '../../domain/workflow/parts.ts'
import { totalsOf } from '../../task/page/timeline.ts'
import type { EditStory, Totals, Visit } from '../../task/page/visit-story.ts'
import { callForm } from './call-form.ts'
import { type Change, differences, textOf } from './differences.ts'
import { type EditForm, editFormOf, type FormReader } from './edit.ts'
import { type FillForm, fillForm } from './fill.ts'

export interface Question {
  task: { id: string; title: string }
  workflow: string
  stepName: string
  kind: AskKind
  /** What its page asks, in a line. */
  title: string
  instructions: string
  artefact: { stepName: string; value: Json; edited: Edited | null } | null
  visit: number
  run: number
  digest: string
  askedAt: number
  due: number | null
  needs: number
  given: number
  assignees: string[]
  choices: Choice[]
  /** Names of the choices that need a note. */
  reasonFor: string[]
  edit: EditForm | null
  /** What is to be filled in; null: nothing. */
  form: FillForm | null
  /** Which of several stages is asked; null: there is one alone. */
  stage: OpenStage | null
  /** How long a decision can be undone, in ms; null: not at all. */
  undo: number | null
  /** The call that it is about. */
  call: (OpenCall & { name: string }) | null
  /** What was typed of a lost call's answer, and what it must fit; null: nobody is asked for it. */
  output: { value: string; schema: JsonSchema | null } | null
  input: Json
  /** The visits before this one, first to last. */
  past: PastVisit[]
  spent: Totals
  /** From the draft before this one. */
  redrafted: Change[] | null
  /** From what this person saw, or approved. */
  changed: Change[] | null
  /** Who made the latest change; null: nobody did. */
  changedBy: Edited | null
  /** Whether this person had approved the content as it was before. */
  cleared: boolean
}

/** Who made a text what it is. */
interface Edited {
  by: Actor
  at: number
}

/** What a visit came to, as a reader of the question needs it. */
export type PastVisit = Visit & { stepName: string }

/** What was typed into the form before, when it comes back with a message. */
export interface Sent {
  read: FormReader
  /** What is wrong with each of the fields. */
  errors?: Record<string, string>
  /** It was kept for later, at this time, and is not sent now. */
  keptAt?: number
}

export interface Contents {
  /** The content under the digest that this person saw, when it is another one. */
  seen: Content | null
  /** The draft before the one that is shown. */
  previous: Json | null
}

export interface Content {
  instructions: string
  output: Json
  /** What was filled in; absent: nothing is to be. */
  fields?: Json
}

/** Puts the question together from the task's story. `who` looks at it, in lower case; null: somebody who is not asked. */
export function questionOf(
  { story, visits, who }: { story: Story; visits: Visit[]; who: string | null },
  ask: StoryAsk,
  contents: Contents,
  sent?: Sent,
): Question {
  const { definition, view } = story
  const given = ask.votes.filter(vote => vote.digest === ask.digest && vote.handoff === ask.approve).length
  const choices = choicesOf(definition, { ...ask, given, fills: ask.form?.labels, next: ask.stage?.next })
  const nameOf = (key: string) => {
    const step = stepOf(definition, key)
    return step === undefined ? key : stepName(step)
  }
  // What a model or a call did at this very step led to the question, too.
  const past = visits.filter(visit => visit.n < ask.visit || (ask.kind !== 'decide' && visit.n === ask.visit))
  const { artefact, changed } = ask
  return {
    task: { id: view.id, title: view.title },
    workflow: definition.name,
    stepName: questionName(nameOf(ask.step), ask.name),
    kind: ask.kind,
    title: titleOf(ask, questionName(nameOf(ask.step), ask.name)),
    instructions: ask.instructions,
    artefact:
      artefact === null || ask.call !== undefined
        ? null
        : {
            stepName: nameOf(artefact.step),
            value: artefact.output,
            edited: latestOf(visits, artefact.step)?.edited ?? null,
          },
    visit: ask.visit,
    run: ask.run,
    digest: ask.digest,
    askedAt: askedAt(visits, ask),
    due: ask.due === null ? null : Date.parse(ask.due),
    needs: ask.needs,
    given,
    assignees: ask.assignees.map(each => each.email),
    choices,
    reasonFor: choices.filter(choice => choice.reason).map(choice => choice.name),
    edit: editFor(ask, sent?.read),
    form:
      ask.form === undefined ? null : { ...fillForm(ask.form, sent?.read, sent?.errors), keptAt: sent?.keptAt ?? null },
    stage: ask.stage ?? null,
    undo: ask.undo ?? null,
    call: ask.call === undefined ? null : { ...ask.call, name: callName(ask.call.tool) },
    output: ask.kind === 'outcome' ? { value: sent?.read('output') ?? '', schema: ask.expects ?? null } : null,
    input: view.input,
    past: past.map(visit => ({ ...visit, stepName: nameOf(visit.step) })),
    spent: totalsOf(past),
    redrafted: redrafted(ask, contents),
    changed: contents.seen === null ? null : changesSince(contents.seen, ask),
    changedBy: changed === undefined ? null : { by: changed.by, at: Date.parse(changed.at) },
    cleared: changed?.cleared.includes(who ?? '') ?? false,
  }
}

/** Whether the output that is shown may be edited here. */
export function isEditable(ask: StoryAsk): boolean {
  return ask.edits !== null && ask.artefact?.step === ask.edits
}

function titleOf({ kind, call }: StoryAsk, name: string): string {
  switch (kind) {
    case 'call':
      return `May ${callName(call?.tool ?? '')} be called?`
    case 'question':
      return `A question from ${name}`
    case 'outcome':
      return 'Did it happen?'
    default:
      return name
  }
}

function editFor(ask: StoryAsk, sent?: FormReader): EditForm | null {
  const { kind, call, artefact } = ask
  if (isEditable(ask)) return editFormOf(artefact!.output, sent)
  return kind === 'call' && call?.parameters !== undefined ? callForm(call.args, call.parameters, sent) : null
}

function askedAt(visits: Visit[], ask: StoryAsk): number {
  const visit = visits.find(each => each.n === ask.visit)
  return visit?.runs.find(run => run.id === ask.run)?.asks.at(-1)?.at ?? visit?.enteredAt ?? 0
}

function redrafted(ask: StoryAsk, { previous }: Contents): Change[] | null {
  return previous === null || ask.artefact === null ? null : differences(textOf(previous), textOf(ask.artefact.output))
}

function changesSince(seen: Content, ask: StoryAsk): Change[] | null {
  const before = contentText(seen)
  const { instructions, artefact, form } = ask
  const now = { instructions, output: artefact?.output ?? null, ...(form && { fields: form.values }) }
  return differences(before, contentText(now))
}

function contentText({ instructions, output, fields }: Content): string {
  const parts = [instructions, output === null ? '' : textOf(output), fields === undefined ? '' : fieldsText(fields)]
  return parts.filter(part => part !== '').join('\n\n')
}

/** What was filled in, a line for each field. */
function fieldsText(fields: Json): string {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return textOf(fields)
  return Object.entries(fields)
    .map(([name, value]) => `${name}: ${textOf(value)}`)
    .join('\n')
}

/** One content that people were shown or made, and the event that holds it whole. */
export interface Version {
  seq: number
  digest: string | null
  output: Stored<Json>
  instructions: string | null
  /** What was filled in, and the event that holds it whole; null: nothing is to be. */
  fields: { seq: number; value: Stored<Json> } | null
  /** null: a model or a call made it. */
  edited: Edited | null
}

/** Where the content under this digest is in the log of the question's visit; null: nobody was ever shown it. */
export function versionWith(visits: Visit[], ask: StoryAsk, digest: string): Version | null {
  for (const { seq, ask: asked, edits, again } of asksOf(visits, ask)) {
    const { instructions, form } = asked
    const fields = form === undefined ? null : { seq, value: form.values }
    let version: Version = {
      seq,
      digest: asked.digest,
      instructions,
      output: asked.artefact?.output ?? null,
      fields,
      edited: null,
    }
    if (version.digest === digest) return version
    for (const edit of [...edits, ...again].toSorted((a, b) => a.seq - b.seq)) {
      if ('stage' in edit) version = { ...version, digest: edit.digest }
      else
        version = edit.filled
          ? { ...version, digest: edit.digest, fields: { seq: edit.seq, value: edit.output } }
          : { ...versionOf(edit), instructions, fields: version.fields }
      if (version.digest === digest) return version
    }
  }
  return null
}

/**
 * The digest of the content that this person knows: what they approved last, else what was put to them at first. null: they
 * know nothing else than what is there now.
 */
export function knownTo(visits: Visit[], ask: StoryAsk, who: string | null): string | null {
  const asked = asksOf(visits, ask).at(-1)
  if (asked === undefined || who === null) return null
  const approved = asked.votes.findLast(({ by }) => by.kind !== 'system' && by.id.toLowerCase() === who)
  const known = approved?.digest ?? asked.ask.digest
  return known === ask.digest ? null : known
}

function asksOf(visits: Visit[], { visit, run }: StoryAsk) {
  return visits.find(each => each.n === visit)?.runs.find(each => each.id === run)?.asks ?? []
}

/** The draft before the one that the question shows: of an earlier visit, or what an approver changed. */
export function versionBefore(visits: Visit[], step: string): Version | null {
  return versionsOf(visits, step).at(-2) ?? null
}

function latestOf(visits: Visit[], step: string): Version | undefined {
  return versionsOf(visits, step).at(-1)
}

function versionsOf(visits: Visit[], step: string): Version[] {
  const made = visits.flatMap(visit => [...draftsIn(visit, step), ...editsIn(visit, step)])
  return made.sort((a, b) => a.seq - b.seq)
}

function draftsIn(visit: Visit, step: string): Version[] {
  if (visit.step !== step) return []
  const attempts = visit.runs.flatMap(run => run.attempts)
  return attempts.flatMap(({ output, seq }) =>
    output === null || seq === null
      ? []
      : [{ seq, digest: null, output, instructions: null, fields: null, edited: null }],
  )
}

function editsIn(visit: Visit, step: string): Version[] {
  const edits = visit.runs.flatMap(run => run.asks.flatMap(ask => ask.edits))
  return edits.filter(edit => edit.step === step).map(versionOf)
}

function versionOf({ seq, digest, output, by, at }: EditStory): Version {
  return { seq, digest, output, instructions: null, fields: null, edited: { by, at } }
}

/** Whether the value lies apart from the log's row and must be fetched. */
export function isApart(value: Stored<Json>): boolean {
  return isBlobRef(value)
}
