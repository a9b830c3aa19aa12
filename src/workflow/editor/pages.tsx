/** The editor's pages: the draft's steps, one step, the workflow itself and the text. Each form changes the draft by one edit. */
import { Hono } from 'hono'
import { literalHost } from '../../domain/call/address.ts'
import type { HttpCall } from '../../domain/call/http-call.ts'
import { modelNames } from '../../domain/models/environment.ts'
import { may } from '../../domain/permissions.ts'
import { cut } from '../../domain/text/cut.ts'
import { type Definition, stepOf } from '../../domain/workflow/definition.ts'
import { type Edit, keyFor } from '../../domain/workflow/edit.ts'
import { COMPLETE, stepName } from '../../domain/workflow/parts.ts'
import { usualModel } from '../../execution/models/usual.ts'
import { publicUrl } from '../../http/context.ts'
import { explain } from '../../http/errors.ts'
import { errorPage, goTo, type PageContext, type PageEnv } from '../../http/page/page.tsx'
import { startersOf } from '../../records/definitions/workflow-uses.ts'
import { termsOf } from '../../team/limits/terms.ts'
import { listModels } from '../../team/listed-models.ts'
import { keepNewSecrets, secretsIn } from '../../team/secrets/new-secrets.tsx'
import { type Draft, editable, keep, lintOf } from '../draft.ts'
import { exampleDraft } from '../first-draft.ts'
import type { Values } from '../forms/form-values.ts'
import { readHandoffs } from '../forms/handoff-form.ts'
import { newStep, readingTheNote } from '../forms/new-step.ts'
import { readSettings, settingsValues } from '../forms/settings-form.ts'
import { readStep } from '../forms/step-form.ts'
import { lintText } from '../publish.ts'
import { leadToDocs } from './frame.tsx'
import { type Opened, openEdit, ownDraft } from './open.ts'
import { conflict, refusalText, saveAndGo } from './save.tsx'
import { SettingsForm, type SettingsView } from './settings/settings-view.tsx'
import { agentKeys, frame, stepIn, stepPage } from './steps/step-page.tsx'
import { StepsEditor } from './steps/steps-view.tsx'
import { TextEditor } from './text-view.tsx'
import { tryPages } from './try/try-pages.tsx'

export const editorPages = new Hono<PageEnv>()

/** As the API's limit for definitions; characters, as a form has no bytes. */
const MAX_TEXT = 512 * 1024

editorPages.use('/workflows/:id/edit', leadToDocs)
editorPages.use('/workflows/:id/edit/*', leadToDocs)
editorPages.route('/', tryPages)

editorPages.get('/workflows/:id/edit', async c => {
  const draft = await ownDraft(c)
  if (!draft) return errorPage(c, 404)
  return editable(draft) === null ? goTo(c, `/workflows/${draft.row.id}/edit/yaml`) : stepsPage(c, draft, null)
})

editorPages.post('/workflows/:id/edit/steps', async c => {
  const opened = await openEdit(c)
  if (!opened.ok) return opened.answer
  const { draft, given } = opened
  const name = cut((given.name ?? '').trim(), 120)
  if (name === '') return stepsPage(c, draft, 'Say what happens in the step.', 422)
  const taken = editable(draft)?.steps.map(step => step.key) ?? []
  const from = given.from || undefined
  const step = newStep({ key: keyFor(name, taken), name, kind: given.kind ?? '', from }, c.get('person').email)
  const before = from === undefined ? null : stepIn(draft, from)
  // Whoever is sent back to reads why.
  const leadsBack = (step.handoffs ?? []).some(handoff => handoff.to === from)
  const reader = leadsBack && before ? readingTheNote(before) : null
  const edits: Edit[] = [
    ...(reader ? [{ do: 'updateStep' as const, key: reader.key, step: reader }] : []),
    { do: 'addStep', step, from },
  ]
  return saveAndGo(c, draft, given, edits, {
    to: `/workflows/${draft.row.id}/edit/steps/${step.key}`,
    message: `“${name}” is added. Configure it here.${reader ? ` “${stepName(reader)}” now reads the reviewer’s note.` : ''}`,
    again: refusal => stepsPage(c, draft, refusalText(refusal), 422),
  })
})

editorPages.post('/workflows/:id/edit/finish', c =>
  editSteps(c, ({ given, definition }) => {
    const key = given.step ?? ''
    const handoffs = [...(stepOf(definition, key)?.handoffs ?? []), { to: COMPLETE }]
    return { do: 'setHandoffs', key, handoffs }
  }),
)

