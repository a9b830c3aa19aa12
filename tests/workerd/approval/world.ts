/** Questions to people for the tests of signed links and the inbox: a draft that Ana and Ben are asked about. */
import { type LinkClaims, signLink } from '../../../src/approval/links.ts'
import type { Json } from '../../../src/domain/json/json.ts'
import { taskStub } from '../../../src/env.ts'
import { modelsAnswer, type Scripted, says } from '../../support/engine.ts'
import { type Answer, aTeam, env, fetchApi, type Team } from '../api/client.ts'

export const ANA = 'ana@guests.test'
export const BEN = 'ben@guests.test'

interface HumanStep {
  assign?: string[]
  needs?: number
  [key: string]: unknown
}

/** draft (a model) → approve (Ana and Ben) → send (a person) → done; rejected goes back to the draft. */
export function drafts(human: HumanStep = {}, draft: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    baton: 1,
    name: 'Welcome mails',
    owner: ANA,
    input: { type: 'object' },
    steps: [
      {
        key: 'draft',
        name: 'Draft the welcome mail',
        prompt: 'Write to {{ input.company }}.{% if last.note %} Reviewer: {{ last.note }}{% endif %}',
        model: 'demo',
        handoffs: [{ to: 'approve' }],
        ...draft,
      },
      {
        key: 'approve',
        name: 'Approve the mail',
        human: { assign: [ANA, BEN], instructions: 'Check the tone.', edits: 'draft', reason: ['rejected'], ...human },
        handoffs: [
          { when: 'approved', to: 'send' },
          { when: 'rejected', to: 'draft' },
        ],
      },
      { key: 'send', name: 'Send it', human: { assign: [BEN] }, handoffs: [{ when: 'done', to: 'complete' }] },
    ],
  }
}

export interface World {
  team: Team
  workflow: string
  task: string
  stub: ReturnType<typeof taskStub>
  /** The path of a link for this person; fields given replace those of the open question. */
  link(recipient?: string, over?: Partial<LinkClaims>, at?: number): Promise<string>
}

/** A task that waits for Ana and Ben, its draft as the script makes it. */
export async function aQuestion(
  definition: Record<string, unknown> = drafts(),
  draft: Json | Scripted = 'Hi Nimbus team, welcome.',
  input: Json = { company: 'Nimbus' },
  title?: string,
  given?: Team,
): Promise<World> {
  modelsAnswer(typeof draft === 'function' ? draft : () => says(draft))
  const team = given ?? (await aTeam())
  const made = await team.call('POST', '/workflows', definition)
  if (made.status !== 201) throw new Error(made.text)
  const started = await team.call('POST', `/workflows/${made.body.id}/tasks`, { input, title })
  if (started.status !== 201) throw new Error(started.text)
  const task = started.body.id as string
  const stub = taskStub(env, team.id, task)
  await waiting({ team, task })
  const link: World['link'] = async (recipient = ANA, over = {}, at = Date.now()) => {
    const [ask] = (await stub.asks())!
    const { visit, run, digest } = ask ?? { visit: 2, run: 1, digest: 'd' }
    const subject = { team: team.id, task, visit, run, digest, recipient, ...over }
    return `/a/${await signLink(env, subject, at)}`
  }
  return { team, workflow: made.body.id, task, stub, link }
}

/** Waits until the task asks somebody (again, after this visit). */
export async function waiting({ team, task }: Pick<World, 'team' | 'task'>, after = 0) {
  for (let tries = 0; tries < 400; tries++) {
    const view = await taskStub(env, team.id, task).view()
    if (view?.status === 'waiting' && view.visit > after) return view
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  throw new Error('the task never came to wait')
}

/** The hidden fields of the page's form. */
export function hiddenFields(page: string): Record<string, string> {
  const fields: Record<string, string> = {}
  for (const [tag] of page.matchAll(/<input[^>]*type="hidden"[^>]*>/g)) {
    const name = /name="([^"]*)"/.exec(tag)?.[1]
    if (name !== undefined) fields[name] = /value="([^"]*)"/.exec(tag)?.[1] ?? ''
  }
  return fields
}

/** Sends a form as a browser does. */
export function send(
  path: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const body = new URLSearchParams(fields).toString()
  const type = { 'content-type': 'application/x-www-form-urlencoded' }
  return fetchApi(path, { method: 'POST', body, headers: { ...type, 'sec-fetch-site': 'same-origin', ...headers } })
}

/** Looks at the page, then sends its form with these fields. */
export async function choose(path: string, handoff: string, fields: Record<string, string> = {}): Promise<Answer> {
  const page = await fetchApi(path)
  return send(path, { ...hiddenFields(page.text), note: '', handoff, ...fields })
}
