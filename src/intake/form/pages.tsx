/** `/f/:intake`: a public form. It works without JavaScript, needs no account, and keeps machines out without a third party. */
import { Hono } from 'hono'
import type { Json } from '../../domain/json.ts'
import { BODY_LIMITS, guardValue } from '../../domain/json-guard.ts'
import { validate } from '../../domain/schema/validate.ts'
import { explain } from '../../http/errors.ts'
import { readForm } from '../../http/form.ts'
import { type Given, readInput } from '../../http/input-form.ts'
import { errorPage, type PageContext, type PageEnv, sheet } from '../../http/page.tsx'
import { derivedTaskId, isId, sha256Hex } from '../../records/ids.ts'
import { type FoundIntake, openIntake } from '../../records/open-intakes.ts'
import { liveOf } from '../../task/start.ts'
import type { PinnedVersion } from '../../workflow/pinned.ts'
import { madeUp } from '../came.ts'
import { examine } from '../examine.ts'
import type { FormSettings } from '../kinds/form.ts'
import { settingsOf } from '../kinds/kind.ts'
import { note, rowOf } from '../note.ts'
import { startOfDelivery, type TakenIn, takeIn } from '../take-in.ts'
import { PublicForm, publicForm, Thanks, TOKEN_FIELD, TRAP_FIELD } from './form-view.tsx'
import { newToken, readToken } from './token.ts'

export const formPages = new Hono<PageEnv>()

const PATH = '/f/:intake'

formPages.use(PATH, async (c, next) => {
  await next()
  c.res.headers.set('X-Robots-Tag', 'noindex')
})

formPages.get(PATH, async c => {
  const opened = await open(c)
  return 'answer' in opened ? opened.answer : show(c, opened, {}, {}, 200)
})

formPages.post(PATH, async c => {
  // It has no cookie to misuse, but nobody else's page shall send in a visitor's name.
  if (c.req.header('Sec-Fetch-Site') === 'cross-site') return errorPage(c, 403)
  const { success } = await c.env.FORM_LIMIT.limit({ key: `form:${c.req.header('CF-Connecting-IP') ?? ''}` })
  if (!success) {
    c.header('Retry-After', '60')
    return errorPage(c, 429)
  }
  const read = await readForm(c)
  if (!read.ok) return errorPage(c, read.status)
  const opened = await open(c)
  if ('answer' in opened) return opened.answer
  return receive(c, opened, Object.fromEntries(read.form))
})

formPages.all(PATH, c => {
  c.header('Allow', 'GET, HEAD, POST')
  return c.req.method === 'OPTIONS' ? c.body(null, 204) : errorPage(c, 405 as never)
})

interface Opened {
  intake: FoundIntake
  version: PinnedVersion
}

async function open(c: PageContext): Promise<Opened | { answer: Response | Promise<Response> }> {
  const id = c.req.param('intake') ?? ''
  const intake = isId('int', id) ? await openIntake(c.env.DB, id, 'form') : null
  if (!intake) return { answer: errorPage(c, 404) }
  const version = await liveOf(c.env.DB, intake)
  const closed = { title: 'This form is closed', did: 'Nothing was sent.', next: 'Ask whoever gave you its address.' }
  if (!version.ok || intake.status === 'archived') return { answer: errorPage(c, 410, closed) }
  return { intake, version: version.value }
}

const TOKEN_SAYS = {
  forged: 'This form could not be recognised. Look over what you wrote and send it again.',
  stale: 'This form was open for more than a day. Look over what you wrote and send it again.',
  fast: 'That was quicker than anyone can write. Send it again.',
}

