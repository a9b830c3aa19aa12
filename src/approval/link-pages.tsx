/** `/a/:token`: a question behind a signed link. Looking never decides; a choice, sent by its form, does once. */
import { Hono } from 'hono'
import type { Child } from 'hono/jsx'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { linkActor, type Person, personActor, personIn } from '../domain/caller.ts'
import type { NewFile } from '../domain/file/file.ts'
import type { Actor } from '../domain/task/events.ts'
import type { StoryAsk } from '../domain/task/told/story.ts'
import { secretAddress } from '../http/guard.ts'
import { errorPage, type PageContext, type PageEnv, sheet } from '../http/page/page.tsx'
import { isGone } from '../records/people/former-members.ts'
import { membersByRole } from '../records/people/teams.ts'
import { type Loaded, loadStory } from '../task/page/load.ts'
import { canSendMail } from '../team/mail/mail.ts'
import { originOf, withOrigin } from '../team/origin.ts'
import { findPerson } from '../team/sign-in/session.ts'
import { tryCode } from './codes.ts'
import { type LinkClaims, readLink } from './links.ts'
import { askedFor } from './question/asked-for.ts'
import { readDecision } from './question/decision.ts'
import type { FormReader } from './question/edit.ts'
import { decide } from './question/load.ts'
import { besideOf, passOn, say } from './question/pass.ts'
import { readPlain, readSent, refuseSent, type Sent, withFilesOf } from './question/sent.ts'
import { answerRefusal, keepForLater, showQuestion, showStanding, type Viewing } from './question/show.tsx'
import { standingOf } from './question/standing.ts'
import { isUndo, undo, whyNot } from './question/undo.ts'
import { renewLink } from './tell/notify.ts'
import { CrossSite, Expired, Forged, NoLongerAsked, NoMember, Renewed } from './views/standing-view.tsx'

export const linkPages = new Hono<PageEnv>()

const PATH = '/a/:token'

linkPages.use(PATH, secretAddress)

linkPages.get(PATH, async c => {
  const link = await openLink(c)
  if ('answer' in link) return link.answer
  return showStanding(c, link.viewing, standing(link.viewing))
})

linkPages.post(PATH, async c => {
  if (isCrossSite(c)) return show(c, 'Not decided', null, <CrossSite href={c.req.path} />, 403)
  const plain = await readPlain(c)
  if (plain?.ok === false) return errorPage(c, plain.status)
  const link = await openLink(c, plain?.ok && plain.form.get('renew') === '1')
  if ('answer' in link) return link.answer
  const { viewing, subject, actor } = link
  const sent = await readSent(c, viewing, actor, plain)
  if (!sent.ok) return refuseSent(c, viewing, standing(viewing), sent)
  const came = { ...link, viewing: { ...viewing, lost: sent.files.length > 0 } }
  return withFilesOf(c.env, subject.team, sent.files, take => answerByLink(c, came, sent, take))
})

/** Does what the form of a link that leads somewhere asks for. */
async function answerByLink(c: PageContext, link: Link, sent: Sent & { ok: true }, take: () => NewFile[]) {
  const { viewing, subject, actor } = link
  const { form, read } = sent
  if (isUndo(read)) {
    const undone = await undo(c.env, subject, actor, false)
    return undone.ok ? c.redirect(c.req.path, 303) : showAgain(c, viewing, whyNot(undone))
  }
  const now = standing(viewing)
  if (now.kind !== 'open') return showStanding(c, viewing, now, true)
  if (now.ask.risk === 'high' && read('renew') === '1') {
    await renewLink(
      c.env,
      askedFor(subject.team, viewing.loaded, now.ask, [subject.recipient]),
      subject.recipient,
      Date.now(),
    )
    return show(c, 'A new link is on its way', subject.recipient, <Renewed recipient={subject.recipient} />, 200)
  }
  const beside = besideOf(read)
  if (beside !== null) {
    const done = await doBeside(c, link, now.ask, read, beside)
    return done.ok ? c.redirect(c.req.path, 303) : done.answer
  }
  const kept = await keepForLater(c, viewing, now.ask, form)
  if (kept !== null) return kept
  const decision = readDecision(now.ask, read)
  if (!decision.ok) return showQuestion(c, viewing, now.ask, { read, problem: decision.problem, status: 422 })
  const proof = await proofOf(c, link, now.ask, read('code') ?? '')
  if ('problem' in proof) {
    const problem = { field: 'code', message: proof.problem } as const
    return showQuestion(c, viewing, now.ask, { read, problem, status: 422 })
  }
  const decided = { ...decision.decision, ...(proof.proven && { proven: true }) }
  const answer = await decide(c.env, subject, proof.actor, decided, take())
  if (answer.ok) return c.redirect(c.req.path, 303)
  if (answer.refusal.kind === 'no_member') return noMember(c, subject)
  const later = await loadStory(c.env, subject.team, subject.task)
  return answerRefusal(c, { ...viewing, loaded: later ?? viewing.loaded }, answer.refusal, read)
}

