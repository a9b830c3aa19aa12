/** What the owner of an intake may say of an HMAC: by the name of a known service, or by its own grammar. */
import { z } from '@hono/zod-openapi'
import type { Read } from '../../http/request/body.ts'
import type { HmacSettings } from '../../records/schema/intake-config.ts'
import { wrongHmac } from './hmac.ts'
import { PRESET_NAMES, presetSettings } from './presets.ts'

export const headerName = z
  .string()
  .regex(/^[\w!#$%&'*+.^`|~-]{1,100}$/, 'must be the name of a header')
  .transform(name => name.toLowerCase())

const fieldName = z.string().regex(/^[\w-]{1,40}$/, 'must be a name of letters, digits, - and _')

/** The keys of `auth` of type hmac, beside type and secret. */
export const hmacFields = {
  preset: z.enum(PRESET_NAMES).optional().openapi({
    description: 'A known service: all else is set as it signs, unless it is said here.',
  }),
  header: headerName
    .optional()
    .openapi({ description: 'The header with the signature, or several. Needed without a preset.' }),
  algorithm: z.enum(['sha1', 'sha256', 'sha384', 'sha512', 'token']).optional().openapi({
    description: 'Unless set sha256. `token`: the header holds the secret itself.',
  }),
  encoding: z
    .enum(['hex', 'base64', 'text'])
    .optional()
    .openapi({ description: 'Unless set hex; `text` is for tokens.' }),
  prefix: z
    .string()
    .regex(/^[\x20-\x2b\x2d-\x7e]{1,40}$/, 'must be 1 to 40 visible characters without a comma')
    .optional()
    .openapi({ description: 'What stands before each signature, such as `sha256=`.' }),
  field: fieldName.optional().openapi({ description: 'The signature’s name in a header like `t=1,v1=ab`.' }),
  timestampHeader: headerName.optional().openapi({
    description: 'A header with the time (seconds, milliseconds or ISO); more than 300 s off is too old.',
  }),
  timestamp: headerName.optional().openapi({ description: 'The same, in short.' }),
  timestampField: fieldName.optional().openapi({ description: 'The time’s name in the header with the signature.' }),
  idHeader: headerName.optional().openapi({ description: 'A header with the message’s id, by which it counts once.' }),
  signed: z.string().min(1).max(200).optional().openapi({
    description:
      'What is signed: text with `{body}`, `{timestamp}`, `{id}`, `{method}`, `{url}`, `{form}`. Unless set `{body}`, or `{timestamp}.{body}` where there is a time.',
  }),
  key: z
    .enum(['text', 'base64', 'hex'])
    .optional()
    .openapi({ description: 'How the secret stands for the key; unless set text.' }),
  secretHeader: headerName.optional().openapi({
    description:
      'A header in which the sender offers the secret before it sends, such as Asana’s `X-Hook-Secret`: the first is taken while the intake has none, and given back.',
  }),
}

type Given = { [K in keyof typeof hmacFields]?: z.output<(typeof hmacFields)[K]> }

/** The settings that these words come to, or what is wrong with them. */
export function readHmac({ preset, timestamp, ...own }: Given): Read<HmacSettings> {
  const said = Object.entries({ timestampHeader: timestamp, ...own }).filter(([, value]) => value !== undefined)
  const usual = preset === undefined ? { algorithm: 'sha256', encoding: 'hex' } : presetSettings(preset)
  const settings = { ...usual, ...Object.fromEntries(said) } as HmacSettings
  const wrong =
    settings.header === undefined
      ? { path: 'header', message: 'is needed, or a preset' }
      : wrongHmac({ ...settings, timestampHeader: settings.timestampHeader })
  if (wrong === null) return { ok: true, value: settings }
  const path = `auth.${wrong.path}`
  return { ok: false, problem: { kind: 'invalid', message: `${path}: ${wrong.message}.`, path } }
}
