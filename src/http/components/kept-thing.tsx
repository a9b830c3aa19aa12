/** What the pages of an agent and of a tool share: their versions, and the box that deletes them once their name is typed. */
import type { Child } from 'hono/jsx'
import { Button } from './button.tsx'
import { TextField } from './field.tsx'
import { Time } from './value/time.tsx'

export interface VersionLine {
  version: number
  createdAt: number
  createdBy: string
}

/** The versions, each a link to how it was; `href` is the page's own. */
export const VersionList = ({ href, versions }: { href: string; versions: VersionLine[] }) => (
  <section class="panel stack-tight">
    <h2>Versions</h2>
    <ul>
      {versions.map(({ version, createdAt, createdBy }) => (
        <li>
          <a href={`${href}?version=${version}`}>v{version}</a> <Time at={createdAt} />{' '}
          <span class="secondary" hx-ignore>
            {createdBy}
          </span>
        </li>
      ))}
    </ul>
  </section>
)

/** Deletes it once its key is typed; open while what was typed is wrong. `children` says what that does to others. */
export const DeleteBox = (props: { href: string; what: string; name: string; error?: string; children?: Child }) => (
  <details class="panel stack-tight" open={props.error !== undefined}>
    <summary>Delete this {props.what}</summary>
    <form class="form" method="post" action={`${props.href}/delete`}>
      <p class="secondary small">{props.children}</p>
      <TextField
        label={`Type ${props.name} to delete it`}
        name="typed"
        required
        autocomplete="off"
        error={props.error}
      />
      <div class="form-actions">
        <Button look="danger" icon="trash">
          Delete the {props.what}
        </Button>
      </div>
    </form>
  </details>
)
