/** What the owner of a webhook intake may say: who sends, what passes, which input it makes; checked, kept, and told without its secrets. */

import { z } from '@hono/zod-openapi'
import { isHostName } from '../domain/call/address.ts'
import { checkCondition } from '../domain/handoff/condition.ts'
import { DUPLICATES } from '../domain/task/business-key.ts'
import type { Actor } from '../domain/task/events.ts'
import { DELIVERY_ROOTS } from '../domain/template/scope.ts'
import { checkTemplate } from '../domain/template/template.ts'
import type { Env } from '../env.ts'
import { isoOrNull } from '../http/describe.ts'
import type { ApiProblem } from '../http/errors.ts'
import { refuse } from '../http/errors.ts'
import type { Read } from '../http/request/body.ts'
import { fits } from '../http/route.ts'
import { newId } from '../records/ids.ts'
import { insertIntakeStatements, updateIntake } from '../records/intake/intake-writes.ts'
import type { IntakeRow } from '../records/intake/intakes.ts'
import type { IntakeAuth, IntakeConfig } from '../records/schema/intake-config.ts'
import { changeIntake } from './change.ts'
import { forgetIntake } from './entry/admit.ts'
import { withSecret } from './entry/secrets.ts'
import { headerName, hmacFields, readHmac } from './signatures/hmac-settings.ts'
import { schemeOf } from './signatures/schemes.ts'
import { awaitsOffer, chosenText, secretText, wrongSecret } from './webhook-secret.ts'

export const AUTH_TYPES = ['key', 'standard-webhooks', 'github', 'stripe', 'slack', 'hmac', 'open'] as const
const MAX_FIELDS = 50

const auth = z
  .discriminatedUnion(
    'type',
    [
      z.strictObject({ type: z.enum(['key', 'open']) }),
      z.strictObject({
        type: z.enum(['standard-webhooks', 'github', 'stripe', 'slack']),
        secret: secretText.optional(),
      }),
      z.strictObject({
        type: z.literal('hmac'),
        secret: chosenText.optional(),
        ...hmacFields,
      }),
    ],
    { error: issue => (issue.code === 'invalid_union' ? `must be one of ${AUTH_TYPES.join(', ')}` : undefined) },
  )
  .openapi({ description: 'How senders prove who they are. `key`: a team key; `open`: not at all.' })

const origin = z
  .string()
  .refine(text => text === '*' || isOrigin(text), 'must be an origin such as https://shop.example, or *')

export const webhookFields = {
  auth,
  filter: z.string().min(1).max(2000).openapi({
    description:
      'CEL over `body`, `headers` (names in lower case) and `query`; what it does not let pass makes no task.',
  }),
  map: z
    .record(z.string().min(1).max(100), z.string().max(16_384))
    .refine(map => Object.keys(map).length <= MAX_FIELDS, `holds over ${MAX_FIELDS} fields`)
    .openapi({
      description: 'The input’s fields as Liquid over `body`, `headers` and `query`; without it the body is the input.',
    }),
  event: z.strictObject({ name: z.string().min(1).max(500), key: z.string().min(1).max(500) }).openapi({
    description:
      'What comes is an event, not a task: its name and the business key of the tasks that it is for, as Liquid over `body`, `headers` and `query`. Its data is what `map` makes, else the body.',
  }),
  duplicates: z.enum(DUPLICATES).openapi({
    description:
      'What becomes of a task whose business key an earlier task of the workflow has: it begins, it begins with `duplicateOf`, or it is refused as `duplicate_key`. Unless set, as the workflow says.',
  }),
  dedupe: z
    .union([z.strictObject({ header: headerName }), z.strictObject({ path: z.string().min(1).max(200) })], {
      error: 'must be {header: a name} or {path: a dot path inside the body}',
    })
    .openapi({
      description: 'Deliveries with the same value are one; the first wins. Goes before the scheme’s own id.',
    }),
  limit: z
    .strictObject({ count: z.int().min(1).max(10_000), seconds: z.int().min(1).max(86_400) })
    .openapi({ description: 'At most `count` tasks or events in any `seconds`; beyond: 429 with Retry-After.' }),
  cors: z.array(origin).min(1).max(20).openapi({ description: 'Origins whose pages may send, or `*`.' }),
  callbacks: z.array(z.string().toLowerCase().min(1).max(253)).min(1).max(20).openapi({
    description:
      'Hosts, exact names without port: where the header `baton-callback` may lead, to be told what becomes of the task.',
  }),
}

