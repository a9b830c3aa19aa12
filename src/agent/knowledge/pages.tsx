/** The pages of what a team knows: its texts with their versions, and what would be found in them. */
import { Hono } from 'hono'
import { personActor } from '../../domain/caller.ts'
import { type Knowledge, knowledgeSchema, MAX_KNOWLEDGE, staleSince } from '../../domain/knowledge.ts'
import { may } from '../../domain/permissions.ts'
import { cut } from '../../domain/text/cut.ts'
import { keyFor } from '../../domain/workflow/edit.ts'
import { KEY_PATTERN } from '../../domain/workflow/parts.ts'
import { leadReaders, openChange } from '../../http/page/change.ts'
import { errorPage, goTo, type PageContext, type PageEnv, page } from '../../http/page/page.tsx'
import { type OtherFile, readUpload, type TextFile } from '../../http/request/upload.ts'
import { readCursor } from '../../records/cursor.ts'
import { agentsThatKnow } from '../../records/definitions/agents.ts'
import {
  checkKnowledge,
  deleteKnowledge,
  type KnowledgeRow,
  knowledgeByKey,
  knowledgeVersion,
  listKnowledge,
  listKnowledgeVersions,
  passagesFor,
} from '../../records/definitions/knowledge.ts'
import { offeredAnswersOf } from '../../records/definitions/offered-answers.ts'
import { type CorrectionRow, correctionAt } from '../../records/task/reviews/learned.ts'
import { saveKnowledge } from './knowledge.ts'
import { noteOf, notesKey, readCorrection } from './note.ts'
import { MOST_UPLOADED, wordsOf } from './uploaded.ts'
import { KnowledgeList, KnowledgePage, type KnowledgeView } from './view.tsx'

export const knowledgePages = new Hono<PageEnv>()

knowledgePages.use(
  '/knowledge/new',
  leadReaders('agents.change', () => '/knowledge'),
)

knowledgePages.get('/knowledge', async c => {
  const team = c.get('person').team.id
  const q = askedFor(c)
  const [found, passages, answers] = await Promise.all([
    listKnowledge(c.env.DB, team, readCursor(c.req.query('cursor') ?? '')),
    q === '' ? null : passagesFor(c.env.DB, team, null, q),
    offeredAnswersOf(c.env.DB, team),
  ])
  const now = Date.now()
  const lines = found.items.map(line => ({
    ...line,
    stale: staleSince(line.months ?? undefined, line.checkedAt ?? line.updatedAt, now),
  }))
  const mayChange = may(c.get('person'), 'agents.change')
  const view = { lines, next: found.next, q, passages, now, mayChange, answers: answers.length }
  return page(c, { title: 'Knowledge', active: 'agents' }, <KnowledgeList view={view} />)
})

knowledgePages.get('/knowledge/new', async c => {
  const correction = await correctionIn(c)
  if (correction === null) return newText(c, {}, null)
  const key = notesKey(correction)
  const there = await knowledgeByKey(c.env.DB, c.get('person').team.id, key)
  if (there)
    return c.redirect(`/knowledge/${key}?correction=${encodeURIComponent(c.req.query('correction') ?? '')}`, 303)
  return newText(c, { key, name: `Corrections for ${correction.agent}`, text: noteOf(correction) }, null)
})

knowledgePages.post('/knowledge/new', async c => {
  const sent = await readSent(c)
  if ('answer' in sent) return sent.answer
  const { given } = sent
  const key = given.key?.trim() || keyFor(given.name ?? '', [])
  const read = await readText(sent, key)
  if (!read.ok) return newText(c, given, read)
  const saved = await saveKnowledge(c.env.DB, c.get('person').team.id, read.knowledge, 'new', actorOf(c))
  if (saved.ok) return goTo(c, `/knowledge/${key}`, 'It is kept. Give it to the agents that need it.')
  if (saved.problem.kind === 'conflict')
    return newText(c, given, { field: 'key', message: `There is a text “${key}” already.` }, 409)
  return newText(c, given, { field: 'text', message: 'Its text is no text: paste its words, in UTF-8.' })
})

knowledgePages.get('/knowledge/:key', async c => {
  const row = await ownText(c)
  if (!row) return errorPage(c, 404)
  const correction = await correctionIn(c)
  if (correction !== null) {
    const values = valuesOf(row.knowledge)
    return textPage(c, row, { values: { ...values, text: `${values.text?.trimEnd()}\n${noteOf(correction)}` } })
  }
  const asked = Number(c.req.query('version'))
  if (!Number.isInteger(asked) || asked < 1 || asked === row.version) return textPage(c, row, {})
  const found = await knowledgeVersion(c.env.DB, c.get('person').team.id, row.key, asked)
  return found ? textPage(c, row, { values: valuesOf(found.knowledge), shown: asked }) : errorPage(c, 404)
})

knowledgePages.post('/knowledge/:key', async c => {
  const sent = await readSent(c)
  if ('answer' in sent) return sent.answer
  const row = await ownText(c)
  if (!row) return errorPage(c, 404)
  const { given: values } = sent
  const read = await readText(sent, row.key)
  if (!read.ok) return textPage(c, row, { values, mistake: read }, 422)
  const team = c.get('person').team.id
  const saved = await saveKnowledge(c.env.DB, team, read.knowledge, Number(values.version), actorOf(c))
  if (saved.ok) return goTo(c, `/knowledge/${row.key}`, `Version ${saved.value} is kept. Agents have it from now on.`)
  const now = await ownText(c)
  if (!now) return errorPage(c, 404)
  const message = `Somebody saved version ${now.version} while you were editing. Nothing was overwritten: look at it, then save yours again.`
  return textPage(c, now, { values, mistake: { field: 'version', message } }, 409)
})

