/** An e-mail intake's settings: its address, and who may write to it. */
import { z } from '@hono/zod-openapi'
import type { Env } from '../../env.ts'
import type { Read } from '../../http/request/body.ts'
import { REPLY } from '../../team/mail/reply-address.ts'
import { mappingFields, readMapped } from '../kinds/mapping.ts'

export interface EmailSettings {
  /** The local part. */
  address: string
  /** Addresses, or `@domain`, or `*`; empty: the team's own people. */
  allow: string[]
}

/** Short enough to be said aloud, with room for a `+tag` within the 64 characters of a local part. */
const LOCAL = /^[a-z0-9](?:[a-z0-9._-]{0,26}[a-z0-9])?$/
const RESERVED = [
  REPLY,
  'postmaster',
  'abuse',
  'hostmaster',
  'webmaster',
  'noreply',
  'no-reply',
  'mailer-daemon',
  'security',
  'admin',
  'root',
]
const ALLOWED = /^(\*|@[^\s@<>",;]{1,200}|[^\s@<>",;]{1,64}@[^\s@<>",;]{1,200})$/

export const emailFields = {
  address: z
    .string()
    .trim()
    .toLowerCase()
    .regex(LOCAL, 'use up to 28 of a–z, 0–9, dot, dash and underscore, without the domain')
    .refine(local => !RESERVED.includes(local), 'is kept for the domain’s own use')
    .openapi({ description: 'The local part of the address; one is made when it is left out.' }),
  allow: z
    .array(z.string().trim().toLowerCase().regex(ALLOWED, 'must be an address, @domain, or * for anyone'))
    .max(200)
    .openapi({ description: 'Addresses, `@domain`, or `*` for anyone; empty: the members of the team.' }),
}

const settings = z.strictObject({
  address: emailFields.address,
  allow: emailFields.allow.default([]),
  ...mappingFields,
})

/** Reads settings; an address may be given with our own domain behind it. */
export function readEmailSettings(env: Env, given: Record<string, unknown>): Read<EmailSettings> {
  const { address } = given
  const [local, domain, ...rest] = typeof address === 'string' ? address.trim().toLowerCase().split('@') : []
  const ours = domain !== undefined && rest.length === 0 && isMailDomain(env, domain)
  return readMapped(settings, ours ? { ...given, address: local } : given)
}

/** The domain that mail comes to. */
export function mailDomain(env: Env): string {
  return env.BATON_MAIL_DOMAIN?.trim().toLowerCase() || new URL(env.BATON_URL).hostname
}

export function isMailDomain(env: Env, domain: string): boolean {
  return domain === mailDomain(env)
}