const settings = z.strictObject({
  auth: webhookFields.auth.default({ type: 'key' }),
  filter: webhookFields.filter.optional(),
  map: webhookFields.map.optional(),
  event: webhookFields.event.optional(),
  duplicates: webhookFields.duplicates.optional(),
  dedupe: webhookFields.dedupe.optional(),
  limit: webhookFields.limit.optional(),
  cors: webhookFields.cors.optional(),
  callbacks: webhookFields.callbacks.optional(),
})

type Settings = Omit<z.output<typeof settings>, 'auth'> & { auth: IntakeAuth & { secret?: string } }

/** The keys of a webhook intake beside kind and name. */
const WEBHOOK_KEYS = Object.keys(webhookFields)

export interface Kept {
  row: IntakeRow
  /** Shown once: a secret that was made and not given. */
  secret?: string
}

/** A new webhook intake; `keepWebhook` keeps it. */
export async function newWebhook(
  env: Env,
  place: { team: string; workflow: string },
  name: string,
  given: Record<string, unknown>,
): Promise<Read<Kept>> {
  const read = readSettings(env, given)
  if (!read.ok) return read
  const row = keyWebhook(place.team, place.workflow, name, Date.now())
  return kept(env, row, read.value)
}

/** Opens the intake, on record. */
export async function keepWebhook(env: Env, row: IntakeRow, actor: Actor): Promise<void> {
  await env.DB.batch(await insertIntakeStatements(env.DB, row, actor))
}

/** A webhook intake that takes a team key: what one is before anything is said of it. */
export function keyWebhook(team: string, workflow: string, name: string, at: number): IntakeRow {
  const times = { createdAt: at, updatedAt: at, deletedAt: null }
  return { id: newId('int'), team, workflow, kind: 'webhook', name, config: { auth: { type: 'key' } }, ...times }
}

/** Makes a change of a webhook intake and keeps it; `make` says what it comes to. */
export async function changeWebhook<T extends { row: IntakeRow }>(
  env: Env,
  row: IntakeRow,
  make: (row: IntakeRow) => Promise<Read<T>>,
  actor: Actor,
): Promise<Read<T>> {
  const changed = await changeIntake(env.DB, row, make, (before, made) => updateIntake(env.DB, before, made.row, actor))
  forgetIntake(row.id)
  return changed
}

/** The intake with what is named in `given` changed; null takes a setting away. */
export async function changedWebhook(
  env: Env,
  row: IntakeRow,
  name: string,
  given: Record<string, unknown>,
): Promise<Read<Kept>> {
  const { secrets: _secrets, ...before } = row.config
  const merged = Object.entries({ ...before, ...given }).filter(([, value]) => value !== null && value !== undefined)
  const read = readSettings(env, Object.fromEntries(merged))
  return read.ok ? kept(env, { ...row, name, updatedAt: Date.now() }, read.value) : read
}

/** Whether these settings hold together: what zod cannot see. */
function readSettings(env: Pick<Env, 'BATON_LOCAL'>, given: Record<string, unknown>): Read<Settings> {
  const unknown = Object.keys(given).find(key => !WEBHOOK_KEYS.includes(key))
  if (unknown !== undefined) {
    const path = unknown.slice(0, 40)
    return refuse({ kind: 'invalid', message: `${path}: is not a key of a webhook intake.`, path })
  }
  const read = fits(settings, given)
  if (!read.ok) return read
  const { filter, map, event, callbacks } = read.value
  const auth = readAuth(read.value.auth)
  if (!auth.ok) return auth
  const { secret } = auth.value
  const wrong =
    wrongFilter(filter) ??
    wrongMap(map) ??
    wrongMap(event, 'event') ??
    wrongHosts(callbacks, env.BATON_LOCAL === '1') ??
    (secret === undefined ? null : wrongSecret(auth.value, secret))
  return wrong ? refuse(wrong) : { ok: true, value: { ...read.value, auth: auth.value } }
}

function readAuth(given: z.output<typeof auth>): Read<IntakeAuth & { secret?: string }> {
  if (given.type !== 'hmac') return { ok: true, value: given }
  const { type, secret, ...own } = given
  const read = readHmac(own)
  return read.ok ? { ok: true, value: { type, secret, ...read.value } } : read
}

/** What is wrong with a filter as such. */
export function wrongFilter(filter: string | undefined): ApiProblem | null {
  const checked = filter === undefined ? null : checkCondition(filter, 'delivery')
  if (checked === null || checked.ok) return null
  return {
    kind: 'invalid',
    code: 'invalid_filter',
    message: `filter: ${checked.message}`,
    hint: FILTER_HINT,
    path: 'filter',
  }
}

