/** `/settings/limits`: what the team may spend, how fast its providers are asked, and how many decisions may pile up. */
import { Hono } from 'hono'
import { personActor } from '../../domain/caller.ts'
import type { ListedProvider } from '../../domain/models/environment.ts'
import { DEMO, OPENAI } from '../../domain/models/provider.ts'
import { may } from '../../domain/permissions.ts'
import { type Period, stretchOf } from '../../domain/team-limits.ts'
import { type Env, gateStub } from '../../env.ts'
import { errorPage, goTo, type PageContext, type PageEnv, page } from '../../http/page/page.tsx'
import { readForm } from '../../http/request/form.ts'
import { type LimitsRow, putLimits, putSettings, readLimits, readSettings } from '../../records/people/limits.ts'
import { figuresOf } from '../../records/task/figures.ts'
import { listModels } from '../listed-models.ts'
import { type Given, givenOf, readLimitsForm } from './form.ts'
import { LimitsPage, type Spending } from './limits-view.tsx'
import { forgetTerms } from './terms.ts'

export const limitPages = new Hono<PageEnv>()

limitPages.get('/settings/limits', c => limitsPage(c))

limitPages.post('/settings/limits', async c => {
  const person = c.get('person')
  const sent = await readForm(c)
  if (!sent.ok) return errorPage(c, sent.status)
  const read = readLimitsForm(sent.form)
  if ('path' in read) return limitsPage(c, { given: Object.fromEntries(sent.form), wrong: read }, 422)
  const by = { team: person.team.id, actor: personActor(person), name: person.email, at: Date.now() }
  await putLimits(c.env.DB, read.limits, by)
  const settings = await readSettings(c.env.DB, person.team.id)
  const { timezone, taskBudget } = read
  if (settings.timezone !== timezone || settings.taskBudget !== taskBudget) {
    await putSettings(c.env.DB, { ...settings, timezone, taskBudget }, by)
    forgetTerms(person.team.id)
  }
  return goTo(c, '/settings/limits', 'The limits are set.')
})

/** The providers whose pace one may want to set: the usual one, and all others that can be asked over a network. */
function pacedAmong(listed: readonly ListedProvider[]): string[] {
  return listed.filter(({ name, ready }) => name === OPENAI || (ready && name !== DEMO)).map(({ name }) => name)
}

interface Told {
  given: Given
  wrong: { path: string; message: string }
}

async function limitsPage(c: PageContext, told?: Told, status: 200 | 422 = 200) {
  const person = c.get('person')
  const { id } = person.team
  const [limits, settings, listed] = await Promise.all([
    readLimits(c.env.DB, id),
    readSettings(c.env.DB, id),
    listModels(c.env, id),
  ])
  const spending = await spendingOf(c.env, id, limits)
  const { timezone } = settings
  const given = told?.given ?? givenOf(limits, settings, pacedAmong(listed))
  const content = (
    <LimitsPage
      given={given}
      wrong={told?.wrong}
      now={Date.now()}
      timezone={timezone}
      spending={spending}
      admin={may(person, 'limits.change')}
    />
  )
  return page(c, { title: 'Limits', active: 'settings' }, content, status)
}

/** What was spent of the budgets: as the team's Gate knows it, or where it has not heard of them yet, as the tasks say. */
async function spendingOf(env: Env, team: string, { budget, timezone }: LimitsRow): Promise<Spending | null> {
  try {
    const figures = await gateStub(env, team).figures()
    const now = Date.now()
    const of = async (period: Period) => {
      const limit = budget[period]
      const { spent, reserved, limit: known } = figures[period]
      if (limit === null || known !== null) return { spent, reserved, limit }
      const { from } = stretchOf(period, timezone, now)
      const rows = await figuresOf(env.DB, team, undefined, from, now)
      return { spent: rows.reduce((total, { cost }) => total + cost, 0), reserved, limit }
    }
    return { day: await of('day'), month: await of('month') }
  } catch (error) {
    console.error(JSON.stringify({ level: 'error', what: 'limits', team, error: String(error) }))
    return null
  }
}
