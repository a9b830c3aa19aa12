/** The settings of a webhook intake as a plain form: for a new one and for one that is there. */
import { Button, ButtonLink } from '../../http/components/button.tsx'
import { ErrorNotice } from '../../http/components/feedback.tsx'
import { Select, TextArea, TextField } from '../../http/components/field.tsx'
import type { IntakeConfig } from '../../records/schema.ts'
import { AUTH_TYPES } from '../settings.ts'

/** What the form holds, as texts. */
export type Given = Record<string, string>

export interface FormView {
  action: string
  back: string
  given: Given
  /** What is wrong, and where: a path such as `map.company`. */
  error: { message: string; path?: string } | null
  isNew: boolean
}

const AUTH_LABELS: Record<(typeof AUTH_TYPES)[number], string> = {
  key: 'A team key (Authorization: Bearer …)',
  'standard-webhooks': 'Standard Webhooks, Svix',
  github: 'GitHub',
  stripe: 'Stripe',
  slack: 'Slack',
  hmac: 'HMAC-SHA-256 of your own',
  open: 'Nothing: open to anyone',
}

export const IntakeForm = ({ view }: { view: FormView }) => {
  const { given } = view
  const errorAt = (...paths: string[]) => {
    const path = view.error?.path ?? ''
    return paths.some(one => path === one || path.startsWith(`${one}.`)) ? view.error!.message : undefined
  }
  const placed = ['name', 'auth', 'filter', 'map', 'dedupe', 'limit', 'cors'].some(path => errorAt(path) !== undefined)
  return (
    <form class="form panel" method="post" action={view.action}>
      {view.error && !placed && <ErrorNotice>{view.error.message}</ErrorNotice>}
      <TextField label="Name" name="name" required maxlength={120} value={given.name} error={errorAt('name')} />
      <Select
        label="Senders prove who they are by"
        name="auth"
        required
        value={given.auth}
        options={AUTH_TYPES.map(value => ({ value, label: AUTH_LABELS[value] }))}
        error={errorAt('auth', 'auth.type')}
      />
      <TextField
        label="Secret"
        name="secret"
        required={false}
        autocomplete="off"
        spellcheck={false}
        error={errorAt('auth.secret')}
        hint={
          view.isNew
            ? 'For signed ones: paste the secret that the service made, or leave it empty and one is made and shown once.'
            : 'Leave it empty to keep the one it has. A secret given here replaces it at once; Rotate lets the old one count for 24 h more.'
        }
      />
      <HmacFields
        given={given}
        error={errorAt('auth.header', 'auth.prefix', 'auth.timestampHeader', 'auth.encoding')}
      />
      <TextField
        label="Filter"
        name="filter"
        required={false}
        value={given.filter}
        error={errorAt('filter')}
        spellcheck={false}
        placeholder='body.type == "order.created"'
        hint="CEL over body, headers (names in lower case) and query. What it does not let pass makes no task."
      />
      <TextArea
        label="Map"
        name="map"
        required={false}
        code
        rows={5}
        spellcheck={false}
        value={given.map}
        error={errorAt('map')}
        placeholder={'company: {{ body.customer.name }}\nemail: {{ body.customer.email }}'}
        hint="One field of the input a line: its name, a colon, and Liquid over body, headers and query. Empty: the body is the input."
      />
      <details
        class="explain"
        open={Boolean(given.dedupe || given.count || given.cors || errorAt('dedupe', 'limit', 'cors'))}
      >
        <summary>Repeats, limit, and pages that may send</summary>
        <TextField
          label="Repeats are told by"
          name="dedupe"
          required={false}
          value={given.dedupe}
          error={errorAt('dedupe')}
          placeholder="header: X-Event-Id, or path: order.id"
          hint="Deliveries with the same value are one task; the first wins. The ids of the services above are known without this."
        />
        <TextField
          label="At most this many tasks"
          name="count"
          required={false}
          inputmode="numeric"
          value={given.count}
          error={errorAt('limit')}
        />
        <TextField
          label="in so many seconds"
          name="seconds"
          required={false}
          inputmode="numeric"
          value={given.seconds}
        />
        <TextField
          label="Origins whose pages may send"
          name="cors"
          required={false}
          value={given.cors}
          error={errorAt('cors')}
          placeholder="https://shop.example"
          hint="Several with blanks between; * for all."
        />
      </details>
      <div class="form-actions">
        <Button look="primary">{view.isNew ? 'Open the intake' : 'Save'}</Button>
        <ButtonLink href={view.back} look="quiet">
          Cancel
        </ButtonLink>
      </div>
    </form>
  )
}

