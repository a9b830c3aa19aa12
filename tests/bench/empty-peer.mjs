/** What a way in costs at least: a Worker that answers, and one that makes a Durable Object with one row first. Runs in workerd. */
import { DurableObject } from 'cloudflare:workers'

export class Thing extends DurableObject {
  make(text) {
    this.ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS log (seq INTEGER PRIMARY KEY, text TEXT)')
    this.ctx.storage.sql.exec('INSERT INTO log (text) VALUES (?)', text)
  }
}

export default {
  async fetch(request, env) {
    const text = await request.text()
    if (new URL(request.url).pathname === '/object') await env.THINGS.getByName(crypto.randomUUID()).make(text)
    return Response.json({ ok: true }, { status: 202 })
  },
}
