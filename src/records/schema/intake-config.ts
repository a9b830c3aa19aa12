/** What an intake’s row holds of its settings. */
import type { Duplicates } from '../../domain/task/business-key.ts'
import type { SealedSecret } from './people.ts'

/** src/intake/kinds reads the settings of those that are no webhooks. */
export type IntakeKindName = 'webhook' | 'schedule' | 'email' | 'form'

/** How a webhook intake tells who sends. */
export type IntakeAuth =
  | { type: 'key' | 'open' | 'standard-webhooks' | 'github' | 'stripe' | 'slack' }
  | ({ type: 'hmac' } & HmacSettings)

export interface HmacSettings {
  /** The known service that these settings are of. */
  preset?: string
  /** The header with the signature, or several of them. */
  header: string
  /** `token`: the header holds the secret itself. */
  algorithm: 'sha1' | 'sha256' | 'sha384' | 'sha512' | 'token'
  /** `text` is for tokens. */
  encoding: 'hex' | 'base64' | 'text'
  /** What stands before the signature in its header, such as `sha256=`. */
  prefix?: string
  /** The signature's name where the header holds `name=value` parts. */
  field?: string
  /** A header with the time, in seconds, milliseconds or as ISO; 300 s old is too old. */
  timestampHeader?: string
  /** The time's name among the parts of the header with the signature. */
  timestampField?: string
  /** A header with the message's id. */
  idHeader?: string
  /** What is signed, unless it is `{body}`, or `{timestamp}.{body}` where there is a time. */
  signed?: string
  /** How the secret stands for the key; unless set, as its text. */
  key?: 'text' | 'base64' | 'hex'
  /** A header in which the sender offers the secret, once, before it sends. */
  secretHeader?: string
}

export interface IntakeConfig {
  auth: IntakeAuth
  /** CEL over the delivery. */
  filter?: string
  /** Liquid over the delivery, by field of the input. */
  map?: Record<string, string>
  /** What comes is an event of this name for the open tasks with this key, not a task: Liquid over the delivery. */
  event?: { name: string; key: string }
  /** What becomes of a task whose business key was seen before; unless set, as the workflow says. */
  duplicates?: Duplicates
  dedupe?: { header: string } | { path: string }
  limit?: { count: number; seconds: number }
  /** Origins whose pages may send, or `*`. */
  cors?: string[]
  /** Hosts that a sender may name to be told of its task. */
  callbacks?: string[]
  /** Newest first; an earlier one holds until its end. */
  secrets?: SealedSecret[]
}