/** Passing a high-risk question on needs what deciding it does: the link alone is no proof of who sends it. */
async function doBeside(c: PageContext, link: Link, ask: StoryAsk, read: FormReader, what: 'pass' | 'say') {
  const { viewing, subject, actor } = link
  if (what === 'say') return say(c, viewing, ask, read, actor, subject.recipient)
  const proof = await proofOf(c, link, ask, read('code') ?? '')
  if (!('problem' in proof)) return passOn(c, viewing, ask, read, proof)
  const problem = { field: 'code', message: proof.problem } as const
  return { ok: false as const, answer: showQuestion(c, viewing, ask, { read, problem, status: 422 }) }
}

/** The page as it is now, with why nothing came of what was asked. */
async function showAgain(c: PageContext, viewing: Viewing, said: string) {
  const loaded = (await loadStory(c.env, viewing.team, viewing.loaded.story.view.id)) ?? viewing.loaded
  const later = { ...viewing, loaded }
  return showStanding(c, later, standing(later), true, said)
}

linkPages.all(PATH, c => {
  c.header('Allow', 'GET, HEAD, POST')
  return c.req.method === 'OPTIONS' ? c.body(null, 204) : errorPage(c, 405 as ContentfulStatusCode)
})

/**
 * Who decides, and whether they have shown that the message is theirs, where the question is high-risk. A session of the
 * person that the link is for is as good as the code.
 */
async function proofOf(
  c: PageContext,
  { subject, person, actor }: Link,
  { risk }: StoryAsk,
  typed: string,
): Promise<{ actor: Actor; proven?: boolean } | { problem: string }> {
  if (risk !== 'high') return { actor }
  if (person !== null) return { actor: personActor(person) }
  if (typed.trim() === '') return { problem: 'Type the code from the message. Nothing was decided yet.' }
  const token = c.req.param('token') ?? ''
  const tried = await tryCode(c.env, { team: subject.team, jti: subject.jti, token }, typed, Date.now())
  if (tried.ok) return { actor, proven: true }
  return tried.left > 0
    ? { problem: `This is not the code of this link. ${tried.left} ${tried.left === 1 ? 'try is' : 'tries are'} left.` }
    : { problem: 'Too many wrong codes: this link decides nothing any more. Have a new one mailed to you.' }
}

/** A link that leads somewhere; `person`: whom it is for, where they are signed in. */
interface Link {
  viewing: Viewing
  subject: LinkClaims
  person: Person | null
  /** Whoever holds it, as the log names them. */
  actor: Actor
}

type Opened = Link | { answer: Response | Promise<Response> }

