/** The settings of a webhook intake as a plain form: for a new one and for one that is there. */
import { Button, ButtonLink } from '../../http/components/button.tsx'
import { ErrorNotice } from '../../http/components/feedback.tsx'
import { Select, TextField } from '../../http/components/field.tsx'
import type { IntakeConfig } from '../../records/schema/intake-config.ts'
import { AUTH_TYPES } from '../settings.ts'
import { PRESET_LABELS, PRESET_NAMES, type PresetName, presetSettings } from '../signatures/presets.ts'
import {
  DedupeField,
  DuplicatesField,
  EventFields,
  errorAt,
  type Fault,
  FilterField,
  type Given,
  LimitFields,
  MapField,
  sharedGiven,
  sharedSettings,
} from './setting-fields.tsx'

export interface FormView {
  action: string
  back: string
  given: Given
  fault: Fault
  isNew: boolean
}

const AUTH_LABELS: Record<(typeof AUTH_TYPES)[number], string> = {
  key: 'A team key (Authorization: Bearer …)',
  'standard-webhooks': 'Standard Webhooks, Svix',
  github: 'GitHub',
  stripe: 'Stripe',
  slack: 'Slack',
  hmac: 'Another service, HMAC or a token',
  open: 'Nothing: open to anyone',
}

export const IntakeForm = ({ view }: { view: FormView }) => {
  const { given, fault } = view
  const at = (...paths: string[]) => errorAt(fault, ...paths)
  const isPlaced =
    at('name', 'auth', 'filter', 'map', 'event', 'duplicates', 'dedupe', 'limit', 'cors', 'callbacks') !== undefined
  return (
    <form class="form panel" method="post" action={view.action}>
      {fault && !isPlaced && <ErrorNotice>{fault.message}</ErrorNotice>}
      <TextField label="Name" name="name" required maxlength={120} value={given.name} error={at('name')} />
      <Select
        label="Senders prove who they are by"
        name="auth"
        required
        value={given.auth}
        options={AUTH_TYPES.map(value => ({ value, label: AUTH_LABELS[value] }))}
        error={at('auth', 'auth.type')}
      />
      <TextField
        label="Secret"
        name="secret"
        required={false}
        autocomplete="off"
        spellcheck={false}
        error={at('auth.secret')}
        hint={
          view.isNew
            ? 'For signed ones: paste the secret that the service made, or leave it empty and one is made and shown once.'
            : 'Leave it empty to keep the one it has. A secret given here replaces it at once; Rotate lets the old one count for 24 h more.'
        }
      />
      <HmacFields given={given} error={errorOfHmac(at)} />
      <FilterField given={given} fault={fault} example={'body.type == "order.created"'} />
      <MapField
        given={given}
        fault={fault}
        example={'company: {{ body.customer.name }}\nemail: {{ body.customer.email }}'}
      />
      <EventFields given={given} fault={fault} over="body, headers and query" />
      <details
        class="explain"
        open={Boolean(
          given.dedupe ||
            given.duplicates ||
            given.count ||
            given.cors ||
            given.callbacks ||
            at('dedupe', 'duplicates', 'limit', 'cors', 'callbacks'),
        )}
      >
        <summary>Repeats, limit, pages that may send, and callbacks</summary>
        <DedupeField
          given={given}
          fault={fault}
          example="header: X-Event-Id, or path: order.id"
          hint="Deliveries with the same value are one task; the first wins. The ids of the services above are known without this."
        />
        <DuplicatesField given={given} fault={fault} />
        <LimitFields given={given} fault={fault} />
        <TextField
          label="Origins whose pages may send"
          name="cors"
          required={false}
          value={given.cors}
          error={at('cors')}
          placeholder="https://shop.example"
          hint="Several with blanks between; * for all."
        />
        <TextField
          label="Hosts that senders may be called back at"
          name="callbacks"
          required={false}
          value={given.callbacks}
          error={at('callbacks')}
          placeholder="shop.example.com"
          hint="A sender names its address in the header baton-callback, and is told what becomes of its task. Several with blanks between."
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
    <summary>Another service, HMAC or a token</summary>
    <Select
      label="Service"
      name="preset"
      value={given.preset}
      options={[
        { value: '', label: 'None of these: as said below' },
        ...PRESET_NAMES.map(name => ({ value: name, label: PRESET_LABELS[name] })),
      ]}
      hint="All below is then as that service signs, unless it is filled in."
    />
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
      options={optionsOf('', 'hex', 'base64', 'text')}
    />
    <Select
      label="Algorithm"
      name="algorithm"
      value={given.algorithm}
      options={optionsOf('', 'sha1', 'sha256', 'sha384', 'sha512', 'token')}
    />
    <TextField label="Prefix" name="prefix" required={false} value={given.prefix} placeholder="sha256=" />
    <TextField
      label="Header with the time"
      name="timestampHeader"
      required={false}
      value={given.timestampHeader}
      hint="With it, “time.body” is signed, else the body alone, unless it is said below."
    />
    <TextField
      label="What is signed"
      name="signed"
      required={false}
      value={given.signed}
      placeholder="{timestamp}.{body}"
      hint="Text with {body}, {timestamp}, {id}, {method}, {url}, {form}."
    />
    <TextField
      label="Part of the header that signs"
      name="field"
      required={false}
      value={given.field}
      placeholder="v1"
    />
    <TextField
      label="Part of it that is the time"
      name="timestampField"
      required={false}
      value={given.timestampField}
      placeholder="t"
    />
    <TextField label="Header with the id" name="idHeader" required={false} value={given.idHeader} />
    <TextField
      label="Header in which the sender offers the secret"
      name="secretHeader"
      required={false}
      value={given.secretHeader}
      placeholder="X-Hook-Secret"
      hint="The first is taken, while the intake has none; leave “Secret” empty."
    />
    <Select label="The secret is" name="key" value={given.key} options={optionsOf('', 'text', 'base64', 'hex')} />
  </details>
)

const HMAC_KEYS = [
  ...(['preset', 'header', 'algorithm', 'encoding', 'prefix', 'field', 'timestampHeader'] as const),
  ...(['timestampField', 'idHeader', 'signed', 'key', 'secretHeader'] as const),
]

function errorOfHmac(at: (...paths: string[]) => string | undefined): string | undefined {
  return at(...HMAC_KEYS.map(key => `auth.${key}`))
}

const optionsOf = (...values: string[]) => values.map(value => ({ value, label: value || 'As usual' }))

/** Settings as the form shows them; of a known service only what differs from it. */
export function givenOf(name: string, config: IntakeConfig): Given {
  const { auth, cors = [], callbacks = [] } = config
  const own = auth.type === 'hmac' ? auth : null
  const usual = own?.preset === undefined ? null : presetSettings(own.preset as PresetName)
  const shown = (key: (typeof HMAC_KEYS)[number]) =>
    key !== 'preset' && usual !== null && own?.[key] === usual[key] ? '' : (own?.[key] ?? '')
  return {
    name,
    auth: auth.type,
    ...Object.fromEntries(HMAC_KEYS.map(key => [key, shown(key)])),
    ...sharedGiven(config),
    cors: cors.join(' '),
    callbacks: callbacks.join(' '),
  }
}

/** The form as the API would be sent it; what is empty is null, and so taken away. */
export function settingsOf(given: Given): Record<string, unknown> {
  const { auth = 'key', secret, cors, callbacks } = given
  const own = auth === 'hmac' ? Object.fromEntries(HMAC_KEYS.map(key => [key, given[key] || undefined])) : {}
  const isSigned = auth !== 'key' && auth !== 'open'
  return {
    auth: { type: auth, ...own, ...(isSigned && secret ? { secret } : {}) },
    ...sharedSettings(given),
    cors: cors?.trim() ? cors.trim().split(/[\s,]+/) : null,
    callbacks: callbacks?.trim() ? callbacks.trim().split(/[\s,]+/) : null,
  }
}
