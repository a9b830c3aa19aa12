/** `/approvals`: the inbox, and each question in it with the same page and the same rules as behind a signed link. */
import { Hono } from 'hono'
import type { Child } from 'hono/jsx'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { personActor } from '../domain/caller.ts'
import type { Story, StoryAsk } from '../domain/task/told/story.ts'
import { buttonName } from '../domain/workflow/consequence.ts'
import { errorPage, goTo, type PageContext, type PageEnv, page } from '../http/page/page.tsx'
import { readForm } from '../http/request/form.ts'
import { readCursor } from '../records/cursor.ts'
import { countQuestions, listQuestions } from '../records/task/approvals.ts'
import { type Loaded, loadStory } from '../task/page/load.ts'
import { type FormProblem, formReader, readDecision } from './question/decision.ts'
import type { FormReader } from './question/edit.ts'
import { decide } from './question/load.ts'
import { answerRefusal, showQuestion, showStanding, type Viewing } from './question/show.tsx'
import { type Standing, standingOf } from './question/standing.ts'
import { Inbox, SHOWN } from './views/inbox-view.tsx'
import { OtherQuestions } from './views/others-view.tsx'

export const inboxPages = new Hono<PageEnv>()

inboxPages.get('/approvals', async c => {
  const person = c.get('person')
  const viewer = person.email.toLowerCase()
  const shown = SHOWN.find(each => each === c.req.query('show')) ?? 'mine'
  const given = c.req.query('cursor')
  const now = Date.now()
  const filter = { of: shown === 'mine' ? viewer : undefined, dueBefore: shown === 'overdue' ? now : undefined }
  const [found, waiting] = await Promise.all([
    listQuestions(c.env.DB, person.team.id, filter, given === undefined ? null : readCursor(given)),
    countQuestions(c.env.DB, person.team.id, viewer),
  ])
  const content = <Inbox shown={shown} {...found} viewer={viewer} now={now} />
  return page(c, { title: 'Approvals', active: 'approvals', waiting, styles: ['approval'] }, content)
})

inboxPages.get('/approvals/:task', async c => {
  const loaded = await loadStory(c.env, c.get('person').team.id, c.req.param('task'))
  if (loaded === null) return errorPage(c, 404)
  const viewing = viewingOf(c, loaded, asNumber(c.req.query('visit')), asNumber(c.req.query('run')))
  return showStanding(c, viewing, standing(viewing))
})

inboxPages.post('/approvals/:task', c => decideAsPerson(c, c.req.param('task')))
// The same door, from the task's own page.
inboxPages.post('/tasks/:id/decide', c => decideAsPerson(c, c.req.param('id')))

/** Takes a decision of the person who is signed in, as the question's form sends it. */
async function decideAsPerson(c: PageContext, task: string): Promise<Response> {
  const form = await readForm(c)
  if (!form.ok) return errorPage(c, form.status)
  const read = formReader(form.form)
  const person = c.get('person')
  const loaded = await loadStory(c.env, person.team.id, task)
  if (loaded === null) return errorPage(c, 404)
  const viewing = viewingOf(c, loaded, asNumber(read('visit')), asNumber(read('run')))
  const now = standing(viewing)
  if (now.kind !== 'open') return showStanding(c, viewing, now, true)
  if (isVague(loaded, read)) return showQuestion(c, viewing, now.ask, { read, problem: VAGUE, status: 409 })
  if (viewing.barred !== undefined) return showQuestion(c, viewing, now.ask, { read, status: 403 })
  const decision = readDecision(now.ask, read)
  if (!decision.ok) return showQuestion(c, viewing, now.ask, { read, problem: decision.problem, status: 422 })
  const { visit, run } = viewing
  const answer = await decide(c.env, { team: person.team.id, task, visit, run }, personActor(person), decision.decision)
  if (answer.ok) return goTo(c, '/approvals', saidOf(now.ask, decision.decision.handoff))
  const later = (await loadStory(c.env, person.team.id, task)) ?? loaded
  return answerRefusal(c, { ...viewing, loaded: later }, answer.refusal, read)
}

function saidOf(ask: StoryAsk, handoff: string): string {
  return `Decided: “${ask.call === undefined ? handoff : buttonName(handoff, ask.kind)}”${ask.needs > 1 && handoff === ask.approve ? `, one of ${ask.needs} approvals` : ''}.`
}

/** Without its run, a form that comes twice would decide the next question. */
function isVague({ story }: Loaded, read: FormReader): boolean {
  return story.asks.length > 1 && asNumber(read('run')) === null
}

const VAGUE: FormProblem = {
  field: 'handoff',
  message: 'Several questions are open, and the form did not say which one it answers. Look at this one, then choose.',
}

/** The question that is meant: the one that is named, else the first that waits for this person, else the first of all. */
function meantAsk({ asks }: Story, who: string, visit: number | null, run: number | null): StoryAsk | undefined {
  const named = asks.filter(ask => (visit === null || ask.visit === visit) && (run === null || ask.run === run))
  return named.find(ask => ask.assignees.some(each => each.email === who && !each.decided)) ?? named[0]
}

function viewingOf(c: PageContext, loaded: Loaded, visit: number | null, run: number | null): Viewing {
  const person = c.get('person')
  const task = loaded.story.view.id
  const who = person.email.toLowerCase()
  const open = meantAsk(loaded.story, who, visit, run)
  const isAsked = open === undefined || open.assignees.some(each => each.email === who)
  return {
    team: person.team.id,
    loaded,
    visit: visit ?? open?.visit ?? loaded.story.view.visit,
    run: run ?? open?.run ?? 1,
    // Whoever is in the team may look; the page says who can decide.
    who: isAsked ? who : null,
    barred: isAsked
      ? undefined
      : `Only ${open.assignees.map(each => each.email).join(', ') || 'an assignee'} can decide this.`,
    sent: null,
    action: `/approvals/${task}`,
    expires: null,
    frame: (title, content, status) => framed(c, title, content, status),
    links: (
      <>
        <OtherQuestions story={loaded.story} shown={open} />
        <p class="row">
          <a href={`/tasks/${task}`}>Look at the task</a> <a href="/approvals">Back to your approvals</a>
        </p>
      </>
    ),
  }
}

function standing({ loaded, visit, run, who }: Viewing): Standing {
  return standingOf(loaded.story, loaded.visits, { visit, run, who })
}

function framed(c: PageContext, title: string, content: Child, status: ContentfulStatusCode) {
  return page(
    c,
    { title, active: 'approvals', styles: ['approval'] },
    <div class="approval-page">{content}</div>,
    status,
  )
}

function asNumber(text: string | null | undefined): number | null {
  return text && /^\d{1,6}$/.test(text) ? Number(text) : null
}
