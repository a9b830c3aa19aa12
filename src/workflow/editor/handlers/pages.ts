/** What every kind of handler says of itself on the editor's pages: how it is chosen, its fields, how they are read, its line. */
import type { FC } from 'hono/jsx'
import type { HANDLERS, HandlerKind, JobOf } from '../../../domain/handler/registry.ts'
import type { Scope } from '../../../domain/template/scope.ts'
import type { TeamTool } from '../../../domain/tools/tool.ts'
import type { Definition, Step } from '../../../domain/workflow/definition.ts'
import type { Option } from '../../../http/components/field.tsx'
import type { StartableWorkflow } from '../../../records/definitions/workflow-uses.ts'
import type { ErrorOf, FormMistake, Values } from '../../forms/form-values.ts'
import type { ChoosableSecret } from './pair-rows.tsx'

type KeysOf<K extends HandlerKind> = K extends HandlerKind
  ? Extract<keyof (typeof HANDLERS)[K]['shape'], keyof Step>
  : never
/** What a kind adds to a step. */
type Own<K extends HandlerKind> = { [Key in KeysOf<K>]?: Step[Key] }

export interface FieldsProps {
  view: {
    /** The form as it is, or as it was sent. */
    values: Values
    step: Step
    definition: Definition
    /** The keys of the team's agents. */
    agents: string[]
    /** Those of its skills; absent: they are not told. */
    skills?: string[]
    /** The model that answers where nothing names one. */
    usual?: string
    /** The workflow that is edited, and those of the team that a task can be started in; absent: they are not told. */
    workflow?: string
    workflows?: readonly StartableWorkflow[]
    /** Models that the team's providers offer; absent: they are not told. */
    models?: string[]
    /** The team's secrets: their names, and where they may go. */
    secrets: readonly ChoosableSecret[]
    /** What its texts may name besides, of work on each item. */
    items?: string[]
  }
  error: ErrorOf
}

/** What a preview is made in: the workflow, and those of the team's own tools that the form names. */
export interface Around {
  definition: Definition
  tools: readonly TeamTool[]
}

/** What is known of a step that is added. */
export interface Added {
  name: string
  /** The step that leads to it. */
  from: string | undefined
  /** Whoever adds it. */
  owner: string
}

export interface HandlerPages<K extends HandlerKind> {
  /** `Prompt`: what it is called where one chooses, and above its fields. */
  name: string
  /** `a text request to a model`: what it is, behind its name. */
  about: string
  /** What is chosen among when a step is added; each value is known to `begin`. */
  offers(around: { agents: string[]; from: string | undefined }): Option[]
  /** The work of a step that was just added, which runs as it stands; null: another kind made the offer. */
  begin(offer: string, added: Added): (Own<K> & Pick<Step, 'handoffs'>) | null

  /** Its fields. Those of all kinds stand on one form, so no two kinds may share a name. */
  Fields: FC<FieldsProps>
  /** Those of its fields that show what is wrong with them. */
  marks: readonly string[]
  /** Its fields' values. */
  values(job: JobOf<K>): Record<string, unknown>
  /** Reads the fields over the work as it was: what they do not show stays. */
  read(values: Values, before: JobOf<K>): { ok: true; own: Own<K> } | FormMistake

  /** The field that holds its text, and how a preview of it is introduced; without, there is none. */
  template?: { field: string; whose: string }
  /** What it sends or decides on a task, where that is more than a text; without it and `template` there is no preview. */
  sends?: {
    whose: string
    render(
      job: JobOf<K>,
      scope: Scope,
      token: string,
      around: Around,
    ): { ok: true; text: string } | { ok: false; message: string }
  }
  /** The key that tells a model what to do. */
  brief?: KeysOf<K>
  /** What the list of steps says that it does. */
  line(job: JobOf<K>): string
}