/** What is wrong with a map, or with an event's name and key, as such: templates that cannot be read, or that read what a delivery does not have. */
export function wrongMap(map: Record<string, string> | undefined, at: 'map' | 'event' = 'map'): ApiProblem | null {
  for (const [field, template] of Object.entries(map ?? {})) {
    const checked = checkTemplate(template)
    const message = checked.ok ? strangerIn(checked.paths) : checked.message
    const path = `${at}.${field}`
    if (message !== null)
      return { kind: 'invalid', code: `invalid_${at}`, message: `${path}: ${message}`, hint: MAP_HINT, path }
  }
  return null
}

/** What is wrong with the hosts that callbacks may go to. */
function wrongHosts(hosts: string[] | undefined, local: boolean): ApiProblem | null {
  const bad = hosts?.find(host => !isHostName(host, local))
  if (bad === undefined) return null
  const message = `callbacks: “${bad.slice(0, 100)}” is not the public name of a host.`
  return {
    kind: 'invalid',
    message,
    hint: 'Write it as in shop.example.com, without https:// or a port.',
    path: 'callbacks',
  }
}

const FILTER_HINT = 'CEL over body, headers and query: body.type == "order" && headers["x-topic"] != "test".'
const MAP_HINT = 'Liquid over body, headers and query: {{ body.customer.email }}.'

function strangerIn(paths: string[][]): string | null {
  const stranger = paths.find(([root = '']) => !(DELIVERY_ROOTS as readonly string[]).includes(root))
  return stranger ? `\`${stranger.join('.')}\`: there are only body, headers and query` : null
}

/** Puts settings into the row; secrets stay with their scheme, or are made anew. */
async function kept(env: Env, row: IntakeRow, given: Settings): Promise<Read<Kept>> {
  const { auth, ...rest } = given
  const { secret: chosen, ...bare } = { secret: undefined, ...auth }
  const config: IntakeConfig = { ...rest, auth: bare as IntakeAuth }
  const scheme = schemeOf(config.auth)
  if (scheme === null) return { ok: true, value: { row: { ...row, config } } }
  const awaits = awaitsOffer(config.auth)
  const isAsBefore = row.config.auth.type === config.auth.type && awaitsOffer(row.config.auth) === awaits
  const before = isAsBefore ? row.config.secrets : undefined
  if ((before || awaits) && chosen === undefined)
    return { ok: true, value: { row: { ...row, config: { ...config, secrets: before } } } }
  const secret = chosen ?? scheme.newSecret()
  const secrets = await withSecret(env, row, secret, null)
  return {
    ok: true,
    value: { row: { ...row, config: { ...config, secrets } }, secret: chosen === undefined ? secret : undefined },
  }
}

/** The settings as they may be read: of secrets only that they are there. */
export function openSettings({ config }: Pick<IntakeRow, 'config'>) {
  const { secrets, auth, ...rest } = config
  const told = secrets?.map(({ version, until, offeredAt }) => ({
    ...{ version, until: isoOrNull(until) },
    ...(offeredAt !== undefined && { offeredAt: isoOrNull(offeredAt) }),
  }))
  return { ...rest, auth: { ...auth, secrets: told } }
}

/** How openSettings reads to programs. */
export const openFields = {
  auth: z.object({
    type: z.enum(AUTH_TYPES),
    header: z.string().optional(),
    algorithm: z.string().optional(),
    encoding: z.string().optional(),
    prefix: z.string().optional(),
    preset: z.string().optional(),
    field: z.string().optional(),
    timestampHeader: z.string().optional(),
    timestampField: z.string().optional(),
    idHeader: z.string().optional(),
    signed: z.string().optional(),
    key: z.string().optional(),
    secretHeader: z.string().optional(),
    secrets: z
      .array(z.object({ version: z.int(), until: z.string().nullable(), offeredAt: z.string().nullish() }))
      .optional()
      .openapi({
        description:
          'Newest first; `until`: how long one that was replaced still counts; `offeredAt`: when its sender offered it.',
      }),
  }),
  filter: webhookFields.filter.optional(),
  map: z.record(z.string(), z.string()).optional(),
  event: z.object({ name: z.string(), key: z.string() }).optional(),
  duplicates: webhookFields.duplicates.optional(),
  dedupe: z.object({ header: z.string().optional(), path: z.string().optional() }).optional(),
  limit: z.object({ count: z.int(), seconds: z.int() }).optional(),
  cors: z.array(z.string()).optional(),
  callbacks: z.array(z.string()).optional(),
}

function isOrigin(text: string): boolean {
  try {
    const { origin, protocol } = new URL(text)
    return origin === text && (protocol === 'https:' || protocol === 'http:')
  } catch {
    return false
  }
}
