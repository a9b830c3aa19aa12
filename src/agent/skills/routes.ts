/** `/skills`: a team's reusable instructions and their versions. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import { keyActor } from '../../domain/caller.ts'
import { type Skill, skillSchema } from '../../domain/skill.ts'
import { KEY_PATTERN } from '../../domain/workflow/parts.ts'
import type { ApiContext, ApiEnv } from '../../http/context.ts'
import { cursorOf, cursorQuery, iso, isoTime, pageOf } from '../../http/describe.ts'
import { problem } from '../../http/errors.ts'
import { otherKey, routeVersions } from '../../http/own-list.ts'
import { KIB } from '../../http/request/body.ts'
import { type Routes, route } from '../../http/route.ts'
import {
  deleteSkill,
  listSkills,
  listSkillVersions,
  type SkillRow,
  skillByKey,
  skillVersion,
} from '../../records/definitions/skills.ts'
import { saveSkill } from './skills.ts'

export const skillRoutes: Routes = new OpenAPIHono<ApiEnv>()

const TAG = 'Skills'
const LIMIT = 256 * KIB

const summary = skillSchema
  .omit({ text: true })
  .extend({ version: z.int(), createdAt: iso, updatedAt: iso })
  .openapi('SkillSummary')
const whole = skillSchema.extend({ version: z.int(), createdAt: iso, createdBy: z.string() }).openapi('Skill')
const saved = z.object({ key: z.string(), version: z.int() }).openapi('SavedSkill')

route(
  skillRoutes,
  {
    method: 'get',
    path: '/skills',
    tag: TAG,
    summary: 'List skills',
    description: 'Reusable instructions that agents and steps name in `skills`.',
    scope: 'workflows:read',
    query: cursorQuery,
    answers: { 200: { schema: pageOf(summary), description: 'A page of skills, newest first.' } },
  },
  async (c, { query }) => {
    const cursor = cursorOf(query)
    if (!cursor.ok) return problem(c, cursor.problem)
    const found = await listSkills(c.env.DB, c.get('key').team, cursor.value)
    const items = found.items.map(({ key, version, skill: { description }, createdAt, updatedAt }) => {
      const times = { createdAt: isoTime(createdAt), updatedAt: isoTime(updatedAt) }
      return { key, ...(description !== undefined && { description }), version, ...times }
    })
    return c.json({ items, next: found.next })
  },
)

route(
  skillRoutes,
  {
    method: 'post',
    path: '/skills',
    tag: TAG,
    summary: 'Make a skill',
    scope: 'workflows:write',
    body: skillSchema,
    limit: LIMIT,
    answers: {
      201: { schema: saved, description: 'Made, as version 1 (or the next one, if the key was in use before).' },
    },
    errors: [409],
  },
  (c, { body }) => keep(c, body, 'new', 201),
)

route(
  skillRoutes,
  {
    method: 'get',
    path: '/skills/{key}',
    tag: TAG,
    summary: 'Read a skill',
    scope: 'workflows:read',
    answers: { 200: { schema: whole, description: 'Its current version.' } },
  },
  async (c, { params }) => {
    const row = await own(c, params.key)
    return row ? readVersion(c, row.key, row.version) : problem(c, { kind: 'not_found' })
  },
)

route(
  skillRoutes,
  {
    method: 'put',
    path: '/skills/{key}',
    tag: TAG,
    summary: 'Make a new version of a skill',
    description:
      'Workflows that are published keep the version that they named; publish them again to take up this one.',
    scope: 'workflows:write',
    body: skillSchema.extend({ key: skillSchema.shape.key.optional() }),
    limit: LIMIT,
    answers: { 200: { schema: saved, description: 'Saved as the next version.' } },
  },
  async (c, { params, body }) => {
    const row = await own(c, params.key)
    if (!row) return problem(c, { kind: 'not_found' })
    const fault = otherKey('skill', row.key, body.key)
    if (fault) return problem(c, fault)
    return keep(c, { ...body, key: row.key }, 'there', 200)
  },
)

route(
  skillRoutes,
  {
    method: 'delete',
    path: '/skills/{key}',
    tag: TAG,
    summary: 'Delete a skill',
    description: 'Its versions stay for the published workflows and tasks that name them.',
    scope: 'workflows:write',
    answers: { 204: { description: 'Deleted.' } },
  },
  async (c, { params }) => {
    const row = await own(c, params.key)
    if (!row) return problem(c, { kind: 'not_found' })
    await deleteSkill(c.env.DB, c.get('key').team, row.key, keyActor(c.get('key')), Date.now())
    return c.body(null, 204)
  },
)

routeVersions(skillRoutes, {
  path: '/skills',
  tag: TAG,
  one: 'a skill',
  schema: whole,
  own,
  list: (c, row, cursor) => listSkillVersions(c.env.DB, c.get('key').team, row.key, cursor),
  read: (c, row, version) => readVersion(c, row.key, version),
})

/** The team's skill of this key, unless it was deleted. */
async function own(c: ApiContext, key: string): Promise<SkillRow | null> {
  return KEY_PATTERN.test(key) ? skillByKey(c.env.DB, c.get('key').team, key) : null
}

async function keep(c: ApiContext, skill: Skill, expected: 'new' | 'there', status: 200 | 201): Promise<Response> {
  const key = c.get('key')
  const version = await saveSkill(c.env.DB, key.team, skill, expected, keyActor(key))
  return version.ok ? c.json({ key: skill.key, version: version.value }, status) : problem(c, version.problem)
}

async function readVersion(c: ApiContext, key: string, version: number): Promise<Response> {
  const found = await skillVersion(c.env.DB, c.get('key').team, key, version)
  if (!found) return problem(c, { kind: 'not_found' })
  return c.json({ ...found.skill, version, createdAt: isoTime(found.createdAt), createdBy: found.createdBy })
}
