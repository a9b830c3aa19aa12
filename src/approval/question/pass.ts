/** Passing a question on, and saying something beside deciding it: by the question's own form, so that it works by link, too. */
import type { Actor } from '../../domain/task/events.ts'
import type { StoryAsk } from '../../domain/task/told/story.ts'
import { type Env, taskStub } from '../../env.ts'
import { explain } from '../../http/errors.ts'
import type { PageContext } from '../../http/page/page.tsx'
import { listMembers } from '../../records/people/teams.ts'
import { maySay, sayOn } from '../../task/comment.ts'
import type { Answer, TaskView } from '../../task/rpc.ts'
import type { FormReader } from './edit.ts'
import { showQuestion, type Viewing } from './show.tsx'

/** Whether the form asks for something beside a decision. */
export function besideOf(read: FormReader): 'pass' | 'say' | null {
  if (read('pass') === '1') return 'pass'
  return read('say') === '1' ? 'say' : null
}

type Done = { ok: true; said: string } | { ok: false; answer: Response | Promise<Response> }

/** Asks somebody else in the place of whoever sends the form; only members of the team are. */
export async function passOn(
  c: PageContext,
  viewing: Viewing,
  ask: StoryAsk,
  read: FormReader,
  { actor, proven }: { actor: Actor; proven?: boolean },
): Promise<Done> {
  const to = (read('to') ?? '').trim().toLowerCase()
  const wrong = (message: string, status: 409 | 422 = 422): Done => ({
    ok: false,
    answer: showQuestion(c, viewing, ask, { read, problem: { field: 'to', message }, status }),
  })
  if (to === '') return wrong('Name the person who is to decide in your place, by mail address.')
  const members = await listMembers(c.env.DB, viewing.team)
  if (!members.some(({ email }) => email.toLowerCase() === to))
    return wrong(`${to} is not in this team. Name one of its members by mail address.`)
  const { visit, run } = ask
  const command = { type: 'delegate', to, visit, run, ...(proven && { proven }) } as const
  const answer = await stubOf(c.env, viewing).command(command, { actor, flushed: true })
  return answer.ok ? { ok: true, said: `${to} is asked in your place.` } : wrong(whyNot(answer), 409)
}

/** Says something about the task; the question stays open. */
export async function say(
  c: PageContext,
  viewing: Viewing,
  ask: StoryAsk,
  read: FormReader,
  actor: Actor,
  who: string,
): Promise<Done> {
  const wrong = (message: string, status: 409 | 422 = 422): Done => ({
    ok: false,
    answer: showQuestion(c, viewing, ask, { read, problem: { field: 'comment', message }, status }),
  })
  if (!(await maySay(c.env, viewing.team, who)))
    return wrong('You have written much within a minute. Wait a moment, then send it again.', 409)
  const task = viewing.loaded.story.view.id
  const comment = { text: read('comment') ?? '', also: [] }
  const answer = await sayOn(c.env, { team: viewing.team, task }, actor, comment)
  return answer.ok ? { ok: true, said: 'Your comment stands in the task’s timeline.' } : wrong(whyNot(answer))
}

function stubOf(env: Env, { team, loaded }: Viewing) {
  return taskStub(env, team, loaded.story.view.id)
}

function whyNot({ refusal }: Extract<Answer<TaskView>, { ok: false }>): string {
  return refusal.kind === 'unknown_task' ? 'There is no such task.' : explain(refusal).message
}
