/** `/settings/data`: how long the team keeps what is over, how much would go, and the archives of what went. */
import { Hono } from 'hono'
import { personActor } from '../../domain/caller.ts'
import { before, type Retention, retentionProblem } from '../../domain/retention.ts'
import { errorPage, goTo, type PageContext, type PageEnv, page } from '../../http/page/page.tsx'
import { readForm } from '../../http/request/form.ts'
import { archiveById, deleteArchive, listArchives } from '../../records/data/archives.ts'
import { putRetention, type Rehearsed, readRetention, rehearse } from '../../records/data/retention.ts'
import { tasksFound, tokensOf } from '../../records/task/searched.ts'
import { discard } from './archive.ts'
import { DataPage } from './data-view.tsx'
import { archiveAnswer } from './serve.ts'

export const retentionPages = new Hono<PageEnv>()

const PATH = '/settings/data'
const MOST_FOUND = 100

retentionPages.get(PATH, async c => {
  if (c.req.query('rehearse') === undefined) return show(c)
  const read = readDays(name => c.req.query(name))
  const wrong = retentionProblem(read)
  if (wrong) return show(c, { given: read, wrong })
  const now = Date.now()
  const { auditDays, taskDays } = read
  const tasksBefore = taskDays === null ? null : before(taskDays, now)
  const rehearsed = await rehearse(c.env.DB, c.get('person').team.id, before(auditDays, now), tasksBefore)
  return show(c, { given: read, rehearsed })
})

retentionPages.post(`${PATH}/retention`, async c => {
  const sent = await readForm(c)
  if (!sent.ok) return errorPage(c, sent.status)
  const read = readDays(name => sent.form.get(name) ?? undefined)
  const wrong = retentionProblem(read)
  if (wrong) return show(c, { given: read, wrong })
  const person = c.get('person')
  const by = { team: person.team.id, actor: personActor(person), name: person.email, at: Date.now() }
  await putRetention(c.env.DB, read, by)
  return goTo(c, PATH, 'It is set. What is older goes within the hour, step by step.')
})

retentionPages.get(`${PATH}/archives/:archive`, async c => {
  const row = await archiveById(c.env.DB, c.get('person').team.id, c.req.param('archive'))
  return (row && (await archiveAnswer(c.env, row))) ?? errorPage(c, 404)
})

retentionPages.post(`${PATH}/archives/:archive/delete`, async c => {
  const person = c.get('person')
  const row = await archiveById(c.env.DB, person.team.id, c.req.param('archive'))
  if (row?.status !== 'done') return errorPage(c, 404)
  await deleteArchive(c.env.DB, row, personActor(person), Date.now())
  await discard(c.env, row)
  return goTo(c, PATH, 'The archive was deleted.')
})

function readDays(field: (name: string) => string | undefined): Retention {
  const days = (name: string) => {
    const text = field(name)?.trim() ?? ''
    return text === '' ? null : Number(text)
  }
  return {
    auditDays: days('auditDays') ?? Number.NaN,
    taskDays: days('taskDays'),
    unarchived: field('unarchived') === 'yes',
  }
}

interface Asked {
  given?: Retention
  wrong?: { path: string; message: string }
  rehearsed?: Rehearsed
}

async function show(c: PageContext, { given, wrong, rehearsed }: Asked = {}) {
  const { team } = c.get('person')
  const [kept, archives] = await Promise.all([readRetention(c.env.DB, team.id), listArchives(c.env.DB, team.id)])
  const bucket = c.env.FILES !== undefined
  const person = c.req.query('person')?.trim() ?? ''
  const found = person === '' ? null : await tasksAbout(c, person)
  const content = <DataPage {...{ given: given ?? kept, wrong, rehearsed, archives, bucket, person, found }} />
  return page(c, { title: 'Data', active: 'settings' }, content, wrong === undefined ? 200 : 422)
}

/** Tasks whose titles, keys, inputs or outputs have these words. */
async function tasksAbout(c: PageContext, person: string) {
  const search = { words: tokensOf(person) }
  return (await tasksFound(c.env.DB, c.get('person').team.id, search, null, MOST_FOUND)).items
}
