/** Mail as the platform hands it over, byte by byte, and what became of it. */
import { expect } from 'vitest'
import worker from '../../../src/index.ts'
import { aWorkflow, env, eventually, type Team } from '../api/client.ts'

export interface Mailbox {
  workflow: string
  intake: string
  address: string
}

let made = 0

/** An address of a workflow of its own that takes any input. */
export async function aMailbox(team: Team, over: Record<string, unknown> = {}): Promise<Mailbox> {
  const workflow = await aWorkflow(team, { input: undefined })
  const body = { kind: 'email', address: `box-${++made}`, allow: ['hank@shop.test', '@monitor.test'], ...over }
  const answer = await team.call('POST', `/workflows/${workflow}/intakes`, body)
  if (answer.status !== 201) throw new Error(answer.text)
  return { workflow, intake: answer.body.id, address: answer.body.address }
}

/** Hands these lines over as a mail; answers why it went back, or null. */
export async function deliver(
  to: string,
  lines: string[],
  { envelope = 'hank@shop.test', settings = {} }: { envelope?: string; settings?: Record<string, string> } = {},
): Promise<string | null> {
  const raw = new TextEncoder().encode(lines.join('\r\n'))
  let rejected: string | null = null
  const message = {
    from: envelope,
    to,
    raw: new Response(raw).body!,
    rawSize: raw.byteLength,
    headers: new Headers(),
    setReject: (reason: string) => {
      rejected = reason
    },
  }
  await worker.email(message as never, { ...env, ...settings })
  return rejected
}

/** A mail of plain text; headers of one's own stand on top, as a mail server would put them. */
export function mail(headers: string[], text = 'The text.', type = 'text/plain; charset=utf-8'): string[] {
  const has = (name: string) => headers.some(line => line.toLowerCase().startsWith(`${name}:`))
  return [
    ...headers,
    ...(has('from') ? [] : ['From: Hank <hank@shop.test>']),
    ...(has('subject') ? [] : ['Subject: Hello']),
    'MIME-Version: 1.0',
    ...(has('content-type') ? [] : [`Content-Type: ${type}`]),
    '',
    text,
  ]
}

/** The inputs of the workflow's tasks, newest first, once there are so many. */
// biome-ignore lint/suspicious/noExplicitAny: tests read inputs freely.
export async function inputs(team: Team, { workflow }: Mailbox, count: number): Promise<any[]> {
  const items = await eventually(async () => {
    const found = (await team.call('GET', `/tasks?workflow=${workflow}`)).body.items as { id: string }[]
    expect(found).toHaveLength(count)
    return found
  })
  return Promise.all(items.map(async ({ id }) => (await team.call('GET', `/tasks/${id}`)).body.input))
}

/** What became of what came, without what made tasks. */
export async function verdicts(team: Team, { intake }: Mailbox): Promise<string[]> {
  const { items } = (await team.call('GET', `/intakes/${intake}/deliveries`)).body
  return (items as { verdict: string }[]).map(({ verdict }) => verdict).filter(verdict => verdict !== 'accepted')
}
