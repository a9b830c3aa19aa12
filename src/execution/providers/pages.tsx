/** `/settings/models`: who answers for models: the environment's providers, and the team's own, set, tried and deleted. */
import { Hono } from 'hono'
import { personActor } from '../../domain/caller.ts'
import { PROVIDER_KINDS, type Provider, providerSchema } from '../../domain/models/provider.ts'
import { may } from '../../domain/permissions.ts'
import { explain } from '../../http/errors.ts'
import { openChange } from '../../http/page/change.ts'
import { errorPage, goTo, type PageContext, type PageEnv, page } from '../../http/page/page.tsx'
import { choosableSecrets } from '../../records/people/secrets.ts'
import { listModels } from '../../team/listed-models.ts'
import { keepProvider, removeProvider, tryProvider, wholeProviders } from './providers.ts'
import { Models, type ModelsView } from './view.tsx'

export const providerPages = new Hono<PageEnv>()

const PAGE = '/settings/models'

providerPages.get(PAGE, c => modelsPage(c, {}))

providerPages.post(PAGE, async c => {
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const { given } = change
  const again = (field: string, message: string) => modelsPage(c, { sent: given, wrong: { field, message } }, 422)
  const read = providerSchema.safeParse(readForm(given))
  if (!read.success) {
    const [issue] = read.error.issues
    return again(
      String(issue?.path[0] ?? 'key'),
      `${WORDS[String(issue?.path[0])] ?? issue?.message ?? 'Look at it again.'}`,
    )
  }
  const by = { actor: personActor(c.get('person')), name: c.get('person').email }
  const kept = await keepProvider(c.env, c.get('person').team.id, read.data, by)
  if (kept.ok) return goTo(c, PAGE, `The provider “${read.data.key}” is set.`)
  const { path, message } = explain(kept.problem)
  return again(path ?? 'key', path === undefined ? message : message.slice(path.length + 2))
})

providerPages.post(`${PAGE}/:key/try`, async c => {
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const { email, team } = c.get('person')
  const { success } = await c.env.FORM_LIMIT.limit({ key: `try:${team.id}:${email}` })
  if (!success) {
    c.header('Retry-After', '60')
    return errorPage(c, 429)
  }
  const key = c.req.param('key')
  const model = (change.given.model ?? '').trim() || undefined
  const tried = await tryProvider(c.env, team.id, { key, model }, personActor(c.get('person')))
  if (tried.ok) return modelsPage(c, { tried: { key, ...tried.value } })
  if (tried.problem.kind === 'not_found') return errorPage(c, 404)
  return modelsPage(c, { tried: { key, model: key, ok: false, said: 'Say which model is tried.', usage: null } }, 422)
})

providerPages.post(`${PAGE}/:key/delete`, async c => {
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const key = c.req.param('key')
  if ((change.given.typed ?? '').trim() !== key) {
    return modelsPage(c, { problem: `The name did not match, so “${key}” is still there.` }, 422)
  }
  const gone = await removeProvider(c.env, c.get('person').team.id, key, personActor(c.get('person')))
  if (gone.ok) return goTo(c, PAGE, `The provider “${key}” is deleted.`)
  return gone.problem.kind === 'not_found'
    ? errorPage(c, 404)
    : modelsPage(c, { problem: explain(gone.problem).message }, 409)
})

/** What is said at each field that the form itself lets through wrongly. */
const WORDS: Record<string, string> = {
  key: 'Start with a letter; a–z, 0–9, _ and -, 40 at most.',
  baseUrl: 'Give its address, such as https://models.example/v1.',
  models: 'At most 50 models, of 79 characters each.',
}

function readForm(given: Record<string, string>): Partial<Record<keyof Provider, unknown>> {
  const word = (name: string) => (given[name] ?? '').trim()
  const models = word('models')
    .split(/[\s,]+/)
    .filter(Boolean)
  return {
    key: word('key'),
    kind: PROVIDER_KINDS.find(kind => kind === given.kind) ?? 'openai-chat',
    baseUrl: word('base_url'),
    ...(word('secret') === '' ? {} : { secret: word('secret') }),
    ...(models.length === 0 ? {} : { models }),
  }
}

type Told = Pick<ModelsView, 'sent' | 'wrong' | 'tried' | 'problem'>

async function modelsPage(c: PageContext, told: Told, status: 200 | 409 | 422 = 200) {
  const person = c.get('person')
  const team = person.team.id
  const [own, listed, secrets] = await Promise.all([
    wholeProviders(c.env, team),
    listModels(c.env, team),
    choosableSecrets(c.env.DB, team),
  ])
  const view: ModelsView = { own, listed, secrets, admin: may(person, 'providers.manage'), now: Date.now(), ...told }
  return page(c, { title: 'Models', active: 'settings' }, <Models view={view} />, status)
}
