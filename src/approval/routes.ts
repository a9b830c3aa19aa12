/** `/approvals`: what waits for people, over all workflows, with the signed links to it. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import { chunks, SIDE_BY_SIDE } from '../domain/chunks.ts'
import type { CardAsk } from '../domain/task/told/card.ts'
import type { OpenAsk } from '../domain/task/told/views.ts'
import { isAboutCall } from '../domain/workflow/call-choices.ts'
import { type ApiContext, type ApiEnv, publicUrl } from '../http/context.ts'
import { anyJson, cursorOf, cursorQuery, iso, isoOrNull, pageOf } from '../http/describe.ts'
import { problem } from '../http/errors.ts'
import { actorName } from '../http/names.ts'
import { type Routes, route } from '../http/route.ts'
import { goneFrom } from '../records/people/former-members.ts'
import { listWaiting, type TaskRow } from '../records/task/tasks.ts'
import { callTask } from '../task/call.ts'
import { signLink } from './links.ts'

export const approvalRoutes: Routes = new OpenAPIHono<ApiEnv>()

const KINDS =
  "`unsure`: a model's doubtful answer, put to the workflow's owner. `call`: whether a call may be made. `question`: what an agent wants to know. `outcome`: whether a call happened whose answer was lost; `/answer` answers it."

const approval = z
  .object({
    task: z.object({ id: z.string(), title: z.string(), url: z.string() }),
    workflow: z.string(),
    step: z.string(),
    visit: z.int(),
    run: z.int(),
    name: z.string().optional().openapi({ description: 'The branch that asks, where a step asks several at once.' }),
    kind: z.enum(['decide', 'unsure', 'call', 'outcome', 'question']).openapi({ description: KINDS }),
    call: z
      .object({ tool: z.string(), args: anyJson, at: iso.nullable() })
      .optional()
      .openapi({ description: 'Of `call`, `outcome` and `question`: what is called, with what, and when it was.' }),
    why: z.string().optional().openapi({ description: 'Of `call`: why a person must allow it.' }),
    question: z.string().optional().openapi({ description: 'Of `question`: what somebody wants to know.' }),
    options: z
      .array(z.string())
      .optional()
      .openapi({ description: 'Its answers to choose from, which are the labels.' }),
    needs: z.int().openapi({ description: 'How many distinct people must approve.' }),
    given: z.int().openapi({ description: 'How many have.' }),
    assignees: z.array(z.object({ email: z.string(), decided: z.boolean() })),
    due: iso.nullable(),
    labels: z.array(z.string()),
    changed: z
      .object({ by: z.string(), cleared: z.array(z.string()) })
      .optional()
      .openapi({ description: 'The latest edit of what is asked about: by whom, and whose approvals it cleared.' }),
    form: z
      .object({ schema: anyJson, values: anyJson, labels: z.array(z.string()) })
      .optional()
      .openapi({
        description:
          'What is to be filled in: the JSON Schema, the values as they stand, and the labels that need them; `fields` in a decision.',
      }),
    stage: z
      .object({ n: z.int(), of: z.int(), name: z.string().nullable() })
      .optional()
      .openapi({ description: 'Which of several stages of approval is asked; `needs` and `assignees` are its own.' }),
    risk: z.enum(['high']).optional().openapi({
      description: 'Its links decide only with the code that stands in their message, or behind a session.',
    }),
    digest: z.string().openapi({ description: 'Of what is asked about; `seen` in a decision.' }),
    links: z.record(z.string(), z.string()).optional().openapi({
      description: 'Address → signed link, good for 72 hours. Only for keys with scope `approve`.',
    }),
  })
  .openapi('Approval')

route(
  approvalRoutes,
  {
    method: 'get',
    path: '/approvals',
    tag: 'Approvals',
    summary: 'List what waits for people',
    description: 'One item for each open run. From the index, which trails the tasks by up to 2 s.',
    scope: 'tasks:read',
    query: cursorQuery.extend({ workflow: z.string().max(40).optional() }),
    answers: { 200: { schema: pageOf(approval), description: 'A page of open questions, newest task first.' } },
  },
  async (c, { query }) => {
    const cursor = cursorOf(query)
    if (!cursor.ok) return problem(c, cursor.problem)
    const found = await listWaiting(c.env.DB, c.get('key').team, query.workflow, cursor.value)
    const asked = await withContents(
      c,
      found.items.flatMap(row => asksOf(row).map(ask => ({ row, ask }))),
    )
    const people = new Set(asked.flatMap(({ ask }) => ask.assignees.map(({ email }) => email)))
    const gone = await goneFrom(c.env.DB, c.get('key').team, [...people])
    const items = await Promise.all(asked.map(one => itemOf(c, one, gone)))
    if (items.length > 0 && c.get('key').scopes.has('approve')) noteLinks(c, items.length)
    return c.json({ items, next: found.next })
  },
)

/** Links let their holder decide in another's name: the log says which key took them. */
function noteLinks(c: ApiContext, count: number): void {
  const { id, team } = c.get('key')
  const what = 'approval links'
  console.log(JSON.stringify({ level: 'info', what, requestId: c.get('requestId'), team, key: id, count }))
}