knowledgePages.post('/knowledge/:key/check', async c => {
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const row = await ownText(c)
  if (!row) return errorPage(c, 404)
  await checkKnowledge(c.env.DB, c.get('person').team.id, row.key, actorOf(c), Date.now())
  return goTo(c, `/knowledge/${row.key}`, 'Noted: you found it right today.')
})

knowledgePages.post('/knowledge/:key/delete', async c => {
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const row = await ownText(c)
  if (!row) return errorPage(c, 404)
  const { key } = row
  if ((change.given.typed ?? '').trim() !== key) {
    const mistake = { field: 'typed', message: `Type ${key} to delete it. Nothing was deleted.` }
    return textPage(c, row, { mistake }, 422)
  }
  await deleteKnowledge(c.env.DB, c.get('person').team.id, key, actorOf(c), Date.now())
  return goTo(c, '/knowledge', `“${key}” is deleted: no agent finds it any more.`)
})

type Sent = { given: Record<string, string>; upload?: TextFile | OtherFile }

async function readSent(c: PageContext): Promise<Sent | { answer: Response | Promise<Response> }> {
  const read = await readUpload(c, MOST_UPLOADED)
  return read.ok ? { given: read.given, upload: read.files.upload } : { answer: errorPage(c, read.status) }
}

type ReadText = { ok: true; knowledge: Knowledge } | { ok: false; field: string; message: string }

/** The text as the form gives it; an uploaded file stands for what is typed. */
async function readText({ given, upload }: Sent, key: string): Promise<ReadText> {
  const words = upload && (await wordsOf(upload))
  if (words && !words.ok) return { ok: false, field: 'upload', message: words.message }
  if (!KEY_PATTERN.test(key)) return { ok: false, field: 'key', message: 'Start with a letter; a–z, 0–9 and _.' }
  const text = (words?.text ?? given.text ?? '').replaceAll('\r\n', '\n').trim()
  const months = given.months?.trim() ? Number(given.months) : undefined
  const read = knowledgeSchema.safeParse({ key, name: given.name ?? '', text, ...(months !== undefined && { months }) })
  if (read.success) return { ok: true, knowledge: read.data }
  const field = String(read.error.issues[0]?.path[0] ?? 'text')
  return { ok: false, field, message: WRONG[field] ?? 'This does not fit.' }
}

const WRONG: Record<string, string> = {
  name: 'Give it a name, of 120 characters at most.',
  text: `Give it a text, of ${MAX_KNOWLEDGE / 1000},000 characters at most; part a longer one by its chapters.`,
  months: 'From 1 to 60 months, or nothing.',
}

function valuesOf({ name, text, months }: Knowledge): Record<string, string> {
  return { name, text, months: months === undefined ? '' : String(months) }
}

/** The correction that a note is to be made of, where the address names one of the team's, of an agent. */
async function correctionIn(c: PageContext): Promise<(CorrectionRow & { agent: string }) | null> {
  const named = readCorrection(c.req.query('correction') ?? '')
  const found = named && (await correctionAt(c.env.DB, c.get('person').team.id, named))
  return found === null || found.agent === null ? null : { ...found, agent: found.agent }
}

function actorOf(c: PageContext) {
  return personActor(c.get('person'))
}

const askedFor = (c: PageContext) => cut((c.req.query('q') ?? '').trim(), 400)

async function ownText(c: PageContext): Promise<KnowledgeRow | null> {
  const key = c.req.param('key') ?? ''
  return KEY_PATTERN.test(key) ? knowledgeByKey(c.env.DB, c.get('person').team.id, key) : null
}

async function textPage(
  c: PageContext,
  row: KnowledgeRow,
  over: Partial<KnowledgeView>,
  status: 200 | 409 | 422 = 200,
) {
  const team = c.get('person').team.id
  const q = askedFor(c)
  const [versions, agents, passages] = await Promise.all([
    listKnowledgeVersions(c.env.DB, team, row.key, null),
    agentsThatKnow(c.env.DB, team, row.key),
    q === '' ? null : passagesFor(c.env.DB, team, [row.key], q),
  ])
  const checked = row.checkedAt ?? row.updatedAt
  const view: KnowledgeView = {
    ...{ key: row.key, name: row.knowledge.name, version: row.version, shown: row.version },
    ...{ values: valuesOf(row.knowledge), mistake: null, versions: versions.items, agents, q, passages, checked },
    stale: staleSince(row.knowledge.months, checked, Date.now()),
    mayChange: may(c.get('person'), 'agents.change'),
    ...over,
  }
  const frame = { title: row.knowledge.name, active: 'agents' as const, width: 'wide' as const }
  return page(c, { ...frame, styles: ['editor'] }, <KnowledgePage view={view} />, status)
}

function newText(
  c: PageContext,
  values: Record<string, string>,
  mistake: KnowledgeView['mistake'],
  status: 409 | 422 = 422,
) {
  const view: KnowledgeView = {
    ...{ key: null, name: 'New text', version: 0, shown: 0, values, mistake, versions: [], agents: [] },
    ...{ q: '', passages: null, checked: 0, stale: null, mayChange: true },
  }
  const frame = { title: 'New text', active: 'agents' as const, styles: ['editor' as const] }
  return page(c, frame, <KnowledgePage view={view} />, mistake ? status : 200)
}
