/** The same job on Cloudflare Workflows, with as little around it as can be: what Baton is measured against. Runs in workerd. */
import { WorkflowEntrypoint } from 'cloudflare:workers'

// Kept in memory, so that counting costs the peer nothing; it counts a task before the engine has noted its end.
const finished = new Set()

export class Flow extends WorkflowEntrypoint {
  async run(event, step) {
    const { input, delay } = event.payload
    let last = { text: input.company }
    for (const name of ['read', 'draft', 'check', 'send']) {
      last = await step.do(name, async () => {
        if (delay) await scheduler.wait(delay)
        return { text: `${name}: ${input.company}`, after: last.text.length }
      })
    }
    finished.add(event.instanceId)
    return last
  }
}

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url)
    if (pathname === '/create') {
      const input = await request.json()
      const instance = await env.FLOW.create({ params: { input, delay: Number(searchParams.get('delay')) } })
      return Response.json({ id: instance.id }, { status: 202 })
    }
    if (pathname === '/bench/done') return Response.json({ done: finished.size })
    if (pathname === '/bench/wait') {
      await complete(await env.FLOW.get(searchParams.get('id')))
      return Response.json({})
    }
    if (pathname === '/bench/unfinished') return Response.json(await unfinished(await request.json(), env))
    return new Response(null, { status: 404 })
  },
}

async function complete(instance) {
  while ((await instance.status()).status !== 'complete') await scheduler.wait(1)
}

async function unfinished(ids, env) {
  const states = await Promise.all(ids.map(async id => (await (await env.FLOW.get(id)).status()).status))
  return ids.filter((_, index) => states[index] !== 'complete')
}
