/** A branch, or what is done with each item, as a form inside the step's form: its kind's own fields, named apart by what they begin with. */
import type { AnyJob, Handler } from '../../../domain/handler/handler.ts'
import { BRANCH_KINDS, type Branch } from '../../../domain/handler/parts/branch.ts'
import { HANDLERS, handlerOf } from '../../../domain/handler/registry.ts'
import type { Scope } from '../../../domain/template/scope.ts'
import { renderText } from '../../../domain/template/template.ts'
import { redactScope } from '../../../domain/text/redact.ts'
import type { Step } from '../../../domain/workflow/definition.ts'
import type { Frame } from '../../../domain/workflow/parts.ts'
import { type Option, Select, TextArea, TextField, Within } from '../../../http/components/field.tsx'
import { ModelField } from '../../../http/components/model-field.tsx'
import { type FormMistake, inOrder, mistake, type Values, wordOf } from '../../forms/form-values.ts'
import { modelValues } from '../../forms/params-form.ts'
import { OUTPUT } from '../../forms/schema-form.ts'
import { readStepSettings } from '../../forms/step-settings.ts'
import { timesValues } from '../../forms/times-form.ts'
import { FilesField } from '../settings/files-field.tsx'
import { MODEL_MARKS, ModelFields } from '../settings/model-fields.tsx'
import { SkillsField } from '../settings/skills-field.tsx'
import { CacheField, TimesFields } from '../settings/times-fields.tsx'
import { agent } from './agent.tsx'
import { http } from './http.tsx'
import { human } from './human.tsx'
import type { Around, FieldsProps, HandlerPages } from './pages.ts'
import { prompt } from './prompt.tsx'
import { tool } from './tool.tsx'
import { workflow } from './workflow.tsx'

type AnyPages = HandlerPages<'prompt'>
const PAGES = { prompt, agent, human, http, tool, workflow }
export type BranchKind = keyof typeof PAGES

const LABELS = 'labels'
/** Fields of other forms that begin so are a branch's. */
const START = /^(?:b\d+|each)-/

/** Whether the field stands in a form inside the step's. */
export function isOfBranch(field: string): boolean {
  return START.test(field)
}

function kindOf(branch: Branch): BranchKind {
  return handlerOf(branch as Step) as BranchKind
}

/** The branch's pages and its work. The job that they are asked about is of their kind. */
function readWork(kind: BranchKind, branch: Branch): { pages: AnyPages; job: never } {
  const handler = HANDLERS[kind] as unknown as Handler<AnyJob>
  return { pages: PAGES[kind] as unknown as AnyPages, job: handler.read(branch as Frame) as never }
}

/** What a branch may be made of when it is added. */
export function branchOffers(agents: string[]): Option[] {
  return Object.values(PAGES).flatMap(pages => pages.offers({ agents, from: undefined }))
}

/** A branch that was just added, which runs as it stands; null: nobody made that offer. */
function beginBranch(offer: string, name: string): Branch | null {
  for (const pages of Object.values(PAGES)) {
    const begun = pages.begin(offer, { name, from: undefined, owner: 'role:admin' })
    if (begun !== null) return begun
  }
  return null
}

/** The branch as fields; all begin with `start`. */
export function branchValues(branch: Branch, start: string): Record<string, unknown> {
  const kind = kindOf(branch)
  const { pages, job } = readWork(kind, branch)
  const { settings } = HANDLERS[kind]
  const takes = (name: (typeof settings)[number]) => (settings as readonly string[]).includes(name)
  const values = {
    ...pages.values(job),
    ...(kind === 'human' ? { [LABELS]: branch.human?.labels?.join(', ') } : {}),
    ...(takes('model') ? { model: branch.model, ...modelValues(branch) } : {}),
    ...(takes('skills') ? { skills: branch.skills?.join(', ') } : {}),
    ...(takes('files') ? { files: branch.files?.join(', ') } : {}),
    ...(takes('output') ? { [OUTPUT.json]: branch.output && JSON.stringify(branch.output, null, 2) } : {}),
    ...(takes('timeout') ? timesValues(branch) : {}),
    ...(takes('cache') ? { cache: branch.cache } : {}),
    offer: undefined,
    was: kind,
  }
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [start + name, value]))
}

/** The form's values without what they begin with. */
function inner(values: Values, start: string): Values {
  const own = Object.entries(values).filter(([name]) => name.startsWith(start))
  return Object.fromEntries(own.map(([name, value]) => [name.slice(start.length), value]))
}

const KEYS = [
  ...BRANCH_KINDS,
  'instructions',
  'tools',
  'turns',
  'with',
  'model',
  'fallback',
  'params',
  'skills',
  'files',
  'timeout',
  'retry',
  'cache',
  'output',
]

