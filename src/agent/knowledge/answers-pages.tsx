/** `/answers`: answers that somebody offered as knowledge. An owner or admin looks at each, puts it right, and takes it or turns it down. */
import { Hono } from 'hono'
import { personActor } from '../../domain/caller.ts'
import { MAX_KNOWLEDGE } from '../../domain/knowledge.ts'
import { may } from '../../domain/permissions.ts'
import type { Actor } from '../../domain/task/events.ts'
import { Button } from '../../http/components/button.tsx'
import { EmptyState, ErrorNotice } from '../../http/components/feedback.tsx'
import { TextArea } from '../../http/components/field.tsx'
import { Time } from '../../http/components/value/time.tsx'
import { openChange } from '../../http/page/change.ts'
import { PlainText } from '../../http/page/markdown.tsx'
import { errorPage, goTo, type PageContext, type PageEnv, page } from '../../http/page/page.tsx'
import { agentsThatKnow } from '../../records/definitions/agents.ts'
import { knowledgeByKey } from '../../records/definitions/knowledge.ts'
import {
  type AnswerPlace,
  type OfferedAnswer,
  offeredAnswer,
  offeredAnswersOf,
  settleAnswer,
} from '../../records/definitions/offered-answers.ts'
import { saveKnowledge } from './knowledge.ts'

export const answerPages = new Hono<PageEnv>()

answerPages.get('/answers', async c => answersPage(c, await offeredAnswersOf(c.env.DB, c.get('person').team.id)))

answerPages.post('/answers/:answer/take', async c => {
  const opened = await open(c)
  if ('answer' in opened) return opened.answer
  const { offered: answer, given, by } = opened
  const text = (given.text ?? '').replaceAll('\r\n', '\n').trim()
  if (text === '') return again(c, answer, text, 'Leave something of it, or turn it down.')
  const team = c.get('person').team.id
  const there = await knowledgeByKey(c.env.DB, team, answer.key)
  const section = `## ${answer.title}\n\n${text}`
  const next = {
    key: answer.key,
    name: there?.knowledge.name ?? `Answers of ${answer.key.replace(/_answers$/, '')}`,
    text: there === null ? section : `${there.knowledge.text}\n\n${section}`,
    ...(there?.knowledge.months !== undefined && { months: there.knowledge.months }),
  }
  if (next.text.length > MAX_KNOWLEDGE)
    return again(c, answer, text, `The text “${answer.key}” is full: shorten it first.`)
  const saved = await saveKnowledge(c.env.DB, team, next, there?.version ?? 'new', by.actor)
  if (!saved.ok) return again(c, answer, text, 'Somebody changed that text meanwhile. Take it once more.')
  await settleAnswer(c.env.DB, team, answer, 'taken', by)
  const agents = await agentsThatKnow(c.env.DB, team, answer.key)
  const unknown = agents.length === 0 ? ` No agent has “${answer.key}” yet: give it to those that need it.` : ''
  return goTo(c, '/answers', `It is part of what your team knows.${unknown}`)
})

answerPages.post('/answers/:answer/refuse', async c => {
  const opened = await open(c)
  if ('answer' in opened) return opened.answer
  await settleAnswer(c.env.DB, c.get('person').team.id, opened.offered, 'turned_down', opened.by)
  return goTo(c, '/answers', 'It is turned down, and not offered again.')
})

type Opened =
  | { offered: OfferedAnswer; given: Record<string, string>; by: { actor: Actor; at: number } }
  | { answer: Response | Promise<Response> }

/** The offer that a form is about; an answer instead, where there is none that waits. */
async function open(c: PageContext): Promise<Opened> {
  const change = await openChange(c)
  if (!change.ok) return change
  const place = readPlace(c.req.param('answer') ?? '')
  const offered = place && (await offeredAnswer(c.env.DB, c.get('person').team.id, place))
  if (offered === null) return { answer: errorPage(c, 404) }
  return { offered, given: change.given, by: { actor: personActor(c.get('person')), at: Date.now() } }
}

function nameOf({ task, visit, run }: AnswerPlace): string {
  return `${task}.${visit}.${run}`
}

function readPlace(text: string): AnswerPlace | null {
  const match = /^(\w{1,60})\.(\d{1,6})\.(\d{1,4})$/.exec(text)
  return match ? { task: match[1]!, visit: Number(match[2]), run: Number(match[3]) } : null
}

/** The page as it is, with why one of them was not taken. */
async function again(c: PageContext, { task, visit, run }: OfferedAnswer, text: string, message: string) {
  const all = await offeredAnswersOf(c.env.DB, c.get('person').team.id)
  const answers = all.map(one => (nameOf(one) === nameOf({ task, visit, run }) ? { ...one, text, message } : one))
  return answersPage(c, answers, 422)
}

type Shown = OfferedAnswer & { message?: string }

function answersPage(c: PageContext, answers: Shown[], status: 200 | 422 = 200) {
  const frame = { title: 'Answers to look at', active: 'agents' as const, styles: ['editor' as const] }
  const mayTake = may(c.get('person'), 'answers.take')
  return page(c, frame, <Answers answers={answers} mayTake={mayTake} now={Date.now()} />, status)
}

const Answers = ({ answers, mayTake, now }: { answers: Shown[]; mayTake: boolean; now: number }) => (
  <div class="stack">
    <p class="small">
      <a href="/knowledge">All knowledge</a>
    </p>
    <div>
      <h1>Answers to look at</h1>
      <p>
        Drafts that people approved unchanged, and somebody offered to what your team knows. None counts before an owner
        or admin has looked at it.
      </p>
    </div>
    {answers.length === 0 && (
      <EmptyState icon="file" title="Nothing waits">
        <p>Offer an approved answer on its task, or on the review of its workflow.</p>
      </EmptyState>
    )}
    {answers.map(answer => (
      <section class="panel stack-tight" aria-label={answer.title}>
        <h2 hx-ignore>
          <a href={`/tasks/${answer.task}`}>{answer.title}</a>
        </h2>
        <p class="small secondary" hx-ignore>
          For <code>{answer.key}</code>, offered by {answer.offeredBy} <Time at={answer.at} now={now} />
        </p>
        {mayTake ? <Taking answer={answer} /> : <PlainText text={answer.text} />}
      </section>
    ))}
  </div>
)

const Taking = ({ answer }: { answer: Shown }) => (
  <form class="form" method="post" action={`/answers/${nameOf(answer)}/take`}>
    {answer.message !== undefined && <ErrorNotice>{answer.message}</ErrorNotice>}
    <TextArea
      label="As agents will read it"
      name="text"
      id={`text-${nameOf(answer)}`}
      value={answer.text}
      rows={8}
      required
      hint="Take out what is about one customer only."
    />
    <div class="form-actions">
      <Button look="primary">Take it</Button>
      <Button look="quiet" formaction={`/answers/${nameOf(answer)}/refuse`}>
        Turn it down
      </Button>
    </div>
  </form>
)
