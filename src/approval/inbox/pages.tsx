/** `/approvals`: the inbox, and each question in it with the same page and the same rules as behind a signed link. */
import { Hono } from 'hono'
import type { Child } from 'hono/jsx'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { personActor } from '../../domain/caller.ts'
import type { NewFile } from '../../domain/file/file.ts'
import type { StoryAsk } from '../../domain/task/told/story.ts'
import { buttonName } from '../../domain/workflow/consequence.ts'
import { errorPage, goTo, type PageContext, type PageEnv, page } from '../../http/page/page.tsx'
import { readForm } from '../../http/request/form.ts'
import { namesOf } from '../../records/audit.ts'
import { readCursor } from '../../records/cursor.ts'
import {
  countQuestions,
  listDecided,
  listQuestions,
  stoppedTasks,
  type WaitingRow,
} from '../../records/task/approvals.ts'
import { type Loaded, loadStory } from '../../task/page/load.ts'
import { askedFor } from '../question/asked-for.ts'
import { type FormProblem, formReader, readDecision } from '../question/decision.ts'
import type { FormReader } from '../question/edit.ts'
import { decide } from '../question/load.ts'
import { besideOf, passOn, say } from '../question/pass.ts'
import { readPlain, readSent, refuseSent, type Sent, withFilesOf } from '../question/sent.ts'
import { answerRefusal, keepForLater, showQuestion, showStanding, type Viewing } from '../question/show.tsx'
import { isUndo, undo, whyNot } from '../question/undo.ts'
import { renewLink } from '../tell/notify.ts'
import { type Asked, askedOf, filterOf, isNarrowed, type Place, placeOf, placeText, queryOf } from './asked.ts'
import { Inbox } from './list-view.tsx'
import { togetherPages } from './together.tsx'
import { asNumber, type Beside, framed, standing, viewingOf } from './viewing.tsx'

export const inboxPages = new Hono<PageEnv>()

inboxPages.route('/', togetherPages)

const FRAME: Parameters<typeof page>[1] = {
  title: 'Approvals',
  active: 'approvals',
  width: 'wide',
  styles: ['approval', 'inbox'],
  scripts: ['drafts'],
}

inboxPages.get('/approvals', async c => {
  const asked = askedOf(name => c.req.query(name))
  const place = placeOf(c.req.query('open'))
  const view = await viewOf(c, asked)
  const show = (content: Child | null, status?: ContentfulStatusCode) => {
    const open = place === null || content === null ? null : { place, content }
    return page(c, FRAME, <Inbox {...view} open={open} />, status)
  }
  const loaded = place && (await loadStory(c.env, c.get('person').team.id, place.task))
  if (place === null || loaded === null) return show(null)
  const viewing = viewingOf(c, loaded, place.visit, place.run, {
    frame: (_title, content, status) => show(content, status),
    back: queryOf(asked),
    next: nextOf(view.items, place),
  })
  return showStanding(c, viewing, standing(viewing))
})

/** How many questions wait for whoever is signed in, for the header of a page that stays open. */
inboxPages.get('/approvals/count', async c => {
  const { team, email } = c.get('person')
  c.header('Cache-Control', 'no-store')
  return c.json({ waiting: await countQuestions(c.env.DB, team.id, email.toLowerCase()) })
})

/** What the inbox lists. */
async function viewOf(c: PageContext, asked: Asked) {
  const { team, email } = c.get('person')
  const [viewer, now] = [email.toLowerCase(), Date.now()]
  const cursor = readCursor(c.req.query('cursor') ?? '')
  const { all: workflows } = await namesOf(c.env.DB, team.id, [])
  if (asked.show === 'decided') {
    const { q, workflow, person } = asked
    const only = { q: q || undefined, workflow: workflow || undefined, actor: person.toLowerCase() || undefined }
    const { items: decided, next } = await listDecided(c.env.DB, team.id, only, cursor)
    return { asked, items: [], decided, stopped: [], next, workflows, viewer, now }
  }
  const found = await listQuestions(c.env.DB, team.id, filterOf(asked, viewer, now), cursor)
  const isWhole = c.req.query('cursor') === undefined && !isNarrowed(asked)
  const owner = asked.show === 'mine' ? viewer : null
  const stopped = isWhole && ['mine', 'all'].includes(asked.show) ? await stoppedTasks(c.env.DB, team.id, owner) : []
  return { asked, ...found, decided: [], stopped, workflows, viewer, now }
}

