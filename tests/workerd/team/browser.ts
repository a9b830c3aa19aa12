/** A browser without a screen: it keeps cookies, sends forms as a page of ours would, and reads the outbox. */
import { exports } from 'cloudflare:workers'
import { newId } from '../../../src/records/ids.ts'
import { ensureMember } from '../../../src/records/people/teams.ts'
import { env } from '../api/client.ts'

export const ORIGIN = 'https://baton.test'
export const COOKIE = '__Secure-baton.session_token'
const worker = exports as unknown as { default: { fetch(url: string, init?: RequestInit): Promise<Response> } }

export interface Seen {
  status: number
  headers: Headers
  text: string
  location: string | null
}

export class Browser {
  readonly cookies = new Map<string, string>()
  /** Its own address, so that tests do not share a rate limit. */
  readonly ip = `2001:db8::${crypto.randomUUID().slice(0, 4)}:${crypto.randomUUID().slice(0, 4)}`

  async open(path: string, init: RequestInit = {}): Promise<Seen> {
    const headers = new Headers(init.headers)
    headers.set('CF-Connecting-IP', this.ip)
    if (this.cookies.size > 0)
      headers.set('Cookie', [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '))
    const response = await worker.default.fetch(ORIGIN + path, { redirect: 'manual', ...init, headers })
    for (const line of response.headers.getSetCookie()) this.keep(line)
    return {
      status: response.status,
      headers: response.headers,
      text: await response.text(),
      location: response.headers.get('Location'),
    }
  }

  /** Sends a form from a page of Baton; one with files as multipart. */
  send(
    path: string,
    fields: Record<string, string | string[] | File>,
    headers: Record<string, string> = {},
  ): Promise<Seen> {
    const body = Object.values(fields).some(value => value instanceof File) ? new FormData() : new URLSearchParams()
    for (const [name, value] of Object.entries(fields))
      for (const one of [value].flat()) body.append(name, one as string)
    return this.open(path, {
      method: 'POST',
      body,
      headers: { 'Sec-Fetch-Site': 'same-origin', Origin: ORIGIN, ...headers },
    })
  }

  /** Asks for a link and answers the token of the mail that came, or null when none did. */
  async askForLink(email: string): Promise<string | null> {
    const last = await lastMailId()
    await this.send('/sign-in', { email })
    const mail = await env.DB.prepare('SELECT text FROM outbox WHERE id > ?1 AND recipient = ?2 ORDER BY id DESC')
      .bind(last, email)
      .first<{ text: string }>()
    return mail ? new URL(/https:\S+/.exec(mail.text)![0]).searchParams.get('token') : null
  }

  async signIn(email: string): Promise<Seen> {
    const token = await this.askForLink(email)
    return this.send('/sign-in/link', { token: token! })
  }

  private keep(line: string): void {
    const [pair = '', ...attributes] = line.split(';')
    const [name = '', value = ''] = pair.split('=')
    if (value === '' || attributes.some(one => one.trim().toLowerCase() === 'max-age=0')) this.cookies.delete(name)
    else this.cookies.set(name, pair.slice(name.length + 1))
  }
}

export async function lastMailId(): Promise<number> {
  return (await env.DB.prepare('SELECT coalesce(max(id), 0) AS id FROM outbox').first<{ id: number }>())!.id
}

/** Adds a person to the team and answers their address. */
export async function aMember(team: string, role = 'member'): Promise<string> {
  const email = `${role}-${crypto.randomUUID().slice(0, 8)}@people.test`
  await ensureMember(env.DB, team, {
    id: newId('user'),
    membership: newId('member'),
    email,
    name: `The ${role}`,
    role,
    at: new Date(),
  })
  return email
}
