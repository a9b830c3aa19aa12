/** The curl line for an intake: signed in the shell as its sender would, whatever its settings, so that it works as it stands. */
import type { Json } from '../../domain/json/json.ts'
import type { HmacSettings, IntakeAuth } from '../../records/schema/intake-config.ts'
import { formText, signedText } from '../signatures/hmac.ts'

const JSON_TYPE = 'application/json'
const FORM = 'application/x-www-form-urlencoded'

/** A line for a shell; `$SECRET` and `$BATON_KEY` are the reader's. `body`: a sample, as JSON. */
export function curlOf(url: string, auth: IntakeAuth, body: string): string {
  const post = `curl -X POST '${url}'`
  const plain = `-H 'content-type: ${JSON_TYPE}' -d ${quoted(body)}`
  const signed = (settings: HmacSettings, id?: string) => signedLine(post, url, settings, body, id)
  const own = { algorithm: 'sha256', encoding: 'hex' } as const
  switch (auth.type) {
    case 'key':
      return `${post} -H "authorization: Bearer $BATON_KEY" ${plain}`
    case 'open':
      return `${post} ${plain}`
    case 'github':
      return signed({ ...own, header: 'x-hub-signature-256', prefix: 'sha256=' }, 'x-github-delivery')
    case 'stripe':
      return signed({ ...own, header: 'stripe-signature', field: 'v1', timestampField: 't' })
    case 'slack':
      return signed({
        ...own,
        header: 'x-slack-signature',
        prefix: 'v0=',
        timestampHeader: 'x-slack-request-timestamp',
        signed: 'v0:{timestamp}:{body}',
      })
    case 'standard-webhooks':
      return signed({
        algorithm: 'sha256',
        encoding: 'base64',
        header: 'webhook-signature',
        prefix: 'v1,',
        timestampHeader: 'webhook-timestamp',
        idHeader: 'webhook-id',
        signed: '{id}.{timestamp}.{body}',
        key: 'base64',
      })
    case 'hmac':
      return signed(auth)
  }
}

/** `named`: a header with an id that is not signed. */
function signedLine(post: string, url: string, settings: HmacSettings, json: string, named?: string): string {
  const { header, prefix = '', field, timestampHeader, timestampField, idHeader, algorithm } = settings
  const signed = signedText(settings)
  const isForm = signed.includes('{form}')
  const body = isForm ? formOf(json) : json
  const isTimed = (timestampHeader ?? timestampField) !== undefined
  const id = idHeader ?? named
  const sets = [
    `body=${quoted(body)}`,
    ...(isForm ? [`form=${quoted(formText(new TextEncoder().encode(body)))}`] : []),
    ...(isTimed ? ['t=$(date +%s)'] : []),
    ...(id === undefined ? [] : ['id=msg_$(date +%s)_$RANDOM']),
  ]
  const places: Record<string, string> = {
    body: '$body',
    form: '$form',
    timestamp: '$t',
    id: '$id',
    method: 'POST',
    url: within(url),
  }
  const message = signed
    .split(/(\{\w+\})/)
    .map(part => places[/^\{(\w+)\}$/.exec(part)?.[1] ?? ''] ?? within(part))
    .join('')
  const proof = algorithm === 'token' ? tokenOf(settings) : signatureOf(settings, message)
  const value = `${within(prefix)}${proof}`
  const parts = [
    // A token stands alone: nothing beside it is asked for.
    ...(timestampField === undefined || algorithm === 'token' ? [] : [`${timestampField}=$t`]),
    field === undefined ? value : `${field}=${value}`,
  ]
  const headers = [
    `${header}: ${parts.join(',')}`,
    ...(timestampHeader === undefined ? [] : [`${timestampHeader}: $t`]),
    ...(id === undefined ? [] : [`${id}: $id`]),
    `content-type: ${isForm ? FORM : JSON_TYPE}`,
  ]
  return `${sets.join('; ')}; ${post} ${headers.map(one => `-H "${one}"`).join(' ')} -d "$body"`
}

/** What makes the secret's bytes of its text. Standard Webhooks writes its kind in front of them. */
const BYTES = {
  text: `printf '%s' "$SECRET"`,
  base64: `printf '%s' "\${SECRET#whsec_}" | base64 -d`,
  hex: `printf '%s' "$SECRET" | xxd -r -p`,
}
const AS_HEX = `od -An -v -tx1 | tr -d ' \\n'`
const AS_BASE64 = `base64 | tr -d '\\n'`

function signatureOf({ algorithm, encoding, key = 'text' }: HmacSettings, message: string): string {
  const by = {
    text: `-hmac "$SECRET"`,
    base64: `-mac HMAC -macopt hexkey:$(${BYTES.base64} | ${AS_HEX})`,
    hex: '-mac HMAC -macopt hexkey:"$SECRET"',
  }[key]
  const written = encoding === 'hex' ? AS_HEX : AS_BASE64
  return `$(printf '%s' "${message}" | openssl dgst -${algorithm} ${by} -binary | ${written})`
}

/** The secret itself, as its header writes it. */
function tokenOf({ encoding, key = 'text' }: HmacSettings): string {
  return encoding === key ? '$SECRET' : `$(${BYTES[key]} | ${encoding === 'hex' ? AS_HEX : AS_BASE64})`
}

/** The sample's fields as a form says them. */
function formOf(json: string): string {
  const value = JSON.parse(json) as Json
  const fields = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : { value }
  const text = (one: Json) => (typeof one === 'string' ? one : JSON.stringify(one))
  return new URLSearchParams(Object.entries(fields).map(([name, one]) => [name, text(one)])).toString()
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** A text within double quotes. */
function within(text: string): string {
  return text.replace(/[\\"$`]/g, '\\$&')
}
