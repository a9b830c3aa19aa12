/** What a mail address and a public form are, on their own page: where they are, and what they do with what comes. */
import { ButtonLink, Copyable } from '../../http/components/button.tsx'
import type { FormSettings } from './form.ts'

export const MailAbout = ({ address, allow }: { address: string; allow: string[] }) => (
  <section class="stack-tight">
    <h2>Address</h2>
    <Copyable text={address} />
    <dl class="facts">
      <dt>Who may write</dt>
      <dd hx-ignore>{whoMayWrite(allow)}</dd>
      <dt>The input</dt>
      <dd>
        from, to, subject, text, html and attachments, each with id, name, type and size. The files themselves become
        the task’s, up to ten; a mail has 25 MB at most.
      </dd>
      <dt>Answers</dt>
      <dd>A mail that answers one which made a task is noted on that task.</dd>
      <dt>Refused mail</dt>
      <dd>goes back to its sender with the reason.</dd>
    </dl>
  </section>
)

export function whoMayWrite(allow: string[]): string {
  if (allow.length === 0) return 'members of your team'
  return allow.includes('*') ? 'anyone' : allow.join(', ')
}

const FOLLOW = {
  no: 'They do not',
  status: 'By a link of their own: how it stands',
  result: 'By a link of their own: how it stands, and the result',
}

export const FormAbout = ({ url, settings, checks }: { url: string; settings: FormSettings; checks: boolean }) => (
  <section class="stack-tight">
    <h2>Address</h2>
    <Copyable text={url} />
    <div class="row">
      <ButtonLink href={url} icon="external">
        Open the form
      </ButtonLink>
    </div>
    <dl class="facts">
      <dt>Heading</dt>
      <dd hx-ignore>{settings.title ?? 'the workflow’s name'}</dd>
      <dt>Thanks</dt>
      <dd hx-ignore>{settings.thanks ?? 'What you sent has arrived.'}</dd>
      <dt>Senders follow it</dt>
      <dd>{FOLLOW[settings.follow ?? 'no']}</dd>
      <dt>Against machines</dt>
      <dd>{checks ? 'a hidden field, a signed page, and Turnstile' : 'a hidden field and a signed page'}</dd>
    </dl>
  </section>
)