function asksOf(row: TaskRow): CardAsk[] {
  return (JSON.parse(row.card) as { asks?: CardAsk[] }).asks ?? []
}

interface Waiting {
  row: TaskRow
  ask: CardAsk
  /** The question as its task has it, where it is about a call or asks for fields: cards hold neither. */
  open?: OpenAsk
}

function isToBeRead({ ask }: Waiting): boolean {
  return isAboutCall(ask.kind) || ask.fills !== undefined
}

/** What is asked about calls, or is to be filled in, is read from the tasks themselves; what was answered meanwhile is left out. */
async function withContents(c: ApiContext, waiting: Waiting[]): Promise<Waiting[]> {
  const { team } = c.get('key')
  const tasks = [...new Set(waiting.filter(isToBeRead).map(({ row }) => row.id))]
  const asks = new Map<string, OpenAsk[]>()
  for (const batch of chunks(tasks, SIDE_BY_SIDE)) {
    const read = async (id: string) => asks.set(id, (await callTask(c.env, team, id, stub => stub.asks())) ?? [])
    await Promise.all(batch.map(read))
  }
  return waiting.flatMap(one => {
    if (!isToBeRead(one)) return [one]
    const open = asks.get(one.row.id)?.find(({ visit, run, digest }) => {
      return visit === one.ask.visit && run === one.ask.run && digest === one.ask.digest
    })
    return open === undefined ? [] : [{ ...one, open }]
  })
}

/** What an item says of the call that it is about. */
function ofCall({ kind, call, instructions, labels, reason }: OpenAsk) {
  const { tool, args, at } = call!
  const about = { call: { tool, args, at } }
  if (kind === 'call') return { ...about, why: instructions }
  if (kind !== 'question') return about
  // Where the note is the answer there is nothing to choose from.
  return { ...about, question: instructions, ...(reason.length > 0 ? {} : { options: labels }) }
}

async function itemOf(c: ApiContext, { row, ask, open }: Waiting, gone: Set<string>) {
  const { step, visit, run, name, kind, needs, assignees, labels, digest, changed, risk, stage } = ask
  const item = {
    task: { id: row.id, title: row.title, url: publicUrl(c.env, `/tasks/${row.id}`) },
    workflow: row.workflow,
    step,
    visit,
    run,
    name,
    kind,
    needs,
    given: ask.given ?? assignees.filter(one => one.decided).length,
    assignees,
    due: isoOrNull(ask.due),
    labels,
    digest,
    ...(risk && { risk }),
    ...(stage && { stage: { n: stage.n, of: stage.of, name: stage.name } }),
    ...(changed && { changed: { by: actorName(changed.by), cleared: changed.cleared } }),
    ...(open?.form && { form: open.form }),
    ...(open?.call === undefined ? {} : ofCall(open)),
  }
  return c.get('key').scopes.has('approve') ? { ...item, links: await linksTo(c, row.id, ask, gone) } : item
}

async function linksTo(c: ApiContext, task: string, ask: CardAsk, gone: Set<string>): Promise<Record<string, string>> {
  const { team } = c.get('key')
  const { visit, run, digest } = ask
  const open = ask.assignees.filter(one => !one.decided && !gone.has(one.email))
  const links = open.map(async ({ email }) => {
    const token = await signLink(c.env, { team, task, visit, run, digest, recipient: email }, Date.now())
    return [email, publicUrl(c.env, `/a/${token}`)] as const
  })
  return Object.fromEntries(await Promise.all(links))
}