const HmacFields = ({ given, error }: { given: Given; error: string | undefined }) => (
  <details class="explain" open={given.auth === 'hmac' || error !== undefined}>
    <summary>For HMAC of your own</summary>
    <TextField
      label="Header"
      name="header"
      required={false}
      value={given.header}
      error={error}
      placeholder="X-Signature"
    />
    <Select
      label="Written in"
      name="encoding"
      value={given.encoding}
      options={[
        { value: 'hex', label: 'hex' },
        { value: 'base64', label: 'base64' },
      ]}
    />
    <TextField label="Prefix" name="prefix" required={false} value={given.prefix} placeholder="sha256=" />
    <TextField
      label="Header with the time"
      name="timestampHeader"
      required={false}
      value={given.timestampHeader}
      hint="In seconds. With it, “time.body” is signed, else the body alone."
    />
  </details>
)

/** Settings as the form shows them. */
export function givenOf(name: string, config: IntakeConfig): Given {
  const { auth, filter = '', map = {}, dedupe, limit, cors = [] } = config
  const hmac = auth.type === 'hmac' ? auth : null
  return {
    name,
    auth: auth.type,
    header: hmac?.header ?? '',
    encoding: hmac?.encoding ?? 'hex',
    prefix: hmac?.prefix ?? '',
    timestampHeader: hmac?.timestampHeader ?? '',
    filter,
    map: mapText(map),
    dedupe: dedupe === undefined ? '' : 'header' in dedupe ? `header: ${dedupe.header}` : `path: ${dedupe.path}`,
    count: limit === undefined ? '' : String(limit.count),
    seconds: limit === undefined ? '' : String(limit.seconds),
    cors: cors.join(' '),
  }
}

/** The form as the API would be sent it; what is empty is null, and so taken away. */
export function settingsOf(given: Given): Record<string, unknown> {
  const {
    auth = 'key',
    secret,
    header,
    encoding,
    prefix,
    timestampHeader,
    filter,
    map,
    dedupe,
    count,
    seconds,
    cors,
  } = given
  const own =
    auth === 'hmac'
      ? {
          header: header || undefined,
          encoding: encoding || 'hex',
          prefix: prefix || undefined,
          timestampHeader: timestampHeader || undefined,
        }
      : {}
  const isSigned = auth !== 'key' && auth !== 'open'
  return {
    auth: { type: auth, ...own, ...(isSigned && secret ? { secret } : {}) },
    filter: filter?.trim() || null,
    map: map?.trim() ? readMap(map) : null,
    dedupe: dedupe?.trim() ? readDedupe(dedupe) : null,
    limit: count || seconds ? { count: Number(count || Number.NaN), seconds: Number(seconds || 60) } : null,
    cors: cors?.trim() ? cors.trim().split(/[\s,]+/) : null,
  }
}

/** Lines of `name: template`; a line that starts with a blank goes on with the one before. */
export function readMap(text: string): Record<string, string> {
  const fields: [string, string][] = []
  for (const line of text.replaceAll('\r', '').split('\n')) {
    const last = fields.at(-1)
    const found = /^([^:\s][^:]*):(.*)$/.exec(line)
    if (/^\s/.test(line) && last) last[1] += `\n${line.trim()}`
    else if (found) fields.push([found[1]!.trim(), found[2]!.trim()])
    else if (line.trim() !== '') fields.push([line.trim(), ''])
  }
  return Object.fromEntries(fields)
}

function mapText(map: Record<string, string>): string {
  return Object.entries(map)
    .map(([field, template]) => `${field}: ${template.replaceAll('\n', '\n  ')}`)
    .join('\n')
}

function readDedupe(text: string): Record<string, string> {
  const [kind = '', ...rest] = text.split(':')
  return { [kind.trim().toLowerCase()]: rest.join(':').trim() }
}