/** The question below this one in the list, or the first where it is the last. */
function nextOf(items: WaitingRow[], place: Place): string {
  const places = items.map(({ task, ask }) => placeText({ task, visit: ask.visit, run: ask.run }))
  const at = places.indexOf(placeText(place))
  const others = [...places.slice(at + 1), ...places.slice(0, Math.max(0, at))]
  return others[0] ?? ''
}

inboxPages.get('/approvals/:task', async c => {
  const loaded = await loadStory(c.env, c.get('person').team.id, c.req.param('task'))
  if (loaded === null) return errorPage(c, 404)
  const viewing = viewingOf(c, loaded, asNumber(c.req.query('visit')), asNumber(c.req.query('run')))
  return showStanding(c, viewing, standing(viewing))
})

/** Mails the question's link again to those who are still to answer; each of them at most every ten minutes. */
inboxPages.post('/approvals/:task/resend', async c => {
  const person = c.get('person')
  const form = await readForm(c)
  if (!form.ok) return errorPage(c, form.status)
  const read = formReader(form.form)
  const loaded = await loadStory(c.env, person.team.id, c.req.param('task'))
  const ask = loaded?.story.asks.find(
    ({ visit, run }) => visit === asNumber(read('visit')) && run === asNumber(read('run')),
  )
  if (!loaded || ask === undefined) return errorPage(c, 404)
  const asked = askedFor(person.team.id, loaded, ask)
  const results = await Promise.all(asked.recipients.map(recipient => renewLink(c.env, asked, recipient, Date.now())))
  const sent = asked.recipients.filter((_, index) => results[index] !== 'failed')
  const said = sent.length === 0 ? 'No mail could be sent.' : `The link is on its way to ${sent.join(', ')}.`
  return goTo(c, `/approvals/${loaded.story.view.id}?visit=${ask.visit}&run=${ask.run}`, said)
})

inboxPages.post('/approvals/:task', c => decideAsPerson(c, c.req.param('task')))
// The same door, from the task's own page.
inboxPages.post('/tasks/:id/decide', c => decideAsPerson(c, c.req.param('id')))

/** Takes a decision of the person who is signed in, as the question's form sends it. */
async function decideAsPerson(c: PageContext, task: string): Promise<Response> {
  const plain = await readPlain(c)
  if (plain?.ok === false) return errorPage(c, plain.status)
  const person = c.get('person')
  const { id: team } = person.team
  const loaded = await loadStory(c.env, team, task)
  if (loaded === null) return errorPage(c, 404)
  const sent = await readSent(c, { team, loaded }, personActor(person), plain)
  const { read } = sent
  const viewing = viewingOf(c, loaded, asNumber(read('visit')), asNumber(read('run')), besideIn(c, read))
  if (!sent.ok) return refuseSent(c, viewing, standing(viewing), sent)
  const came = { ...viewing, lost: sent.files.length > 0 }
  return withFilesOf(c.env, team, sent.files, take => answerAsPerson(c, came, sent, take))
}

