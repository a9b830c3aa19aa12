/** What deciding a high-risk question by link needs, and why: the code from the message, or a session of whom the link is for. */
import { Notice } from '../../http/components/feedback.tsx'
import { TextField } from '../../http/components/field.tsx'

interface Props {
  /** Whether the browser has a session of the person that the link is for. */
  signedIn: boolean
  /** The question in their approvals. */
  path: string
  error?: string
}

export const ProofView = ({ signedIn, path, error }: Props) => (
  <Notice state="waiting" icon="shield">
    <p>
      <strong>This is a high-risk decision.</strong>{' '}
      {signedIn
        ? 'You are signed in as the person that this link is for, so no code is needed.'
        : 'A link can be passed on or opened by a machine, so it is not enough: type the code that stands in the message with this link.'}
    </p>
    {!signedIn && (
      <>
        <TextField
          label="Code from the message"
          name="code"
          error={error}
          inputmode="numeric"
          autocomplete="one-time-code"
          maxlength={20}
          aria-required="true"
          hint="Eight digits. After five wrong ones this link decides nothing any more."
        />
        <p class="row">
          <button class="button" type="submit" name="renew" value="1" formnovalidate>
            Mail me a new link and code
          </button>
          <a href={path}>Or sign in and decide it there</a>
        </p>
      </>
    )}
  </Notice>
)
