/** `/settings/prices`: the team's default model, what models cost, and which in use have no price. */
import { Hono } from 'hono'
import { personActor } from '../../domain/caller.ts'
import type { Price } from '../../domain/money.ts'
import { may } from '../../domain/permissions.ts'
import { settingsProblem } from '../../domain/team-limits.ts'
import { errorPage, goTo, type PageContext, type PageEnv, page } from '../../http/page/page.tsx'
import { readForm } from '../../http/request/form.ts'
import { type By, putSettings, readSettings } from '../../records/people/limits.ts'
import { forgetTerms } from '../limits/terms.ts'
import { usualProblem } from '../listed-models.ts'
import { ModelsPage, type PriceForm } from './models-view.tsx'
import { dropPrice, MAX_PRICES, priceProblem, pricesOf, setPrice } from './prices.ts'

export const pricePages = new Hono<PageEnv>()

const HERE = '/settings/prices'

pricePages.get(HERE, c => modelsPage(c))

pricePages.post(HERE, async c => {
  const sent = await readForm(c)
  if (!sent.ok) return errorPage(c, sent.status)
  const given = Object.fromEntries(sent.form)
  const model = (given.model ?? '').trim()
  const price = priceIn(given)
  const wrong = priceProblem(model, price)
  if (wrong !== null) return modelsPage(c, { given, wrong }, 422)
  if ((await setPrice(c.env.DB, model, price, byPerson(c))) === 'full') {
    const message = `The team has set ${MAX_PRICES} prices, as many as it may.`
    return modelsPage(c, { given, wrong: { path: 'model', message } }, 422)
  }
  return goTo(c, HERE, `The price of ${model} is set. It holds for calls from now on.`)
})

pricePages.post(`${HERE}/delete`, async c => {
  const sent = await readForm(c)
  if (!sent.ok) return errorPage(c, sent.status)
  const model = sent.form.get('model') ?? ''
  const gone = await dropPrice(c.env.DB, model, byPerson(c))
  return gone ? goTo(c, HERE, `Your own price of ${model} is taken away.`) : errorPage(c, 404)
})

pricePages.post(`${HERE}/usual`, async c => {
  const sent = await readForm(c)
  if (!sent.ok) return errorPage(c, sent.status)
  const usual = (sent.form.get('usual') ?? '').trim()
  const model = usual === '' ? null : usual
  const by = byPerson(c)
  const settings = await readSettings(c.env.DB, by.team)
  const wrong = settingsProblem(settings.timezone, settings.taskBudget, model)
  const message = wrong?.message ?? (await usualProblem(c.env, by.team, model))
  if (message !== null) return modelsPage(c, { given: { usual }, wrong: { path: 'usual', message } }, 422)
  await putSettings(c.env.DB, { ...settings, model }, by)
  forgetTerms(by.team)
  return goTo(c, HERE, model === null ? 'The server’s default counts again.' : `${model} is the default model.`)
})

/** A price as the form has it; what is no number is refused where it belongs. */
function priceIn(given: Record<string, string>): Price {
  const usd = (name: string) => {
    const text = (given[name] ?? '').trim().replace(/^\$\s*/, '')
    return text === '' ? Number.NaN : Number(text)
  }
  const cached = (given.cached ?? '').trim()
  return { input: usd('input'), output: usd('output'), ...(cached !== '' && { cached: usd('cached') }) }
}

function byPerson(c: PageContext): By {
  const person = c.get('person')
  return { team: person.team.id, actor: personActor(person), name: person.email, at: Date.now() }
}

async function modelsPage(c: PageContext, told?: PriceForm, status: 200 | 422 = 200) {
  const person = c.get('person')
  const [prices, { model }] = await Promise.all([
    pricesOf(c.env, person.team.id),
    readSettings(c.env.DB, person.team.id),
  ])
  const admin = may(person, 'limits.change')
  const content = <ModelsPage prices={prices} usual={model} told={told} admin={admin} now={Date.now()} />
  return page(c, { title: 'Prices', active: 'settings' }, content, status)
}
