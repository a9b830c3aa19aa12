/** `/health`: the state of what the team's work rests on, in words, with what to do next. Programs ask /api/v1/status. */
import { Hono } from 'hono'
import { chunks, SIDE_BY_SIDE } from '../../domain/chunks.ts'
import { taskStub } from '../../env.ts'
import { openChange } from '../../http/page/change.ts'
import { goTo, type PageEnv, page } from '../../http/page/page.tsx'
import { lateTasks } from '../../records/health.ts'
import { healthOf } from './health.ts'
import { HealthPage } from './view.tsx'

export const healthPages = new Hono<PageEnv>()

healthPages.get('/health', async c => {
  const now = Date.now()
  const person = c.get('person')
  const health = await healthOf(c.env, person.team.id, now)
  return page(
    c,
    { title: 'Health', active: 'insight', styles: ['insight'] },
    <HealthPage health={health} now={now} person={person} />,
  )
})

healthPages.post('/health/wake', async c => {
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const { id: team } = c.get('person').team
  const late = await lateTasks(c.env.DB, team, Date.now())
  for (const some of chunks(late, SIDE_BY_SIDE))
    await Promise.allSettled(some.map(task => taskStub(c.env, team, task).wake(true)))
  return goTo(c, '/health#queue', `${late.length} ${late.length === 1 ? 'task was' : 'tasks were'} woken.`)
})
