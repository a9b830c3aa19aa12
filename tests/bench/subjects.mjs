/** The two that are compared, behind one face: open, start a task, how many are done, wait for one. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { call, flood } from './client.mjs'
import { bundle, root, serve, wrangler } from './host.mjs'

const here = import.meta.dirname
const config = { config: path.join(root, 'wrangler.toml') }
const input = index => ({ company: `Company ${index}`, email: `hank@company-${index}.test` })
export const source = name => [{ type: 'ESModule', path: name, contents: readFileSync(path.join(here, name), 'utf8') }]
const bundles = new Map()

function bundled(entry, options) {
  const id = JSON.stringify([entry, options])
  if (!bundles.has(id)) bundles.set(id, bundle(entry, options))
  return bundles.get(id)
}

/** Four prompts in a row. */
const definition = delay => ({
  baton: 1,
  name: `Bench, ${delay} ms`,
  title: '{{ input.company }}',
  defaults: { model: 'demo' },
  steps: ['read', 'draft', 'check', 'send'].map((key, at, keys) => ({
    key,
    name: `Step ${at + 1}`,
    prompt: `${delay ? `[demo: delay ${delay}ms] ` : ''}Step ${at + 1} for {{ input.company }}.`,
    handoffs: [{ to: keys[at + 1] ?? 'complete' }],
  })),
})

/** Baton as it is deployed, in local mode (its `npm start`), beside a probe that only looks. */
export const baton = {
  name: 'baton',
  async open({ entry = 'src/index.ts', minify = true, inspectorPort, assets = false, beside = [] } = {}) {
    const { workerOptions } = wrangler.unstable_getMiniflareWorkerOptions(config.config)
    const options = Object.fromEntries(Object.entries(workerOptions).filter(([, value]) => value !== undefined))
    // Pages' static files are not what is measured, and the simulator's two workers for them would be on every request.
    if (!assets) delete options.assets
    const token = 'bench-only-token-of-a-local-server'
    const app = {
      ...options,
      name: 'baton',
      rootPath: root,
      modules: bundled(entry, { minify }),
      bindings: {
        BATON_SECRET: 'bench-only-secret-of-more-than-thirty-two-bytes',
        BATON_URL: 'http://localhost:8787',
        BATON_LOCAL: '1',
        BATON_LOCAL_TOKEN: token,
      },
      compatibilityFlags: [...(options.compatibilityFlags ?? []), 'queue_consumer_no_wait_for_wait_until'],
      // The limits are counted as always but never reached: one key brings all the load.
      ratelimits: unlimited(options.ratelimits),
    }
    const probe = {
      name: 'probe',
      compatibilityDate: options.compatibilityDate,
      modules: source('baton-probe.mjs'),
      d1Databases: options.d1Databases,
      durableObjects: { TASKS: { className: 'TaskObject', scriptName: 'baton', useSQLite: true } },
      routes: ['*/bench/*'],
    }
    const host = await serve([app, probe, ...beside], { inspectorPort })
    await migrate(await host.mf.getD1Database('DB', 'baton'))
    const { team, apiKey, signIn } = await call(`${host.url}/__local/seed`, {
      method: 'POST',
      headers: { 'x-baton-local': token },
    })
    const flows = new Map()
    const flow = async delay => {
      if (!flows.has(delay)) flows.set(delay, await publish(host.url, apiKey, delay))
      return flows.get(delay)
    }
    const about = async delay => new URLSearchParams({ team, workflow: (await flow(delay)).workflow })
    const session = {
      ...host,
      team,
      apiKey,
      /** Signs a browser in as the owner. */
      signIn: `${host.url}${new URL(signIn).pathname}`,
      start: async (index, { delay = 0 } = {}) => {
        const { intake } = await flow(delay)
        const headers = { authorization: `Bearer ${apiKey}` }
        return (await call(`${host.url}${intake}`, { method: 'POST', headers, body: input(index) })).task.id
      },
      done: async ({ delay = 0 } = {}) => (await call(`${host.url}/bench/done?${await about(delay)}`)).done,
      wait: id => call(`${host.url}/bench/wait?${new URLSearchParams({ team, id })}`),
      unfinished: async (_ids, { delay = 0 } = {}) => call(`${host.url}/bench/unfinished?${await about(delay)}`),
    }
    await flow(0)
    return session
  },
}

async function publish(url, apiKey, delay) {
  const headers = { authorization: `Bearer ${apiKey}` }
  const { id } = await call(`${url}/api/v1/workflows`, { method: 'POST', headers, body: definition(delay) })
  const body = { kind: 'webhook', name: 'Bench', auth: { type: 'key' } }
  const intake = await call(`${url}/api/v1/workflows/${id}/intakes`, { method: 'POST', headers, body })
  return { workflow: id, intake: new URL(intake.url).pathname }
}

function unlimited(limits = {}) {
  return Object.fromEntries(
    Object.entries(limits).map(([name, limit]) => [
      name,
      { ...limit, simple: { ...limit.simple, limit: 1_000_000_000 } },
    ]),
  )
}

async function migrate(db) {
  const folder = path.join(root, 'migrations')
  for (const name of readdirSync(folder)
    .filter(file => file.endsWith('.sql'))
    .sort()) {
    const statements = wrangler.unstable_splitSqlQuery(readFileSync(path.join(folder, name), 'utf8'))
    await db.batch(statements.map(sql => db.prepare(sql)))
  }
}

/** The same job on Cloudflare Workflows: `step.do` four times, nothing else. */
export const workflows = {
  name: 'workflows',
  async open({ inspectorPort } = {}) {
    const { compatibility_date: compatibilityDate } = wrangler.unstable_readConfig(config)
    const peer = {
      name: 'peer',
      compatibilityDate,
      modules: source('workflows-peer.mjs'),
      workflows: { FLOW: { name: 'bench', className: 'Flow' } },
    }
    const host = await serve([peer], { inspectorPort })
    return {
      ...host,
      start: async (index, { delay = 0 } = {}) =>
        (await call(`${host.url}/create?delay=${delay}`, { method: 'POST', body: input(index) })).id,
      done: async () => (await call(`${host.url}/bench/done`)).done,
      wait: id => call(`${host.url}/bench/wait?${new URLSearchParams({ id })}`),
      async unfinished(ids) {
        const groups = Array.from({ length: Math.ceil(ids.length / 100) }, (_, at) =>
          ids.slice(at * 100, at * 100 + 100),
        )
        const ask = group => call(`${host.url}/bench/unfinished`, { method: 'POST', body: group })
        return (await flood(groups.length, 2, at => ask(groups[at]))).answers.flat()
      },
    }
  },
}
