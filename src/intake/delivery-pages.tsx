/** What people do with what came to an intake: send a test, send it again, try a filter and a map on it and keep them. */
import { Hono } from 'hono'
import { personActor } from '../domain/caller.ts'
import type { Json } from '../domain/json/json.ts'
import { cut } from '../domain/text/cut.ts'
import { explain } from '../http/errors.ts'
import { openChange } from '../http/page/change.ts'
import { errorPage, goTo, type PageContext, type PageEnv, page } from '../http/page/page.tsx'
import { readJson } from '../http/request/body.ts'
import { type DeliveryRow, deliveryById, intakeOfDelivery } from '../records/intake/deliveries.ts'
import type { IntakeRow } from '../records/intake/intakes.ts'
import { changeOfKind, kindOf } from './kinds/index.ts'
import { type Parts, preview, replay, replayMany, sendTest, wholeBody } from './outcome/replay.ts'
import { canChange, isVerdict, ownInbox, ownIntake, pageOf, refuse } from './page-parts.tsx'
import { madeUpBody, usualParts } from './sample.ts'
import { changedWebhook, changeWebhook, wrongFilter, wrongMap } from './settings.ts'
import { PreviewPage, type PreviewView } from './views/preview-view.tsx'
import { type Given, readMap, sharedGiven } from './views/setting-fields.tsx'

export const deliveryPages = new Hono<PageEnv>()

const AT = '/workflows/:id/intakes/:intake'

deliveryPages.post(`${AT}/test`, async c => {
  const row = await ownIntake(c)
  if (row?.kind !== 'webhook') return errorPage(c, 404)
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const by = { actor: personActor(c.get('person')) }
  const sent = await sendTest(c.env, row.team, row.id, await usualParts(c.env, row), by)
  return sent.ok ? goTo(c, pageOf(row), toldOf('The test', sent.value)) : refuse(c, sent.problem)
})

deliveryPages.post(`${AT}/deliveries/:delivery/replay`, async c => {
  const row = await ownInbox(c)
  const delivery = row && (await ownDelivery(c, row, c.req.param('delivery')))
  if (!delivery) return errorPage(c, 404)
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const sent = await replay(c.env, delivery, { actor: personActor(c.get('person')) })
  return sent.ok ? goTo(c, pageOf(row), toldOf('The replay', sent.value)) : refuse(c, sent.problem)
})

deliveryPages.post(`${AT}/replay`, async c => {
  const row = await ownInbox(c)
  if (!row) return errorPage(c, 404)
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const { verdict, q = '' } = change.given
  if (!isVerdict(verdict) || verdict === 'held') return errorPage(c, 422)
  const filter = { verdict, q: cut(q.trim(), 200) || undefined }
  const { items } = await replayMany(c.env, row, filter, null, personActor(c.get('person')))
  const made = items.filter(({ sent }) => sent.ok && sent.value.verdict === 'accepted').length
  const rest = items.length - made
  const told = `${made === 1 ? 'One made a task' : `${made} made tasks`}${rest > 0 ? `, ${rest} did not` : ''}.`
  return goTo(c, pageOf(row), items.length === 0 ? 'There was nothing to send again.' : told)
})

deliveryPages.get(`${AT}/preview`, async c => {
  const row = await ownInbox(c)
  if (!row) return errorPage(c, 404)
  return tryOut(c, row, { ...sharedGiven(row.config), delivery: c.req.query('delivery') ?? '' })
})

deliveryPages.post(`${AT}/preview`, async c => {
  const row = await ownInbox(c)
  if (!row) return errorPage(c, 404)
  const change = await openChange(c)
  if (!change.ok) return change.answer
  return change.given.do === 'keep' ? keep(c, row, change.given) : tryOut(c, row, change.given)
})

/** Makes what was tried out the intake's own. */
async function keep(c: PageContext, row: IntakeRow, given: Given) {
  const { filter, map } = triedOf(given)
  const settings = { filter: filter ?? null, map: map ?? null }
  const kind = kindOf(row.kind)
  const actor = personActor(c.get('person'))
  if (kind) {
    const changed = await changeOfKind(c.env, kind, row, settings, actor)
    if (!changed.ok) return tryOut(c, row, given)
  } else {
    const changed = await changeWebhook(c.env, row, now => changedWebhook(c.env, now, now.name, settings), actor)
    if (!changed.ok) return tryOut(c, row, given)
  }
  return goTo(c, pageOf(row), 'Filter and map are kept. They hold within 10 s.')
}

async function tryOut(c: PageContext, row: IntakeRow, given: Given) {
  const delivery = given.delivery ? await ownDelivery(c, row, given.delivery) : null
  const { filter = '', map = '' } = given
  const whole = delivery && (await wholeBody(c.env, delivery))
  const body = delivery ? (whole ?? '') : (given.body ?? JSON.stringify(await madeUpBody(c.env, row), null, 2))
  const view: PreviewView = {
    at: pageOf(row),
    delivery: delivery?.id ?? '',
    body,
    filter,
    map,
    seen: null,
    error: null,
    canChange: canChange(c),
  }
  const tried = triedOf(given)
  const wrong = wrongFilter(tried.filter) ?? wrongMap(tried.map)
  const what = delivery ?? partsOf(body)
  if (wrong || what === null) view.error = wrong ? explain(wrong).message : 'The body is not JSON.'
  else {
    const seen = await preview(c.env, row.team, row.id, what, tried)
    if (seen.ok) view.seen = seen.value
    else view.error = explain(seen.problem).message
  }
  const content = <PreviewPage view={view} />
  return page(c, { title: 'Preview', active: 'workflows' }, content, view.error === null ? 200 : 422)
}

function triedOf({ filter = '', map = '' }: Given) {
  return { filter: filter.trim() || undefined, map: map.trim() ? readMap(map) : undefined }
}

function partsOf(text: string): Parts | null {
  const read = readJson(text)
  return read.ok ? { body: read.value as Json } : null
}

/** A delivery that came to this very intake. */
async function ownDelivery(c: PageContext, row: IntakeRow, id: string): Promise<DeliveryRow | null> {
  return intakeOfDelivery(id) === row.id ? deliveryById(c.env.DB, row.team, id) : null
}

/** What became of something that was sent on behalf of the person. */
function toldOf(what: string, row: DeliveryRow): string {
  if (row.verdict === 'accepted') return `${what} made a task.`
  return `${what} was ${row.verdict === 'skipped' ? 'passed over' : 'refused'}. ${row.reason ?? ''}`
}