editorPages.post('/workflows/:id/edit/move', c =>
  editSteps(
    c,
    ({ given }) => ({ do: 'moveStep', key: given.step ?? '', to: Number(given.to) || 0 }),
    ({ given, definition }) => {
      const place = Math.min(Math.max(0, Number(given.to) || 0), definition.steps.length - 1) + 1
      const step = stepOf(definition, given.step ?? '')
      // Whoever moves by keyboard goes on from the button they pressed.
      return {
        to: `?moved=${encodeURIComponent(given.step ?? '')}`,
        message: step && `“${stepName(step)}” is now ${place} of ${definition.steps.length}.`,
      }
    },
  ),
)

editorPages.post('/workflows/:id/edit/delete', c =>
  editSteps(c, ({ given }) => ({ do: 'deleteStep', key: given.step ?? '' })),
)

editorPages.post('/workflows/:id/edit/example', async c => {
  const opened = await openEdit(c)
  if (!opened.ok) return opened.answer
  const { draft, given } = opened
  const { name, description } = draft.row
  const text = exampleDraft(name, description ?? '', c.get('person').email)
  if (given.revision !== draft.revision) return conflict(c, { ...given, text }, null)
  if ((editable(draft)?.steps.length ?? 0) > 0) return stepsPage(c, draft, 'The draft has steps already.', 422)
  return keepText(c, opened, text, `/workflows/${draft.row.id}/edit`)
})

editorPages.get('/workflows/:id/edit/steps/:step', async c => {
  const draft = await ownDraft(c)
  const step = draft && stepIn(draft, c.req.param('step'))
  return step ? stepPage(c, draft, step, {}) : errorPage(c, 404)
})

editorPages.post('/workflows/:id/edit/steps/:step', async c => {
  const opened = await openEdit(c)
  if (!opened.ok) return opened.answer
  const { draft, given } = opened
  const step = stepIn(draft, c.req.param('step'))
  if (!step) return conflict(c, given, [])
  const again = (field: string, message: string) =>
    stepPage(
      c,
      draft,
      step,
      { values: given, newSecrets: secretsIn(given), mistake: { form: 'step', field, message } },
      422,
    )
  const read = readStep(given, step)
  if (!read.ok) return again(read.field, read.message)
  const problem = await setNewSecrets(c, read.step.http, given)
  if (problem !== null) return again('secret', problem)
  return saveAndGo(c, draft, given, [{ do: 'updateStep', key: step.key, step: read.step }], {
    to: `/workflows/${draft.row.id}/edit/steps/${read.step.key}`,
    message: `“${stepName(read.step)}” is saved.`,
    again: refusal => again(refusal.kind === 'bad_field' ? refusal.field : 'key', refusalText(refusal)),
  })
})

editorPages.post('/workflows/:id/edit/steps/:step/handoffs', async c => {
  const opened = await openEdit(c)
  if (!opened.ok) return opened.answer
  const { draft, given } = opened
  const definition = editable(draft)
  const step = stepIn(draft, c.req.param('step'))
  if (!step || !definition) return conflict(c, given, [])
  const again = (field: string, message: string) =>
    stepPage(c, draft, step, { sent: given, mistake: { form: 'handoffs', field, message } }, 422)
  const read = readHandoffs(given, step, definition)
  if (!read.ok) return again(read.field, read.message)
  return saveAndGo(c, draft, given, [{ do: 'setHandoffs', key: step.key, handoffs: read.handoffs }], {
    to: `/workflows/${draft.row.id}/edit/steps/${step.key}#handoffs`,
    message: 'The routes are saved.',
    again: refusal => again('', refusalText(refusal)),
  })
})

editorPages.get('/workflows/:id/edit/settings', async c => {
  const draft = await ownDraft(c)
  if (!draft) return errorPage(c, 404)
  const definition = editable(draft)
  if (!definition) return goTo(c, `/workflows/${draft.row.id}/edit/yaml`)
  return settingsPage(c, draft, definition, { values: settingsValues(definition), mistake: null })
})

editorPages.post('/workflows/:id/edit/settings', async c => {
  const opened = await openEdit(c)
  if (!opened.ok) return opened.answer
  const { draft, given } = opened
  const definition = editable(draft)
  if (!definition) return goTo(c, `/workflows/${draft.row.id}/edit/yaml`)
  const again = (field: string, message: string) =>
    settingsPage(c, draft, definition, { values: given, mistake: { field, message } }, 422)
  const read = readSettings(given, definition)
  if (!read.ok) return again(read.field, read.message)
  return saveAndGo(c, draft, given, [{ do: 'updateWorkflow', fields: read.fields }], {
    to: `/workflows/${draft.row.id}/edit`,
    message: 'Saved.',
    again: refusal => again('', refusalText(refusal)),
  })
})

