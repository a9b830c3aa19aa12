/** A step's call tried before it is saved, and a curl line that fills in its form. Nothing goes out before what it is was shown. */
import { Hono } from 'hono'
import { readCurl } from '../../../domain/tools/curl.ts'
import { errorPage, type PageContext, type PageEnv } from '../../../http/page/page.tsx'
import { secretHosts } from '../../../records/people/secrets.ts'
import { callValues } from '../../forms/call-form.ts'
import { shown } from '../../forms/form-values.ts'
import { readStep } from '../../forms/step-form.ts'
import { stepPage } from '../steps/step-page.tsx'
import type { CallTrial } from './call-trial.ts'
import { openTrial } from './open-trial.ts'
import { chosenTask, sampleScope } from './past-task.ts'
import { readyTrial } from './ready-call.ts'
import { workAt } from './tried-work.ts'

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
  const at = c.req.query('at') ?? ''
  const answer = (call: Omit<CallTrial, 'at'>, status: 200 | 422 = 200) =>
    stepPage(c, draft, step, { values: given, call: { at, ...call } }, status)
  const refuse = (problem: string) => answer({ problem, shown: null, came: null }, 422)
  const read = readStep(given, step)
  if (!read.ok) return refuse(read.message)
  const on = await chosenTask(c.env, draft.row.team, draft.row.id, step.key, given.sample)
  const scope = on ? (on.past.visits.at(-1)?.entered ?? on.past.now) : sampleScope(definition, step)
  const found = workAt(read.step, at, scope)
  if (!found.ok) return refuse(found.message)
  const place = { env: c.env, person: c.get('person'), workflow: draft.row.name, step: step.key }
  const ready = await readyTrial(found.work, found.scope, place)
  if ('problem' in ready) return refuse(ready.problem)
  const shown = { ...ready.shown, task: on?.task ?? null }
  if ((given.send ?? '') === '') return answer({ problem: null, shown, came: null })
  if (given.send !== shown.digest) {
    const problem = 'What it would send has changed since it was shown, so nothing was sent. Look at it again.'
    return answer({ problem, shown, came: null }, 422)
  }
  const refusal = await mayTry(c)
  if (refusal !== null) return refusal
  const came = await ready.send()
  return 'ok' in came ? answer({ problem: null, shown, came }) : refuse(came.problem)
})

/** A person sends only so many a minute; the answer to one too many, or null. */
async function mayTry(c: PageContext): Promise<Response | null> {
  const { success } = await c.env.FORM_LIMIT.limit({ key: `try:${c.get('person').team.id}:${c.get('person').email}` })
  if (success) return null
  c.header('Retry-After', '60')
  return errorPage(c, 429)
}
