/** Mail addresses and forms on a workflow's page of intakes. */
import { Button, Copyable } from '../../http/components/button.tsx'
import { ErrorNotice } from '../../http/components/feedback.tsx'
import { TextArea, TextField } from '../../http/components/field.tsx'
import { Act, type Faulty } from '../schedule/section.tsx'

export interface MailView {
  id: string
  name: string
  address: string
  allow: string[]
}

export interface FormLink {
  id: string
  name: string
  url: string
}

interface Where {
  workflow: string
  faulty: Faulty | null
}

export const MailSection = ({ workflow, faulty, mails, domain }: Where & { mails: MailView[]; domain: string }) => (
  <section class="section stack" id="mail">
    <h2>E-mail</h2>
    {mails.length === 0 && (
      <p class="secondary">Mail to an address of its own becomes a task; whoever may not write gets it back.</p>
    )}
    {mails.map(({ id, name, address, allow }) => (
      <article class="panel stack" id={id}>
        <h3 hx-ignore>{name}</h3>
        <Copyable text={address} />
        <p class="small secondary">From: {allow.length === 0 ? 'members of your team' : allow.join(', ')}</p>
        <Act id={id} act="close" icon="trash">
          Close this address
        </Act>
      </article>
    ))}
    <NewIntake kind="email" title="New address" workflow={workflow} faulty={faulty}>
      {given => (
        <>
          <TextField
            name="address"
            id="new-address"
            label={`Address, before @${domain}`}
            value={given.address ?? ''}
            required
          />
          <TextArea
            name="allow"
            id="new-allow"
            label="Who may write"
            hint="An address, @domain, or * for anyone, one on each line. Empty: the members of your team."
            value={given.allow ?? ''}
            rows={2}
            required={false}
          />
        </>
      )}
    </NewIntake>
  </section>
)

export const FormSection = ({ workflow, faulty, forms }: Where & { forms: FormLink[] }) => (
  <section class="section stack" id="forms">
    <h2>Forms</h2>
    {forms.length === 0 && (
      <p class="secondary">A public page with the fields of the input schema; what is sent becomes a task.</p>
    )}
    {forms.map(({ id, name, url }) => (
      <article class="panel stack" id={id}>
        <h3 hx-ignore>{name}</h3>
        <Copyable text={url} />
        <div class="row">
          <a href={url}>Open the form</a>
          <Act id={id} act="close" icon="trash">
            Close this form
          </Act>
        </div>
      </article>
    ))}
    <NewIntake kind="form" title="New form" workflow={workflow} faulty={faulty}>
      {given => (
        <>
          <TextField
            name="title"
            id="new-title"
            label="Heading"
            value={given.title ?? ''}
            maxlength={200}
            required={false}
          />
          <TextArea
            name="thanks"
            id="new-thanks"
            label="What it says once it was sent"
            value={given.thanks ?? ''}
            rows={2}
            required={false}
          />
        </>
      )}
    </NewIntake>
  </section>
)

type Fields = (given: Record<string, string>) => unknown

const NewIntake = (props: Where & { kind: string; title: string; children?: Fields }) => {
  const { kind, title, workflow, faulty, children } = props
  const wrong = faulty?.kind === kind && faulty.id === null ? faulty : null
  return (
    <details class="explain" open={wrong !== null}>
      <summary>{title}</summary>
      <form class="form" method="post" action={`/workflows/${workflow}/intakes/new`}>
        <input type="hidden" name="kind" value={kind} />
        {wrong && <ErrorNotice>{wrong.message}</ErrorNotice>}
        {children?.(wrong?.given ?? {}) as never}
        <div class="form-actions">
          <Button>Make it</Button>
        </div>
      </form>
    </details>
  )
}