editorPages.get('/workflows/:id/edit/yaml', async c => {
  const draft = await ownDraft(c)
  return draft ? textPage(c, draft, {}) : errorPage(c, 404)
})

editorPages.post('/workflows/:id/edit/yaml', async c => {
  const opened = await openEdit(c)
  if (!opened.ok) return opened.answer
  const { draft, given } = opened
  const text = (given.text ?? '').replaceAll('\r\n', '\n')
  if (text.length > MAX_TEXT)
    return textPage(c, draft, { text, problem: 'The definition is larger than 512 KiB.' }, 422)
  if (given.revision !== draft.revision) return conflict(c, given, null)
  return keepText(c, opened, text, `/workflows/${draft.row.id}/edit/yaml`)
})

/** Sets the secrets that came with a pasted call, for its host alone; what stands in the way, in words, or null. */
async function setNewSecrets(c: PageContext, call: HttpCall | undefined, given: Values): Promise<string | null> {
  const host = call === undefined ? null : literalHost(call.url)
  const set = secretsIn(given).filter(({ value }) => value !== '')
  if (host === null || set.length === 0 || !may(c.get('person'), 'secrets.manage')) return null
  return keepNewSecrets(c.env, c.get('person'), set, host)
}

type OpenEdit = Extract<Opened, { ok: true }>

/** Keeps a whole text as the draft; what cannot be read stays in the form, with the reason. */
async function keepText(c: PageContext, { draft, given }: OpenEdit, text: string, to: string): Promise<Response> {
  const read = await lintText(c.env, draft.row.team, { text, format: 'yaml' }, draft.row.id)
  if (!read.ok) return textPage(c, draft, { text, lint: [], problem: explain(read.problem).message }, 422)
  const { document } = read.value
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    return textPage(c, draft, { text, lint: [], problem: 'A definition is a YAML mapping.' }, 422)
  if (!(await keep(c.env.DB, draft.row, text, document, c.get('person').email)))
    return conflict(c, { ...given, text }, null)
  return goTo(c, to, 'The draft is kept. Publish it when it is ready; tasks go on as before until then.')
}

/** One edit from the page of all steps. */
async function editSteps(
  c: PageContext,
  editOf: (it: { given: Record<string, string>; definition: Definition }) => Edit,
  next?: (it: { given: Record<string, string>; definition: Definition }) => { to: string; message?: string },
): Promise<Response> {
  const opened = await openEdit(c)
  if (!opened.ok) return opened.answer
  const { draft, given } = opened
  const definition = editable(draft)
  if (!definition) return goTo(c, `/workflows/${draft.row.id}/edit/yaml`)
  const then = next?.({ given, definition })
  return saveAndGo(c, draft, given, [editOf({ given, definition })], {
    to: `/workflows/${draft.row.id}/edit${then?.to ?? ''}`,
    message: then?.message,
    again: refusal => stepsPage(c, draft, refusalText(refusal), 422),
  })
}

async function stepsPage(c: PageContext, draft: Draft, problem: string | null, status: 200 | 422 = 200) {
  const definition = editable(draft)
  if (!definition) return goTo(c, `/workflows/${draft.row.id}/edit/yaml`)
  const agents = await agentKeys(c)
  const { revision } = draft
  const moved = c.req.query('moved') ?? null
  const view = { workflow: draft.row.id, revision, definition, lint: lintOf(draft), agents, problem, moved }
  return frame(c, draft, 'steps', <StepsEditor view={view} />, status)
}

async function settingsPage(
  c: PageContext,
  draft: Draft,
  definition: Definition,
  over: Pick<SettingsView, 'values' | 'mistake'>,
  status: 200 | 422 = 200,
) {
  const revision = over.values.revision ?? draft.revision
  const { team, id } = draft.row
  const [{ budget }, usual, listed, starting] = await Promise.all([
    termsOf(c.env.DB, team),
    usualModel(c.env, team),
    listModels(c.env, team),
    startersOf(c.env.DB, team, id),
  ])
  const around = { budget, usual, models: modelNames(listed), starters: starting.map(({ name }) => name) }
  const view = { workflow: id, revision, definition, ...around, ...over }
  return frame(c, draft, 'steps', <SettingsForm view={view} />, status)
}

function textPage(
  c: PageContext,
  draft: Draft,
  over: { text?: string; lint?: ReturnType<typeof lintOf>; problem?: string },
  status: 200 | 422 = 200,
) {
  const { row, text, revision, problem } = draft
  const view = { workflow: row.id, revision, text, lint: lintOf(draft), problem, origin: publicUrl(c.env, ''), ...over }
  return frame(c, draft, 'yaml', <TextEditor view={view} />, status)
}
