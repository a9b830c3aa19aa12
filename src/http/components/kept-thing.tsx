/** What the pages of agents, tools and skills share: their versions, where they are used, and the box that deletes them once their name is typed. */
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

/** Where a tool or a skill is used: steps of live workflows, and agents. */
interface NamedIn {
  workflows: { id: string; name: string; steps: string[] }[]
  agents: string[]
}

/** Where it is used; `children` says what a new version means to what is published. */
export const UseList = ({ workflows, agents, children }: NamedIn & { children?: Child }) => (
  <section class="panel stack-tight">
    <h2>Where it is used</h2>
    {workflows.length + agents.length === 0 ? (
      <p class="secondary">No step and no agent names it.</p>
    ) : (
      <ul hx-ignore>
        {workflows.map(({ id, name, steps }) => (
          <li>
            <a href={`/workflows/${id}`}>{name}</a> <span class="secondary">{steps.join(', ')}</span>
          </li>
        ))}
        {agents.map(agent => (
          <li>
            <a href={`/agents/${agent}`}>{agent}</a> <span class="secondary">agent</span>
          </li>
        ))}
      </ul>
    )}
    <p class="secondary small">{children}</p>
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

/** The end of a form that takes something away for good: its name is typed before the button does anything. */
export const TypedName = (props: { of: string; id: string; field?: string; verb?: 'delete' | 'revoke' }) => {
  const { of: name, id, field = 'typed', verb = 'delete' } = props
  return (
    <>
      <TextField label={`Type “${name}” to ${verb} it`} name={field} id={`${verb}-${id}`} required autocomplete="off" />
      <div>
        <Button look="danger" icon="trash">
          {verb === 'delete' ? 'Delete' : 'Revoke'}
        </Button>
      </div>
    </>
  )
}