async function receive(c: PageContext, opened: Opened, given: Given): Promise<Response> {
  // A machine that fills in what nobody sees shall learn nothing from the answer.
  if ((given[TRAP_FIELD] ?? '') !== '') return thanks(c, opened.intake, false)
  const { intake, version } = opened
  const token = await readToken(c.env, intake.id, given[TOKEN_FIELD] ?? '', Date.now())
  if (!token.ok) return show(c, opened, given, { '': TOKEN_SAYS[token.why] }, 422)
  const bad = Object.keys(given).find(name => given[name]!.includes('\0'))
  if (bad !== undefined) return show(c, opened, { ...given, [bad]: '' }, { [bad]: 'It holds a NUL character.' }, 422)
  const form = publicForm(version.pinned.definition.input)
  const read = readInput(form, given)
  if (!read.ok) return show(c, opened, given, read.errors, 422)
  const guarded = guardValue(read.input, BODY_LIMITS)
  if (guarded) return show(c, opened, given, { '': guarded.message }, 422)
  const taken = await take(c, opened, token.id, read.input)
  if ('errors' in taken) return show(c, opened, given, taken.errors, 422)
  return taken.ok ? thanks(c, intake, taken.held) : errorPage(c, explain(taken.problem).status)
}

/** The same page sent twice with the same content is one task; filled in anew, it is another. */
async function take(
  c: PageContext,
  { intake, version }: Opened,
  token: string,
  body: Json,
): Promise<TakenIn | { errors: Record<string, string> }> {
  const text = JSON.stringify(body)
  const parts = { body, headers: {}, query: {} }
  const delivery = madeUp(intake.id, parts, { type: 'application/json', text, isForm: false }, Date.now())
  const examined = examine(intake.config, version, delivery)
  if (examined.skipped !== null) {
    await note(
      c.env,
      rowOf(intake.team, delivery, { verdict: 'skipped', status: 200, reason: examined.skipped, task: null }),
    )
    return { ok: true, task: '', held: false, repeated: false }
  }
  if (examined.input === undefined || examined.problem) return { errors: errorsOf(version, body, examined) }
  const key = `${token}.${await sha256Hex(text)}`
  const task = await derivedTaskId(intake.team, 'intake', intake.id, key)
  const taken = await takeIn(
    c.env,
    intake,
    startOfDelivery(intake, version, delivery, { task, key, input: examined.input }),
  )
  if (taken.ok && taken.held && !taken.repeated) {
    await note(c.env, rowOf(intake.team, delivery, { verdict: 'held', status: 202, reason: null, task }))
  }
  return taken
}

/** Each error at its field; what has no field is told above the form. */
function errorsOf(version: PinnedVersion, body: Json, { problem }: ReturnType<typeof examine>): Record<string, string> {
  const { input: schema } = version.pinned.definition
  const names = publicForm(schema).fields.map(field => field.name)
  const errors: Record<string, string> = {}
  for (const { path, message } of schema ? validate(schema, body) : []) {
    const field = path.split(/[.[]/)[0] ?? ''
    const at = names.includes(field) ? field : ''
    errors[at] ??= message
  }
  if (Object.keys(errors).length > 0) return errors
  return { '': problem ? explain(problem).message : 'It could not be read.' }
}

async function show(
  c: PageContext,
  { intake, version }: Opened,
  given: Given,
  errors: Record<string, string>,
  status: 200 | 422,
): Promise<Response> {
  const now = Date.now()
  const kept = given[TOKEN_FIELD] ?? ''
  const read = await readToken(c.env, intake.id, kept, now)
  // A page that is shown again keeps its token, unless that is what was wrong with it.
  const token = read.ok || read.why === 'fast' ? kept : await newToken(c.env, intake.id, now)
  const title = titleOf(intake)
  const { fields } = publicForm(version.pinned.definition.input)
  const view = { action: c.req.path, title, fields, given, errors, token }
  return sheet(c, { title }, <PublicForm view={view} />, status)
}

function thanks(c: PageContext, intake: FoundIntake, held: boolean): Promise<Response> | Response {
  const { thanks: text = 'What you sent has arrived.' } = settingsOf<FormSettings>(intake)
  const title = held ? 'Received' : 'Thank you'
  return sheet(c, { title }, <Thanks title={title} text={text} />, held ? 202 : 200)
}

function titleOf(intake: FoundIntake): string {
  return settingsOf<FormSettings>(intake).title ?? intake.workflowName
}
