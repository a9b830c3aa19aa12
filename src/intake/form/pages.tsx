/** `/f/:intake`: a public form. It works without JavaScript, needs no account, and keeps machines out without a third party. */
import { Hono } from 'hono'
import { giveBack } from '../../files/keep.ts'
import { isMultipart } from '../../files/multipart.ts'
import { type CameFile, type PageForm, readPageForm, withFileIds } from '../../files/page-form.ts'
import { explain } from '../../http/errors.ts'
import { errorPage, type PageContext, type PageEnv, sheet } from '../../http/page/page.tsx'
import { readForm } from '../../http/request/form.ts'
import type { Given } from '../../http/request/input-form.ts'
import { isId } from '../../records/ids.ts'
import { type FoundIntake, openIntake } from '../../records/intake/open-intakes.ts'
import { targetOf } from '../../task/start.ts'
import type { FormSettings } from '../kinds/form.ts'
import { settingsOf } from '../kinds/kind.ts'
import { PublicForm, publicForm, Thanks, TOKEN_FIELD, TRAP_FIELD } from './form-view.tsx'
import { statusLink } from './status-link.ts'
import { keepTrapped, type OpenForm, submit } from './submit.ts'
import { newToken, readToken } from './token.ts'
import { siteKeyOf, TURNSTILE_FIELD, type Verdict, verdictOn, withTurnstile } from './turnstile.ts'

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
  const { success } = await c.env.FORM_LIMIT.limit({ key: `form:${addressOf(c) ?? ''}` })
  if (!success) {
    c.header('Retry-After', '60')
    return errorPage(c, 429)
  }
  // A form with files is read into its team's storage; any other before it is known whose it is.
  const plain = isMultipart(c.req.header('content-type')) ? null : await readForm(c)
  if (plain?.ok === false) return errorPage(c, plain.status)
  const opened = await open(c)
  if ('answer' in opened) return opened.answer
  const { team } = opened.intake
  const read: PageForm = plain?.ok
    ? { ...plain, files: [] }
    : await readPageForm(c, { team, from: 'form', by: { kind: 'system' } })
  if (!read.ok && read.message !== undefined) {
    const typed = withFileIds(null, Object.fromEntries(read.form ?? []), [])
    return show(c, opened, typed, { '': `${read.message} Choose your files again.` }, 422)
  }
  if (!read.ok) return errorPage(c, read.status)
  const { fields } = publicForm(opened.into.version.pinned.definition.input)
  const given = withFileIds(fields, Object.fromEntries(read.form), read.files)
  const { answer, took } = await receive(c, opened, given, read.files)
  if (!took)
    await giveBack(
      c.env,
      team,
      read.files.map(({ file }) => file),
    )
  return answer
})

formPages.all(PATH, c => {
  c.header('Allow', 'GET, HEAD, POST')
  return c.req.method === 'OPTIONS' ? c.body(null, 204) : errorPage(c, 405 as never)
})

async function open(c: PageContext): Promise<OpenForm | { answer: Response | Promise<Response> }> {
  const id = c.req.param('intake') ?? ''
  const intake = isId('int', id) ? await openIntake(c.env.DB, id, 'form') : null
  if (!intake) return { answer: errorPage(c, 404) }
  const into = await targetOf(c.env.DB, intake)
  const closed = { title: 'This form is closed', did: 'Nothing was sent.', next: 'Ask whoever gave you its address.' }
  if (!into.ok || intake.status === 'archived') return { answer: errorPage(c, 410, closed) }
  return { intake, into: into.value }
}

const TOKEN_SAYS = {
  forged: 'This form could not be recognised. Look over what you wrote and send it again.',
  stale: 'This form was open for more than a day. Look over what you wrote and send it again.',
  fast: 'That was quicker than anyone can write. Send it again.',
}

/** `took`: what becomes of the files is settled. */
async function receive(
  c: PageContext,
  opened: OpenForm,
  given: Given,
  files: CameFile[],
): Promise<{ answer: Response; took: boolean }> {
  const not = async (answer: Response | Promise<Response>) => ({ answer: await answer, took: false })
  const { intake } = opened
  // A machine that fills in what nobody sees is thanked as a person is; so is a person whose browser filled it in.
  if ((given[TRAP_FIELD] ?? '') !== '') {
    return not(thanks(c, intake, await keepTrapped(c.env, opened, withoutNul(given)), false))
  }
  const token = await readToken(c.env, intake.id, given[TOKEN_FIELD] ?? '', Date.now())
  if (!token.ok) return not(show(c, opened, given, { '': TOKEN_SAYS[token.why] }, 422))
  const submitted = await submit(c.env, opened, { given, files }, token.id, () => verdictOnVisitor(c, given))
  if (submitted.ok) {
    const { task, held } = submitted
    return { answer: await thanks(c, intake, task === null ? null : { task }, held), took: task !== null }
  }
  if ('problem' in submitted) return not(errorPage(c, explain(submitted.problem).status))
  if (submitted.retryAfter !== undefined) c.header('Retry-After', String(submitted.retryAfter))
  return not(show(c, opened, withoutNul(given), submitted.errors, submitted.status))
}

async function verdictOnVisitor(c: PageContext, given: Given): Promise<Verdict> {
  return siteKeyOf(c.env) === null ? 'human' : verdictOn(c.env, given[TURNSTILE_FIELD] ?? '', addressOf(c))
}

function addressOf(c: PageContext): string | undefined {
  return c.req.header('CF-Connecting-IP')
}

function withoutNul(given: Given): Given {
  return Object.fromEntries(Object.entries(given).map(([name, text]) => [name, text.includes('\0') ? '' : text]))
}

async function show(
  c: PageContext,
  { intake, into }: OpenForm,
  given: Given,
  errors: Record<string, string>,
  status: 200 | 409 | 422 | 429 | 503,
): Promise<Response> {
  const now = Date.now()
  const kept = given[TOKEN_FIELD] ?? ''
  const read = await readToken(c.env, intake.id, kept, now)
  // A page that is shown again keeps its token, unless that is what was wrong with it.
  const token = read.ok || read.why === 'fast' ? kept : await newToken(c.env, intake.id, now)
  const title = settingsOf<FormSettings>(intake).title ?? intake.workflowName
  const { fields } = publicForm(into.version.pinned.definition.input)
  const siteKey = siteKeyOf(c.env)
  if (siteKey !== null) c.header('Content-Security-Policy', withTurnstile())
  const view = { action: c.req.path, title, fields, given, errors, token, siteKey }
  return sheet(c, { title }, <PublicForm view={view} />, status)
}

/** Thanks, and the link by which the sender may follow it, where the form's owner allows that. */
async function thanks(
  c: PageContext,
  intake: FoundIntake,
  what: { task: string; delivery?: string } | null,
  held: boolean,
): Promise<Response> {
  const { thanks: text = 'What you sent has arrived.', follow = 'no' } = settingsOf<FormSettings>(intake)
  const { team, id } = intake
  const link =
    follow === 'no' || what === null ? null : await statusLink(c.env, { team, intake: id, ...what }, Date.now())
  const title = held ? 'Received' : 'Thank you'
  return sheet(c, { title }, <Thanks title={title} text={text} link={link} />, held ? 202 : 200)
}
