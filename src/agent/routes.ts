/** `/agents`: a team's agents and their versions. */

import { OpenAPIHono, z } from '@hono/zod-openapi'
import { type Agent, agentFaults, agentSchema } from '../domain/agent.ts'
import { keyActor } from '../domain/caller.ts'
import { KEY_PATTERN } from '../domain/workflow/parts.ts'
import type { ApiContext, ApiEnv } from '../http/context.ts'
import { cursorOf, cursorQuery, iso, isoTime, lintDocument, pageOf } from '../http/describe.ts'
import { type ApiProblem, problem } from '../http/errors.ts'
import { otherKey, routeVersions } from '../http/own-list.ts'
import { KIB } from '../http/request/body.ts'
import { type Routes, route } from '../http/route.ts'
import {
  type AgentRow,
  agentByKey,
  agentVersionRow,
  deleteAgent,
  listAgents,
  listAgentVersions,
} from '../records/definitions/agents.ts'
import { namesFor, saveAgent, warningsFor } from './agents.ts'

export const agentRoutes: Routes = new OpenAPIHono<ApiEnv>()

const TAG = 'Agents'
const AGENT_LIMIT = 512 * KIB

const summary = z
  .object({ key: z.string(), name: z.string(), version: z.int(), createdAt: iso, updatedAt: iso })
  .openapi('AgentSummary')
const whole = agentSchema.extend({ version: z.int(), createdAt: iso, createdBy: z.string() }).openapi('Agent')
const saved = z.object({ key: z.string(), version: z.int(), lint: z.array(lintDocument) }).openapi('SavedAgent')

route(
  agentRoutes,
  {
    method: 'get',
    path: '/agents',
    tag: TAG,
    summary: 'List agents',
    scope: 'workflows:read',
    query: cursorQuery,
    answers: { 200: { schema: pageOf(summary), description: 'A page of agents, newest first.' } },
  },
  async (c, { query }) => {
    const cursor = cursorOf(query)
    if (!cursor.ok) return problem(c, cursor.problem)
    const found = await listAgents(c.env.DB, c.get('key').team, cursor.value)
    const items = found.items.map(({ key, name, version, createdAt, updatedAt }) => {
      return { key, name, version, createdAt: isoTime(createdAt), updatedAt: isoTime(updatedAt) }
    })
    return c.json({ items, next: found.next })
  },
)

route(
  agentRoutes,
  {
    method: 'post',
    path: '/agents',
    tag: TAG,
    summary: 'Make an agent',
    scope: 'workflows:write',
    body: agentSchema,
    limit: AGENT_LIMIT,
    answers: {
      201: { schema: saved, description: 'Made, as version 1 (or the next one, if the key was in use before).' },
    },
    errors: [409],
  },
  async (c, { body }) => {
    const key = c.get('key')
    const { team } = key
    const fault = await faultOf(c, team, body)
    if (fault) return problem(c, fault)
    const saved = await saveAgent(c.env.DB, team, body, 'new', keyActor(key), Date.now())
    if (!saved.ok) return problem(c, saved.problem)
    return c.json({ key: body.key, version: saved.value, lint: warningsFor(body) }, 201)
  },
)

route(
  agentRoutes,
  {
    method: 'get',
    path: '/agents/{key}',
    tag: TAG,
    summary: 'Read an agent',
    scope: 'workflows:read',
    answers: { 200: { schema: whole, description: 'Its current version.' } },
  },
  async (c, { params }) => {
    const row = await own(c, params.key)
    return row ? readVersion(c, row.key, row.version) : problem(c, { kind: 'not_found' })
  },
)

route(
  agentRoutes,
  {
    method: 'put',
    path: '/agents/{key}',
    tag: TAG,
    summary: 'Make a new version of an agent',
    description:
      'Workflows that are published keep the version that they named; publish them again to take up this one.',
    scope: 'workflows:write',
    body: agentSchema.extend({ key: agentSchema.shape.key.optional() }),
    limit: AGENT_LIMIT,
    answers: { 200: { schema: saved, description: 'Saved as the next version.' } },
  },
  async (c, { params, body }) => {
    const row = await own(c, params.key)
    if (!row) return problem(c, { kind: 'not_found' })
    const agent = { ...body, key: row.key }
    const fault = otherKey('agent', row.key, body.key) ?? (await faultOf(c, row.team, agent))
    if (fault) return problem(c, fault)
    const saved = await saveAgent(c.env.DB, row.team, agent, 'there', keyActor(c.get('key')), Date.now())
    if (!saved.ok) return problem(c, saved.problem)
    return c.json({ key: row.key, version: saved.value, lint: warningsFor(agent) })
  },
)

route(
  agentRoutes,
  {
    method: 'delete',
    path: '/agents/{key}',
    tag: TAG,
    summary: 'Delete an agent',
    description: 'Its versions stay for the published workflows and tasks that name them.',
    scope: 'workflows:write',
    answers: { 204: { description: 'Deleted.' } },
  },
  async (c, { params }) => {
    const row = await own(c, params.key)
    if (!row) return problem(c, { kind: 'not_found' })
    await deleteAgent(c.env.DB, row.team, row.key, keyActor(c.get('key')), Date.now())
    return c.body(null, 204)
  },
)

/** Why the agent is not saved; null: it may be. */
async function faultOf(c: ApiContext, team: string, agent: Agent): Promise<ApiProblem | null> {
  const [fault] = agentFaults(agent, await namesFor(c.env, team))
  if (!fault) return null
  const { code, path, message, fix } = fault
  return { kind: 'invalid', code, path, message: `${path}: ${message}`, hint: fix }
}

routeVersions(agentRoutes, {
  path: '/agents',
  tag: TAG,
  one: 'an agent',
  schema: whole,
  own,
  list: (c, row, cursor) => listAgentVersions(c.env.DB, c.get('key').team, row.key, cursor),
  read: (c, row, version) => readVersion(c, row.key, version),
})

/** The team's agent of this key, unless it was deleted. */
async function own(c: ApiContext, key: string): Promise<AgentRow | null> {
  if (!KEY_PATTERN.test(key)) return null
  const row = await agentByKey(c.env.DB, c.get('key').team, key)
  return row !== null && row.deletedAt === null ? row : null
}

async function readVersion(c: ApiContext, key: string, version: number): Promise<Response> {
  const found = await agentVersionRow(c.env.DB, c.get('key').team, key, version)
  if (!found) return problem(c, { kind: 'not_found' })
  return c.json({ ...found.agent, version, createdAt: isoTime(found.createdAt), createdBy: found.createdBy })
}
