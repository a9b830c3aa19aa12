/** Somebody else changed the draft meanwhile: who, when, what differs, and the way to put one's own change on top. Nothing was overwritten. */
import { Button, ButtonLink } from '../../http/components/button.tsx'
import { ErrorNotice } from '../../http/components/feedback.tsx'
import { TextArea } from '../../http/components/field.tsx'
import { Time } from '../../http/components/value/time.tsx'
import type { Author } from '../draft.ts'
import { TextDiff } from './text-diff.tsx'

export interface ConflictView {
  workflow: string
  /** The state that is there now. */
  revision: string
  author: Author
  theirs: string
  /** The whole draft as this person would have it; null when the change does not fit what is there now. */
  mine: string | null
  /** What the form said, when there is no whole text. */
  sent: [string, string][]
}

export const Conflict = ({ view }: { view: ConflictView }) => (
  <div class="stack">
    <ErrorNotice>
      <strong>Somebody changed this draft while you were editing</strong>
      <p>
        <span hx-ignore>{view.author.by ?? 'Somebody, by key or API,'}</span> kept another state of it{' '}
        <Time at={view.author.at} />. Your change was not saved, and theirs is untouched.
      </p>
    </ErrorNotice>
    {view.mine === null ? (
      <section class="panel stack-tight">
        <h2>What you sent</h2>
        <dl class="facts" hx-ignore>
          {view.sent.map(([name, value]) => (
            <>
              <dt>{name}</dt>
              <dd class="mono">{value}</dd>
            </>
          ))}
        </dl>
        <ButtonLink href={`/workflows/${view.workflow}/edit`}>See the draft as it is now</ButtonLink>
      </section>
    ) : (
      <>
        <section class="stack-tight">
          <h2>Theirs, against yours</h2>
          <TextDiff before={view.theirs} after={view.mine} names={['the draft as it is now', 'yours']} />
        </section>
        <form class="form panel" method="post" action={`/workflows/${view.workflow}/edit/yaml`}>
          <input type="hidden" name="revision" value={view.revision} />
          <TextArea
            label="Yours: take over from theirs what should stay"
            name="text"
            value={view.mine}
            code
            rows={20}
            spellcheck={false}
            wrap="off"
          />
          <div class="form-actions">
            <Button look="danger">Keep this instead of theirs</Button>
            <ButtonLink href={`/workflows/${view.workflow}/edit`} look="quiet">
              Leave theirs as it is
            </ButtonLink>
          </div>
        </form>
      </>
    )}
  </div>
)
