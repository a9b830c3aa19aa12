/** A comment on its way to a task: whom it names is looked up in the team, and nobody speaks without end. */
import type { Actor } from '../domain/task/events.ts'
import { mentionsIn } from '../domain/text/mentions.ts'
import { type Env, taskStub } from '../env.ts'
import { listMembers } from '../records/people/teams.ts'
import type { Answer, TaskView } from './rpc.ts'

/** Adds the comment. `also`: who is told besides those whom the text names; whoever is not in the team is not. */
export async function sayOn(
  env: Env,
  { team, task }: { team: string; task: string },
  actor: Actor,
  { text, also }: { text: string; also: string[] },
): Promise<Answer<TaskView>> {
  const mentions = await mentionedIn(env.DB, team, text, also)
  return taskStub(env, team, task).command({ type: 'comment', text, mentions }, { actor, flushed: true })
}

/** The members that a text names, and those of `also` who are in the team. */
export async function mentionedIn(db: D1Database, team: string, text: string, also: string[]): Promise<string[]> {
  const members = await listMembers(db, team)
  const named = also.map(email => email.toLowerCase())
  const chosen = members.map(({ email }) => email.toLowerCase()).filter(email => named.includes(email))
  return [...new Set([...mentionsIn(text, members), ...chosen])]
}

/** Whether they may say one more thing now. */
export async function maySay(env: Env, team: string, who: string): Promise<boolean> {
  return (await env.FORM_LIMIT.limit({ key: `comment:${team}:${who}` })).success
}
