/** Baton with counters around its bindings: how many requests, messages and rows a task costs. Never used where speed is measured. */
import { DurableObject, env } from 'cloudflare:workers'
import product, { BoardObject, TaskObject } from '../../src/index.ts'

let counts = {}
const add = (name, by = 1) => {
  counts[name] = (counts[name] ?? 0) + by
}

/** Puts `around` in the place of a method, for every object of the class. */
function wrap(prototype, method, around) {
  const original = prototype[method]
  prototype[method] = function (...args) {
    return around.call(this, original, args)
  }
}

// Durable Object requests, counted where they arrive: every call of a verb, and every alarm.
for (const Class of [TaskObject, BoardObject]) {
  for (let own = Class.prototype; own !== DurableObject.prototype; own = Object.getPrototypeOf(own)) {
    for (const method of Object.getOwnPropertyNames(own).filter(name => name !== 'constructor')) {
      wrap(own, method, async function (original, args) {
        add(`objectRequests.${Class.name}.${method}`)
        return original.apply(this, args)
      })
    }
  }
}

// Rows and alarms of Durable Objects. A statement that writes has written when exec returns.
let patched = false
function patchStorage(storage) {
  if (patched) return
  patched = true
  wrap(Object.getPrototypeOf(storage.sql), 'exec', function (original, args) {
    const cursor = original.apply(this, args)
    const wrote = cursor.rowsWritten
    if (wrote > 0)
      add(
        `rows.object.${/(?:INTO|UPDATE|FROM|TABLE(?: IF NOT EXISTS)?|INDEX)\s+(\w+)/i.exec(args[0])?.[1]}.${verb(args[0])}`,
        wrote,
      )
    return cursor
  })
  for (const method of ['setAlarm', 'deleteAlarm']) {
    wrap(Object.getPrototypeOf(storage), method, function (original, args) {
      add(`rows.object.alarm.${method}`)
      return original.apply(this, args)
    })
  }
}

// D1: what it says it wrote, by table. `first` and `raw` hide that, but only reads use them.
const statement = Object.getPrototypeOf(env.DB.prepare('SELECT 1'))
const texts = new WeakMap()
wrap(Object.getPrototypeOf(env.DB), 'prepare', function (original, args) {
  const prepared = original.apply(this, args)
  texts.set(prepared, args[0])
  return prepared
})
wrap(statement, 'bind', function (original, args) {
  const bound = original.apply(this, args)
  texts.set(bound, texts.get(this))
  return bound
})
for (const method of ['run', 'all']) {
  wrap(statement, method, async function (original, args) {
    const result = await original.apply(this, args)
    add('d1.queries')
    noteRows(texts.get(this), result)
    return result
  })
}
for (const method of ['first', 'raw']) {
  wrap(statement, method, function (original, args) {
    add('d1.queries')
    return original.apply(this, args)
  })
}
wrap(Object.getPrototypeOf(env.DB), 'batch', async function (original, args) {
  const results = await original.apply(this, args)
  add('d1.batches')
  for (const [index, result] of results.entries()) noteRows(texts.get(args[0][index]), result)
  return results
})

function noteRows(text = '', result) {
  add('d1.rowsRead', result?.meta?.rows_read ?? 0)
  const wrote = result?.meta?.rows_written ?? 0
  if (wrote > 0) add(`rows.d1.${/(?:INTO|UPDATE|FROM)\s+(\w+)/i.exec(text)?.[1]}`, wrote)
}

const verb = text => text.trim().split(/\s+/)[0].toLowerCase()

// Queues: what is written, handed out and acknowledged; a retry is handed out again.
wrap(Object.getPrototypeOf(env.STEPS_0), 'send', function (original, args) {
  add('queue.written')
  return original.apply(this, args)
})
wrap(Object.getPrototypeOf(env.STEPS_0), 'sendBatch', function (original, args) {
  add('queue.written', [...args[0]].length)
  return original.apply(this, args)
})

/** The platform's message, with a method that counts first. */
function count(message, method, name) {
  const original = Object.getPrototypeOf(message)[method]
  const value = options => {
    add(name)
    return original.call(message, options)
  }
  Object.defineProperty(message, method, { value })
}

export class CountedTask extends TaskObject {
  constructor(ctx, own) {
    patchStorage(ctx.storage)
    super(ctx, own)
  }
}
export class CountedBoard extends BoardObject {
  constructor(ctx, own) {
    patchStorage(ctx.storage)
    super(ctx, own)
  }
}
export { CountedBoard as BoardObject, CountedTask as TaskObject }

export default {
  ...product,
  async fetch(request, own, ctx) {
    const { pathname } = new URL(request.url)
    if (pathname === '/counts') {
      const answer = counts
      if (request.method === 'DELETE') counts = {}
      return Response.json(answer)
    }
    add('worker.requests')
    return product.fetch(request, own, ctx)
  },
  async queue(batch, own, ctx) {
    add('worker.batches')
    add('queue.read', batch.messages.length)
    for (const message of batch.messages) {
      count(message, 'ack', 'queue.deleted')
      count(message, 'retry', 'queue.retried')
    }
    return product.queue(batch, own, ctx)
  },
}
