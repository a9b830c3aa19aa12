/** An outside world that answers by script and counts what reached it. For tests in workerd: no connection is made. */
import { setNetwork } from '../../src/execution/egress/call-out.ts'

export interface Heard {
  method: string
  url: string
  headers: Record<string, string>
  body: string
}

/** Answers every call by this script from now on; `throw` in it is a broken connection. */
export function outsideAnswers(script: (heard: Heard, nth: number) => Response | Promise<Response>): {
  heard: Heard[]
} {
  const heard: Heard[] = []
  setNetwork((async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input as string, init)
    const { method, url } = request
    const call = { method, url, headers: Object.fromEntries(request.headers), body: await request.text() }
    heard.push(call)
    return script(call, heard.length)
  }) as typeof fetch)
  return { heard }
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } })
}
