/** The kind `http`: one call to a service, with no model. */

import { literalHost } from '../call/address.ts'
import { type HttpCall, httpSchema, isRead, isSafe, methodOf } from '../call/http-call.ts'
import { lintAddressTemplate, lintCall, warnUnsafeRetry } from '../call/lint-call.ts'
import { type RenderedCall, renderCall } from '../call/render.ts'
import type { Json } from '../json/json.ts'
import { cacheMs, type Frame } from '../workflow/parts.ts'
import type { Handler } from './handler.ts'
import { receiptOf } from './order.ts'
import { CALL, failedStart, textsAt } from './parts/call.ts'

const shape = { http: httpSchema.optional() }
type Own = { http?: HttpCall }

export interface HttpJob {
  kind: 'http'
  frame: Frame
  http: HttpCall
}

export const http: Handler<HttpJob, Own> = {
  ...CALL,
  settings: [...CALL.settings, 'cache'],
  shape,
  words: {
    who: 'a call',
    work: 'the call',
    calls: ({ http: call }) => {
      const lost = isSafe(call) ? 'may be made again' : 'asks a person when its answer is lost'
      return `Calls ${methodOf(call)} ${call.url}; it ${lost}.`
    },
    lesson: job => `Calls ${literalHost(job.http.url) ?? 'a service'} here, with no model.`,
  },
  acts: ({ http: call }) => !isRead(call),
  read: step => ({ kind: 'http', frame: step, http: step.http ?? { url: '' } }),
  outputSchema: ({ frame }) => ({
    type: 'object',
    required: ['status', 'headers', 'body'],
    properties: { status: { type: 'integer' }, headers: { type: 'object' }, body: frame.output ?? {} },
  }),
  texts: ({ http: call }) => {
    if (call === undefined) return []
    const { url, query, headers, body } = call
    const secretive = [...textsAt(query, ['http', 'query']), ...textsAt(headers, ['http', 'headers'])]
    const texts = [...secretive, ...textsAt(body, ['http', 'body'])].map(place => ({
      ...place,
      secrets: true as const,
    }))
    return [{ path: ['http', 'url'], text: url }, ...texts]
  },
  lint: ({ frame, http: call }, path, { known }, report) => {
    lintCall(call, [...path, 'http'], known, report)
    lintAddressTemplate(call.url, [...path, 'http', 'url'], report)
    warnUnsafeRetry(call, frame.retry?.attempts, path, report)
    if (frame.cache !== undefined && !['GET', 'HEAD'].includes(methodOf(call))) {
      const message = 'Only calls that read (GET, HEAD) may take an answer again: this one does something.'
      report.error([...path, 'cache'], 'cache_of_write', message, 'Leave `cache` out.')
    }
  },
  begin: (job, view) => {
    const rendered = renderCall(job.http, view.scope(), view.token())
    return [rendered.ok ? { kind: 'due', prompt: JSON.stringify(rendered.call) } : failedStart(rendered.message)]
  },
  order: ({ frame }, run, { timeoutMs }) => ({
    kind: 'http',
    call: JSON.parse(run.prompt) as RenderedCall,
    schema: frame.output ?? null,
    key: run.key,
    receipt: receiptOf(run.calls, run.attempt),
    timeoutMs,
    cacheMs: cacheMs(frame),
  }),
  happened: (_job, output: Json) => ({ status: 200, headers: {}, body: output }),
}