/** Reads the link and what it leads to; an answer instead, where it leads nowhere. */
async function openLink(c: PageContext, renew = false): Promise<Opened> {
  const reading = await readLink(c.env, c.req.param('token') ?? '', Date.now())
  if (!reading.ok && reading.claims === undefined) {
    return { answer: show(c, 'This link is not valid', null, <Forged />, 403) }
  }
  const subject = reading.claims!
  // Only a link of ours costs more than a signature; each may be opened often, but not without end.
  const { success } = await c.env.TEAM_LIMIT.limit({ key: `link:${subject.jti}` })
  if (!success) {
    c.header('Retry-After', '10')
    return { answer: errorPage(c, 429) }
  }
  const [loaded, gone] = await Promise.all([
    loadStory(c.env, subject.team, subject.task),
    isGone(c.env.DB, subject.team, subject.recipient),
  ])
  if (gone) return { answer: noMember(c, subject) }
  if (!reading.ok) return { answer: expired(c, subject, loaded, renew) }
  if (loaded === null) {
    const gone = { kind: 'superseded', why: 'gone', by: null, at: null, to: null } as const
    const content = <NoLongerAsked standing={gone} story={null} now={Date.now()} />
    return { answer: show(c, 'No longer open', subject.recipient, content, 410) }
  }
  const isRisky = loaded.story.asks.some(
    ask => ask.visit === subject.visit && ask.run === subject.run && ask.risk === 'high',
  )
  const person = isRisky ? await recipientIn(c, subject) : null
  const actor = linkActor(subject.recipient, await originOf(c, subject.team))
  return { subject, person, actor, viewing: { ...viewingOf(c, subject, loaded), proof: { signedIn: person !== null } } }
}

/** The person that the link is for, if the browser has a session of theirs and they belong to the team. */
async function recipientIn(c: PageContext, { team, recipient }: LinkClaims): Promise<Person | null> {
  const person = await findPerson(c)
  const found = person?.email.toLowerCase() === recipient ? personIn(person, team) : null
  return found && withOrigin(c, team, found)
}

/** Whoever has left has no say any more, whatever they hold; who may let them in again is said. */
async function noMember(c: PageContext, { team, recipient }: LinkClaims): Promise<Response> {
  const owners = await membersByRole(c.env.DB, team, 'owner')
  return show(c, 'No longer in the team', recipient, <NoMember recipient={recipient} owners={owners} />, 410)
}

function viewingOf(c: PageContext, subject: LinkClaims, loaded: Loaded): Viewing {
  const { team, visit, run, recipient, digest, exp } = subject
  return {
    team,
    loaded,
    visit,
    run,
    who: recipient,
    sent: digest,
    action: c.req.path,
    expires: exp * 1000,
    frame: (title, content, status) => show(c, title, recipient, content, status),
  }
}

function standing({ loaded, visit, run, who }: Viewing) {
  return standingOf(loaded.story, loaded.visits, { visit, run, who })
}

/** An expired link still knows whom it was for: that address, and no other, may be mailed a new one. */
async function expired(c: PageContext, subject: LinkClaims, loaded: Loaded | null, renew: boolean): Promise<Response> {
  const { recipient, exp } = subject
  const now = loaded && standing(viewingOf(c, subject, loaded))
  const open = now?.kind === 'open' && canSendMail(c.env)
  if (renew && open && loaded !== null) {
    await renewLink(c.env, askedFor(subject.team, loaded, now.ask, [recipient]), recipient, Date.now())
    return show(c, 'A new link is on its way', recipient, <Renewed recipient={recipient} />, 200)
  }
  const content = <Expired recipient={recipient} at={exp * 1000} open={open} action={c.req.path} />
  return show(c, 'This link has expired', recipient, content, 410)
}

function show(c: PageContext, title: string, recipient: string | null, content: Child, status: ContentfulStatusCode) {
  const aside = recipient === null ? undefined : <span>for {recipient}</span>
  return sheet(c, { title, aside, styles: ['approval'], scripts: ['drafts'] }, content, status)
}

/**
 * Whether a browser says that another site sent this form. A program sends neither header; it holds the link itself, which
 * is all there is to hold: no cookie takes part.
 */
function isCrossSite(c: PageContext): boolean {
  const site = c.req.header('Sec-Fetch-Site')
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  const origin = c.req.header('Origin')
  return origin !== undefined && origin !== new URL(c.env.BATON_URL).origin && origin !== new URL(c.req.url).origin
}
