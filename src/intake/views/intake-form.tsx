/** The settings of a webhook intake as a plain form: for a new one and for one that is there. */
import { Button, ButtonLink } from '../../http/components/button.tsx'
import { ErrorNotice } from '../../http/components/feedback.tsx'
import { Select, TextField } from '../../http/components/field.tsx'
import type { IntakeConfig } from '../../records/schema.ts'
import { AUTH_TYPES } from '../settings.ts'
import {
  DedupeField,
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
  hmac: 'HMAC-SHA-256 of your own',
  open: 'Nothing: open to anyone',
}

export const IntakeForm = ({ view }: { view: FormView }) => {
  const { given, fault } = view
  const at = (...paths: string[]) => errorAt(fault, ...paths)
  const isPlaced = at('name', 'auth', 'filter', 'map', 'dedupe', 'limit', 'cors') !== undefined
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
      <HmacFields given={given} error={at('auth.header', 'auth.prefix', 'auth.timestampHeader', 'auth.encoding')} />
      <FilterField given={given} fault={fault} example={'body.type == "order.created"'} />
      <MapField
        given={given}
        fault={fault}
        example={'company: {{ body.customer.name }}\nemail: {{ body.customer.email }}'}
      />
      <details
        class="explain"
        open={Boolean(given.dedupe || given.count || given.cors || at('dedupe', 'limit', 'cors'))}
      >
        <summary>Repeats, limit, and pages that may send</summary>
        <DedupeField
          given={given}
          fault={fault}
          example="header: X-Event-Id, or path: order.id"
          hint="Deliveries with the same value are one task; the first wins. The ids of the services above are known without this."
        />
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
  const { auth, cors = [] } = config
  const hmac = auth.type === 'hmac' ? auth : null
  return {
    name,
    auth: auth.type,
    header: hmac?.header ?? '',
    encoding: hmac?.encoding ?? 'hex',
    prefix: hmac?.prefix ?? '',
    timestampHeader: hmac?.timestampHeader ?? '',
    ...sharedGiven(config),
    cors: cors.join(' '),
  }
}

/** The form as the API would be sent it; what is empty is null, and so taken away. */
export function settingsOf(given: Given): Record<string, unknown> {
  const { auth = 'key', secret, header, encoding, prefix, timestampHeader, cors } = given
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
    ...sharedSettings(given),
    cors: cors?.trim() ? cors.trim().split(/[\s,]+/) : null,
  }
}