/** Does what the form of somebody who is signed in asks for. */
async function answerAsPerson(
  c: PageContext,
  viewing: Viewing,
  { form, read }: Sent & { ok: true },
  take: () => NewFile[],
) {
  const person = c.get('person')
  const { loaded } = viewing
  const task = loaded.story.view.id
  if (isUndo(read)) return undoAsPerson(c, viewing, read)
  const now = standing(viewing)
  if (now.kind !== 'open') return showStanding(c, viewing, now, true)
  if (isVague(loaded, read)) return showQuestion(c, viewing, now.ask, { read, problem: VAGUE, status: 409 })
  if (viewing.barred !== undefined) return showQuestion(c, viewing, now.ask, { read, status: 403 })
  const beside = besideOf(read)
  if (beside !== null) {
    const actor = personActor(person)
    const done =
      beside === 'say'
        ? await say(c, viewing, now.ask, read, actor, person.email)
        : await passOn(c, viewing, now.ask, read, { actor })
    const own = `/approvals/${task}?visit=${now.ask.visit}&run=${now.ask.run}`
    return done.ok ? goTo(c, beside === 'say' ? own : listAgain(read), done.said) : done.answer
  }
  const kept = await keepForLater(c, viewing, now.ask, form)
  if (kept !== null) return kept
  const decision = readDecision(now.ask, read)
  if (!decision.ok) return showQuestion(c, viewing, now.ask, { read, problem: decision.problem, status: 422 })
  const { visit, run } = viewing
  const subject = { team: person.team.id, task, visit, run }
  const answer = await decide(c.env, subject, personActor(person), decision.decision, take())
  if (answer.ok) {
    const said = saidOf(now.ask, decision.decision.handoff)
    // Where it can be taken back, its own page is where that is done.
    return answer.value.undo?.some(each => each.run === run)
      ? goTo(c, `/approvals/${task}?visit=${visit}&run=${run}`, said)
      : goTo(c, listAgain(read), said)
  }
  const later = (await loadStory(c.env, person.team.id, task)) ?? loaded
  return answerRefusal(c, { ...viewing, loaded: later }, answer.refusal, read)
}

/** Takes a decision back; from the task's page it goes there again. */
async function undoAsPerson(c: PageContext, viewing: Viewing, read: FormReader): Promise<Response> {
  const person = c.get('person')
  const { visit, run, team, loaded } = viewing
  const task = loaded.story.view.id
  const undone = await undo(c.env, { team, task, visit, run }, personActor(person), viewing.owner ?? false)
  if (undone.ok) {
    const way = read('from') === 'task' ? `/tasks/${task}` : `/approvals/${task}?visit=${visit}&run=${run}`
    return goTo(c, way, 'The decision was undone. It is asked again.')
  }
  const later = { ...viewing, loaded: (await loadStory(c.env, team, task)) ?? loaded }
  return showStanding(c, later, standing(later), true, whyNot(undone))
}

/** A form that comes back with a message still knows the list that it was sent from. */
function besideIn(c: PageContext, read: FormReader): Beside | undefined {
  const back = read('back')
  if (back === null) return undefined
  return { frame: (title, content, status) => framed(c, title, content, status), back, next: read('next') ?? '' }
}

/** Where the list was, with the next question open: whoever works through it does not have to find their place again. */
function listAgain(read: FormReader): string {
  const back = read('back')
  if (back === null) return '/approvals'
  const asked = askedOf(name => new URLSearchParams(back).get(name))
  const next = placeOf(read('next'))
  return `/approvals?${queryOf(asked, { open: next === null ? '' : placeText(next) })}`
}

function saidOf(ask: StoryAsk, handoff: string): string {
  return `Decided: “${buttonName(handoff, ask.kind)}”${ask.needs > 1 && handoff === ask.approve ? `, one of ${ask.needs} approvals` : ''}.`
}

/** Without its run, a form that comes twice would decide the next question. */
function isVague({ story }: Loaded, read: FormReader): boolean {
  return story.asks.length > 1 && asNumber(read('run')) === null
}

const VAGUE: FormProblem = {
  field: 'handoff',
  message: 'Several questions are open, and the form did not say which one it answers. Look at this one, then choose.',
}
