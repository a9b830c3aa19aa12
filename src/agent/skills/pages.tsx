/** The pages of a team's skills. Every save is a new version; what is published keeps the version that it named. */
import { Hono } from 'hono'
import { personActor } from '../../domain/caller.ts'
import { may } from '../../domain/permissions.ts'
import { type Skill, skillSchema } from '../../domain/skill.ts'
import { KEY_PATTERN } from '../../domain/workflow/parts.ts'
import { leadReaders, openChange } from '../../http/page/change.ts'
import { errorPage, goTo, type PageContext, type PageEnv, page } from '../../http/page/page.tsx'
import { readCursor } from '../../records/cursor.ts'
import {
  deleteSkill,
  listSkills,
  listSkillVersions,
  type SkillRow,
  skillByKey,
  skillVersion,
} from '../../records/definitions/skills.ts'
import { skillUses } from '../../records/definitions/tool-uses.ts'
import { saveSkill } from './skills.ts'
import { SkillPage, Skills, type SkillView } from './view.tsx'

export const skillPages = new Hono<PageEnv>()

skillPages.use(
  '/skills/new',
  leadReaders('agents.change', () => '/skills'),
)

skillPages.get('/skills', async c => {
  const team = c.get('person').team.id
  const [found, uses] = await Promise.all([
    listSkills(c.env.DB, team, readCursor(c.req.query('cursor') ?? '')),
    skillUses(c.env.DB, team),
  ])
  const none = { workflows: [], agents: [] }
  const lines = found.items.map(({ key, version, skill }) => ({ key, version, skill, uses: uses.get(key) ?? none }))
  const view = { lines, next: found.next, mayChange: may(c.get('person'), 'agents.change') }
  return page(c, { title: 'Skills', active: 'agents' }, <Skills view={view} />)
})

skillPages.get('/skills/new', c => newSkill(c, {}, null))

skillPages.post('/skills/new', async c => {
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const { given } = change
  const read = readSkill(given, given.key?.trim() ?? '')
  if (!read.ok) return newSkill(c, given, read)
  const saved = await saveSkill(c.env.DB, c.get('person').team.id, read.skill, 'new', actorOf(c))
  if (saved.ok) return goTo(c, `/skills/${read.skill.key}`, 'The skill is made. Let an agent or a step name it.')
  return newSkill(c, given, { field: 'key', message: `There is a skill “${read.skill.key}” already.` }, 409)
})

skillPages.get('/skills/:key', async c => {
  const row = await ownSkill(c)
  if (!row) return errorPage(c, 404)
  const asked = Number(c.req.query('version'))
  if (!Number.isInteger(asked) || asked < 1 || asked === row.version) return skillPage(c, row, {})
  const found = await skillVersion(c.env.DB, c.get('person').team.id, row.key, asked)
  return found ? skillPage(c, row, { values: valuesOf(found.skill), shown: asked }) : errorPage(c, 404)
})

skillPages.post('/skills/:key', async c => {
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const row = await ownSkill(c)
  if (!row) return errorPage(c, 404)
  const { given: values } = change
  const read = readSkill(values, row.key)
  if (!read.ok) return skillPage(c, row, { values, mistake: read }, 422)
  const saved = await saveSkill(c.env.DB, c.get('person').team.id, read.skill, Number(values.version), actorOf(c))
  if (saved.ok) {
    const message = `Version ${saved.value} is saved. Workflows take it up when they are published again.`
    return goTo(c, `/skills/${row.key}`, message)
  }
  const now = await ownSkill(c)
  if (!now) return errorPage(c, 404)
  const message = `Somebody saved version ${now.version} while you were editing. Nothing was overwritten: look at it, then save yours again.`
  return skillPage(c, now, { values, mistake: { field: 'version', message } }, 409)
})

skillPages.post('/skills/:key/delete', async c => {
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const row = await ownSkill(c)
  if (!row) return errorPage(c, 404)
  const { key } = row
  if ((change.given.typed ?? '').trim() !== key) {
    const mistake = { field: 'typed', message: `Type ${key} to delete it. Nothing was deleted.` }
    return skillPage(c, row, { mistake }, 422)
  }
  await deleteSkill(c.env.DB, c.get('person').team.id, key, actorOf(c), Date.now())
  return goTo(c, '/skills', `The skill “${key}” is deleted. What is published keeps the version that it named.`)
})

type ReadSkill = { ok: true; skill: Skill } | { ok: false; field: string; message: string }

function readSkill(given: Record<string, string>, key: string): ReadSkill {
  if (!KEY_PATTERN.test(key)) return { ok: false, field: 'key', message: 'Start with a letter; a–z, 0–9 and _.' }
  const description = given.description?.trim() || undefined
  const text = (given.text ?? '').replaceAll('\r\n', '\n')
  const read = skillSchema.safeParse({ key, text, ...(description && { description }) })
  if (read.success) return { ok: true, skill: read.data }
  const field = String(read.error.issues[0]?.path[0] ?? 'text')
  return {
    ok: false,
    field,
    message: field === 'text' ? 'Say what is to be done, in 60,000 characters at most.' : '400 characters at most.',
  }
}

function valuesOf({ description = '', text }: Skill): Record<string, string> {
  return { description, text }
}

function actorOf(c: PageContext) {
  return personActor(c.get('person'))
}

async function ownSkill(c: PageContext): Promise<SkillRow | null> {
  const key = c.req.param('key') ?? ''
  return KEY_PATTERN.test(key) ? skillByKey(c.env.DB, c.get('person').team.id, key) : null
}

async function skillPage(c: PageContext, row: SkillRow, over: Partial<SkillView>, status: 200 | 409 | 422 = 200) {
  const team = c.get('person').team.id
  const [versions, uses] = await Promise.all([
    listSkillVersions(c.env.DB, team, row.key, null),
    skillUses(c.env.DB, team),
  ])
  const view = {
    ...{ key: row.key, version: row.version, shown: row.version, values: valuesOf(row.skill), mistake: null },
    ...{ versions: versions.items, uses: uses.get(row.key) ?? { workflows: [], agents: [] } },
    mayChange: may(c.get('person'), 'agents.change'),
    ...over,
  }
  const frame = { title: row.key, active: 'agents' as const, width: 'wide' as const, styles: ['editor' as const] }
  return page(c, frame, <SkillPage view={view} />, status)
}

function newSkill(
  c: PageContext,
  values: Record<string, string>,
  mistake: SkillView['mistake'],
  status: 409 | 422 = 422,
) {
  const view = {
    ...{ key: null, version: 0, shown: 0, values, mistake, versions: [], mayChange: true },
    uses: { workflows: [], agents: [] },
  }
  return page(
    c,
    { title: 'New skill', active: 'agents', styles: ['editor'] },
    <SkillPage view={view} />,
    mistake ? status : 200,
  )
}