/** Reads the branch over what it was; one that is to be of another kind begins anew. */
export function readBranch(
  values: Values,
  start: string,
  name: string,
  before: Branch | undefined,
): { ok: true; branch: Branch } | FormMistake {
  const own = inner(values, start)
  const offer = wordOf(own, 'offer')
  const was = (Object.keys(PAGES) as BranchKind[]).find(kind => kind === own.was)
  if (offer !== undefined || was === undefined) {
    const begun = beginBranch(offer ?? 'prompt', name)
    return begun === null ? mistake(`${start}offer`, 'Choose who does it.') : { ok: true, branch: begun }
  }
  const same = before !== undefined && kindOf(before) === was ? before : {}
  const read = readFields(own, was, same)
  return read.ok ? read : mistake(start + read.field, read.message)
}

function readFields(own: Values, kind: BranchKind, before: Branch): { ok: true; branch: Branch } | FormMistake {
  const { pages, job } = readWork(kind, before)
  const work = pages.read(own, job)
  if (!work.ok) return work
  const takes = HANDLERS[kind].settings.filter(setting => setting !== 'confidence')
  const output = wordOf(own, OUTPUT.json) === undefined ? 'none' : 'json'
  const settings = readStepSettings({ ...own, [OUTPUT.as]: output }, before, takes)
  if (!settings.ok) return settings
  const branch: Branch = { ...work.own, ...settings.read }
  if (branch.human !== undefined) branch.human = withLabels(branch.human, wordOf(own, LABELS))
  return { ok: true, branch: inOrder<Branch>(branch, before, KEYS) }
}

function withLabels(own: NonNullable<Branch['human']>, text: string | undefined): NonNullable<Branch['human']> {
  const labels = (text ?? '')
    .split(',')
    .map(label => label.trim())
    .filter(Boolean)
  const { labels: _before, ...rest } = own
  return labels.length === 0 ? rest : inOrder({ ...rest, labels }, own, ['assign', 'instructions', 'labels', 'approve'])
}

/** The fields of a branch that is there. */
export const BranchFields = ({ view, error, branch, start }: FieldsProps & { branch: Branch; start: string }) => {
  const kind = kindOf(branch)
  const { pages } = readWork(kind, branch)
  const { Fields } = pages
  const values = inner(view.values, start)
  const fail = (field: string) => error(start + field)
  const { settings } = HANDLERS[kind]
  const has = (name: string) => (settings as readonly string[]).includes(name)
  const said = [
    'model',
    'skills',
    'files',
    ...MODEL_MARKS,
    OUTPUT.json,
    'timeout',
    'attempts',
    'delay',
    'factor',
    'cache',
  ]
  return (
    <Within.Provider value={start}>
      <input type="hidden" name={`${start}was`} value={kind} />
      <Select
        label="Who does it"
        name="offer"
        value=""
        error={fail('offer')}
        options={[{ value: '', label: `${pages.name}: as below` }, ...branchOffers(view.agents)]}
        hint="Another choice shows its fields once you save."
      />
      <Fields view={{ ...view, values, step: { ...view.step, ...branch, key: view.step.key } }} error={fail} />
      {kind === 'human' && (
        <TextField
          label="They choose among"
          name={LABELS}
          value={values[LABELS]}
          hint="Between commas, such as approved, rejected. Empty: one button, Done."
        />
      )}
      {settings.length > 0 && (
        <details class="explain" open={said.some(name => fail(name) !== undefined)}>
          <summary>
            {has('model') ? 'Model, output and retries' : has('retry') ? 'Output and retries' : 'Fields to fill in'}
          </summary>
          <div class="form">
            {has('model') && <ModelField value={values.model} placeholder={view.usual} />}
            {has('skills') && <SkillsField values={values} error={fail} known={view.skills} />}
            {has('files') && <FilesField values={values} error={fail} />}
            {has('fallback') && <ModelFields values={values} error={fail} />}
            {has('output') && (
              <TextArea
                label={kind === 'human' ? 'What they fill in, as JSON Schema' : 'What it answers with, as JSON Schema'}
                name={OUTPUT.json}
                value={values[OUTPUT.json]}
                code
                rows={4}
                spellcheck={false}
                error={fail(OUTPUT.json)}
                hint={kind === 'human' ? 'Empty: nothing.' : 'Empty: text.'}
              />
            )}
            {has('timeout') && <TimesFields values={values} error={fail} />}
            {has('cache') && <CacheField values={values} error={fail} />}
          </div>
        </details>
      )}
    </Within.Provider>
  )
}

/** What the list of steps says that it does. */
export function lineOfBranch(branch: Branch): string {
  const { pages, job } = readWork(kindOf(branch), branch)
  return pages.line(job)
}

/** What is sent for the branch, as its own preview would show it. */
export function previewOfBranch(
  branch: Branch,
  whole: Scope,
  token: string,
  around: Around,
): { ok: true; text: string } | { ok: false; message: string } {
  const kind = kindOf(branch)
  const { pages, job } = readWork(kind, branch)
  const scope = HANDLERS[kind].chooses === 'model' ? redactScope(whole, around.definition.redact) : whole
  if (pages.sends !== undefined) return pages.sends.render(job, scope, token, around)
  const text = pages.template === undefined ? '' : String(pages.values(job)[pages.template.field] ?? '')
  return renderText(text, scope)
}
