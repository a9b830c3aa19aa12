/** The settings of a mail address and of a public form as plain forms: for a new one and for one that is there. */
import { Button, ButtonLink } from '../../http/components/button.tsx'
import { ErrorNotice } from '../../http/components/feedback.tsx'
import { Select, TextArea, TextField } from '../../http/components/field.tsx'
import type { EmailSettings } from '../mail/settings.ts'
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
} from '../views/setting-fields.tsx'
import type { FormSettings } from './form.ts'
import { type IntakeRow, settingsOf } from './kind.ts'

/** The kinds whose settings are a page of their own. */
export type PagedKind = 'email' | 'form'

export interface KindFormView {
  kind: PagedKind
  action: string
  back: string
  given: Given
  fault: Fault
  isNew: boolean
  /** Where mail comes in. */
  domain: string
}

const PLACED = [
  'name',
  'address',
  'allow',
  'title',
  'thanks',
  'follow',
  'filter',
  'map',
  'event',
  'duplicates',
  'dedupe',
  'limit',
]

export const KindForm = ({ view }: { view: KindFormView }) => {
  const { kind, given, fault, isNew } = view
  const isPlaced = errorAt(fault, ...PLACED) !== undefined
  const hasMore = ['filter', 'map', 'duplicates', 'dedupe', 'count'].some(name => given[name])
  const isMail = kind === 'email'
  return (
    <form class="form panel" method="post" action={view.action}>
      {fault && !isPlaced && <ErrorNotice>{fault.message}</ErrorNotice>}
      {isNew && <input type="hidden" name="kind" value={kind} />}
      <TextField
        label="Name"
        name="name"
        required={false}
        maxlength={120}
        value={given.name}
        error={errorAt(fault, 'name')}
        hint="As your team knows it."
      />
      {isMail ? <MailFields view={view} /> : <FormFields view={view} />}
      <details
        class="explain"
        open={hasMore || errorAt(fault, 'filter', 'map', 'duplicates', 'dedupe', 'limit') !== undefined}
      >
        <summary>Filter, map, repeats and limit</summary>
        <div class="form">
          <FilterField
            given={given}
            fault={fault}
            example={isMail ? 'body.subject.contains("Order")' : 'body.company != ""'}
          />
          <MapField
            given={given}
            fault={fault}
            example={
              isMail ? 'text: {{ body.text }}\nfrom: {{ body.from }}' : 'company: {{ body.company }}\nsource: form'
            }
          />
          {isMail && (
            <DedupeField
              given={given}
              fault={fault}
              example="header: X-Order-Id, or path: subject"
              hint="Mails with the same value are one task; the first wins. Unless set, a mail’s Message-ID tells."
            />
          )}
          <DuplicatesField given={given} fault={fault} />
          <LimitFields given={given} fault={fault} />
        </div>
      </details>
      <EventFields
        given={given}
        fault={fault}
        over={isMail ? 'body, such as {{ body.subject }}, and headers' : 'body, the fields that were filled in'}
      />
      <div class="form-actions">
        <Button look="primary">{isNew ? (isMail ? 'Open the address' : 'Open the form') : 'Save'}</Button>
        <ButtonLink href={view.back} look="quiet">
          Cancel
        </ButtonLink>
      </div>
    </form>
  )
}

const MailFields = ({ view: { given, fault, domain } }: { view: KindFormView }) => (
  <>
    <TextField
      label={`Address, before @${domain}`}
      name="address"
      required
      maxlength={28}
      autocapitalize="none"
      spellcheck={false}
      value={given.address}
      error={errorAt(fault, 'address')}
    />
    <TextArea
      label="Who may write"
      name="allow"
      required={false}
      rows={3}
      spellcheck={false}
      value={given.allow}
      error={errorAt(fault, 'allow')}
      hint="An address, @domain, or * for anyone, one on each line. Empty: the members of your team."
    />
  </>
)

const FormFields = ({ view: { given, fault } }: { view: KindFormView }) => (
  <>
    <TextField
      label="Heading"
      name="title"
      required={false}
      maxlength={200}
      value={given.title}
      error={errorAt(fault, 'title')}
      hint="What visitors read above the fields. Empty: the workflow’s name."
    />
    <TextArea
      label="What it says once it was sent"
      name="thanks"
      required={false}
      maxlength={2000}
      rows={3}
      value={given.thanks}
      error={errorAt(fault, 'thanks')}
    />
    <Select
      label="Senders may follow what they sent"
      name="follow"
      value={given.follow || 'no'}
      error={errorAt(fault, 'follow')}
      options={[
        { value: 'no', label: 'No' },
        { value: 'status', label: 'How it stands' },
        { value: 'result', label: 'How it stands, and the result' },
      ]}
      hint="They get a link of their own. It shows no names, prompts or notes; “No” ends the links that are out."
    />
  </>
)

/** Settings as the form shows them. */
export function kindGiven(row: IntakeRow): Given {
  const { address = '', allow = [] } = settingsOf<Partial<EmailSettings>>(row)
  const { title = '', thanks = '', follow = 'no' } = settingsOf<FormSettings>(row)
  return { name: row.name, address, allow: allow.join('\n'), title, thanks, follow, ...sharedGiven(row.config) }
}

/** The form as the API would be sent it; what is empty is null, and so taken away. */
export function kindSettings(kind: PagedKind, given: Given): Record<string, unknown> {
  const { dedupe, ...shared } = sharedSettings(given)
  const text = (name: string) => given[name]?.trim() || null
  const name = text('name') ?? undefined
  if (kind === 'form') return { name, title: text('title'), thanks: text('thanks'), follow: text('follow'), ...shared }
  const allow = (given.allow ?? '').split(/[\s,;]+/).filter(one => one !== '')
  return { name, address: given.address?.trim() ?? '', allow, dedupe, ...shared }
}
