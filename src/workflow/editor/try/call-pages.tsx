/** A step's call tried before it is saved, and a curl line that fills in its form. Nothing goes out before what it is was shown. */
import { Hono } from 'hono'
import { literalHost } from '../../../domain/call/address.ts'
import { isRead } from '../../../domain/call/http-call.ts'
import { renderCall } from '../../../domain/call/render.ts'
import { secretsMarked, withoutMarks } from '../../../domain/call/secret-marks.ts'
import { requestText, shownCall } from '../../../domain/call/shown.ts'
import { personActor } from '../../../domain/caller.ts'
import { readCurl } from '../../../domain/tools/curl.ts'
import { tryCall } from '../../../execution/tools/try.ts'
import { errorPage, type PageContext, type PageEnv } from '../../../http/page/page.tsx'
import { noteTriedCall } from '../../../records/definitions/tried-calls.ts'
import { sha256Hex } from '../../../records/ids.ts'
import { secretHosts } from '../../../records/people/secrets.ts'
import { callValues } from '../../forms/call-form.ts'
import { shown } from '../../forms/form-values.ts'
import { kindOf, readStep } from '../../forms/step-form.ts'
import { KEY_OF_RUN } from '../handlers/http.tsx'
import { stepPage } from '../steps/step-page.tsx'
import type { CallTrial, ShownTrial } from './call-trial.ts'
import { openTrial } from './open-trial.ts'
import { chosenTask, type PastTask, sampleScope } from './past-task.ts'

/** Mounted beside the other trials, behind their guard. */
export const callPages = new Hono<PageEnv>()

callPages.post('/workflows/:id/edit/steps/:step/curl', async c => {
  const opened = await openTrial(c)
  if (!opened.ok) return opened.answer
  const { draft, step, given } = opened
  const line = (given.curl ?? '').replaceAll('\r\n', '\n')
  const taken = [...(await secretHosts(c.env.DB, draft.row.team)).keys()]
  const read = readCurl(line, taken)
  if (!read.ok) return stepPage(c, draft, step, { values: given, curl: { line, problem: read.message } }, 422)
  const { name = '', key = step.key, revision = draft.revision, sample = '' } = given
  const others = Object.entries(given).filter(([field]) => !field.startsWith('http_') && !field.startsWith('secret_'))
  const values = shown({
    ...Object.fromEntries(others),
    ...{ name, key, revision, sample, kind: 'http', curl: undefined },
    ...callValues(read.call),
  })
  return stepPage(c, draft, step, { values, newSecrets: read.secrets })
})

callPages.post('/workflows/:id/edit/steps/:step/call', async c => {
  const opened = await openTrial(c)
  if (!opened.ok) return opened.answer
  const { draft, step, definition, given } = opened
  const answer = (call: CallTrial, status: 200 | 422 = 200) => stepPage(c, draft, step, { values: given, call }, status)
  const refuse = (problem: string) => answer({ problem, shown: null, came: null }, 422)
  if (kindOf(given, step) !== 'http') return refuse('A step of this kind calls no address.')
  const read = readStep(given, step)
  if (!read.ok) return refuse(read.message)
  if (read.step.http === undefined) return refuse('The step calls no address yet.')
  const on = await chosenTask(c.env, draft.row.team, draft.row.id, step.key, given.sample)
  const scope = on ? (on.past.visits.at(-1)?.entered ?? on.past.now) : sampleScope(definition, step)
  const rendered = renderCall(read.step.http, scope, crypto.randomUUID().replaceAll('-', ''))
  if (!rendered.ok) return refuse(rendered.message)
  const { call } = rendered
  const told = await shownTrial(call, on)
  if ((given.send ?? '') === '') return answer({ problem: null, shown: told, came: null })
  if (given.send !== told.digest) {
    const problem = 'What it would send has changed since it was shown, so nothing was sent. Look at it again.'
    return answer({ problem, shown: told, came: null }, 422)
  }
  const refusal = await mayTry(c)
  if (refusal !== null) return refusal
  const about = { team: draft.row.team, workflow: draft.row.name, step: step.key, call: `${call.method} ${told.host}` }
  await noteTriedCall(c.env.DB, about, personActor(c.get('person')), Date.now())
  const came = await tryCall(c.env, draft.row.team, call)
  return answer({ problem: null, shown: told, came })
})

/** What is said of a call before it is sent. */
async function shownTrial(
  call: Extract<ReturnType<typeof renderCall>, { ok: true }>['call'],
  on: PastTask | null,
): Promise<ShownTrial> {
  const { method, url, query, headers, body = null, token } = call
  const parts = { method, url, query, headers, body, key: call.key }
  return {
    task: on?.task ?? null,
    host: literalHost(url) ?? url,
    secrets: secretsMarked([query, headers, body], token),
    reads: isRead(call),
    text: requestText(shownCall(call, KEY_OF_RUN)),
    digest: await sha256Hex(JSON.stringify(withoutMarks(parts, token))),
  }
}

/** A person sends only so many a minute; the answer to one too many, or null. */
async function mayTry(c: PageContext): Promise<Response | null> {
  const { success } = await c.env.FORM_LIMIT.limit({ key: `try:${c.get('person').team.id}:${c.get('person').email}` })
  if (success) return null
  c.header('Retry-After', '60')
  return errorPage(c, 429)
}
