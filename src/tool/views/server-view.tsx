/** The page of one MCP server: its tools to be ticked, what changed in them, where it is, and when it was last read. */
import type { JsonSchema } from '../../domain/json/json.ts'
import type { LeftOut, ToldTool } from '../../domain/tools/mcp/listed.ts'
import { Tag } from '../../http/components/badge.tsx'
import { Button } from '../../http/components/button.tsx'
import { ErrorNotice, Notice } from '../../http/components/feedback.tsx'
import { Check } from '../../http/components/field.tsx'
import { DeleteBox } from '../../http/components/kept-thing.tsx'
import { Time } from '../../http/components/value/time.tsx'
import { JsonText } from '../../http/components/value/value.tsx'
import type { ToolUse } from '../../records/definitions/tool-uses.ts'
import { TextDiff } from '../../workflow/editor/text-diff.tsx'
import { AddressField, HeadersField, Problems, type ServerFormView } from './new-server-view.tsx'

/** What the names of the ticks begin with. */
export const TICKED = 'tool:'

interface ShownTool extends ToldTool {
  /** What steps and agents name it. */
  whole: string
  chosen: boolean
  /** Whether its server still offers it. */
  listed: boolean
  digest: string | null
  /** What was accepted of it, where that is not what its server says now. */
  before: ToldTool | null
  uses: ToolUse
}

interface ServerView {
  key: string
  url: string
  form: ServerFormView
  /** Names of the secrets that its headers name. */
  secrets: string[]
  tools: ShownTool[]
  leftOut: LeftOut[]
  checkedAt: number | null
  error: string | null
  failedAt: number | null
  mayChange: boolean
}

export const ServerPage = ({ view }: { view: ServerView }) => {
  const changed = view.tools.filter(tool => tool.before !== null)
  return (
    <div class="stack">
      <p class="small">
        <a href="/tools">All tools</a>
      </p>
      <div class="page-head">
        <div>
          <h1>{view.key}</h1>
          <p hx-ignore>MCP server at {view.url}</p>
        </div>
        {view.mayChange && (
          <form method="post" action={`/mcp-servers/${view.key}/refresh`}>
            <Button icon="refresh">Read its list again</Button>
          </form>
        )}
      </div>
      {view.error !== null && (
        <ErrorNotice>
          <p>
            Its list could not be read <Time at={view.failedAt!} />: <span hx-ignore>{view.error}</span>
          </p>
          <p class="secondary">What it said before still counts. Check its address and sign-in, then read it again.</p>
        </ErrorNotice>
      )}
      <Problems view={view.form} />
      {changed.map(tool => (
        <Changed server={view.key} tool={tool} mayChange={view.mayChange} />
      ))}
      <div class="edit-step">
        <Tools view={view} />
        <div class="stack">
          <About view={view} />
          {view.mayChange && (
            <DeleteBox
              href={`/mcp-servers/${view.key}`}
              what="server"
              name={view.key}
              error={view.form.mistake?.field === 'typed' ? view.form.mistake.message : undefined}
            >
              Its tools go with it: steps and agents that name them fail until they name others.
            </DeleteBox>
          )}
        </div>
      </div>
    </div>
  )
}

/** A chosen tool that its server describes otherwise now, with the difference. */
const Changed = ({ server, tool, mayChange }: { server: string; tool: ShownTool; mayChange: boolean }) => (
  <section class="panel stack-tight server-change" aria-label={`Change of ${tool.whole}`}>
    <h2>
      <code>{tool.whole}</code> {tool.listed ? 'changed since you chose it' : 'is offered no more'}
    </h2>
    {tool.listed ? (
      <>
        <p>
          It is held back: no step and no agent calls it until somebody accepts what its server says of it now. Models
          are told what was accepted.
        </p>
        <TextDiff before={asText(tool.before!)} after={asText(tool)} names={['accepted', 'now']} />
        {mayChange && (
          <form method="post" action={`/mcp-servers/${server}/accept`}>
            <input type="hidden" name="tool" value={tool.name} />
            <input type="hidden" name="digest" value={tool.digest ?? ''} />
            <Button look="primary" icon="done">
              Accept
            </Button>
          </form>
        )}
      </>
    ) : (
      <p>Its server does not list it now, so it is not called. Untick it below, or read the list again later.</p>
    )}
  </section>
)

function asText({ description, parameters, effect }: ToldTool): string {
  const does = effect === 'read' ? 'It only reads.' : 'It changes something.'
  return `${description}\n\n${does}\n\n${JSON.stringify(parameters, null, 2)}\n`
}

const Tools = ({ view: { key, tools, leftOut, mayChange } }: { view: ServerView }) => (
  <section class="panel stack" aria-label="Its tools">
    <h2>Its tools</h2>
    {tools.length === 0 && <p class="secondary">It offers none.</p>}
    <form class="form" id="tools" method="post" action={`/mcp-servers/${key}/tools`}>
      {tools.map(tool => (
        <div class="stack-tight" hx-ignore>
          {mayChange ? (
            <Check name={`${TICKED}${tool.name}`} value="yes" checked={tool.chosen} label={<Name tool={tool} />} />
          ) : (
            <p>
              <Name tool={tool} /> {tool.chosen && <Tag>chosen</Tag>}
            </p>
          )}
          <p class="small secondary">{firstWords(tool.description)}</p>
          <details>
            <summary class="small">What it takes{takes(tool.parameters)}</summary>
            {firstWords(tool.description) !== tool.description && <p class="small">{tool.description}</p>}
            <JsonText value={tool.parameters} />
          </details>
          {tool.chosen && <Uses tool={tool} />}
        </div>
      ))}
      {mayChange && tools.length > 0 && (
        <div class="form-actions">
          <Button look="primary">Save the choice</Button>
        </div>
      )}
    </form>
    {leftOut.length > 0 && (
      <Notice icon="info">
        <p>It lists more that cannot be used here:</p>
        <ul hx-ignore>
          {leftOut.map(({ name, why }) => (
            <li>
              {name !== '' && <code>{name}</code>} {why}
            </li>
          ))}
        </ul>
      </Notice>
    )}
  </section>
)

const Name = ({ tool }: { tool: ShownTool }) => (
  <>
    <code>{tool.whole}</code> <Tag>{tool.effect === 'read' ? 'reads' : 'writes'}</Tag>{' '}
    {!tool.listed && <Tag>no longer offered</Tag>}
    {tool.listed && tool.before !== null && <Tag>changed: held back</Tag>}
  </>
)

const Uses = ({ tool: { whole, uses } }: { tool: ShownTool }) => (
  <p class="small">
    <a href={`/tools/${whole}`}>Settings and try-out</a>
    {' · '}
    {uses.workflows.length + uses.agents.length === 0 && <span class="secondary">used by nothing yet</span>}
    {uses.workflows.map(({ id, name }) => (
      <>
        <a href={`/workflows/${id}`}>{name}</a>{' '}
      </>
    ))}
    {uses.agents.map(agent => (
      <>
        <a href={`/agents/${agent}`}>{agent}</a>{' '}
      </>
    ))}
  </p>
)

const About = ({ view }: { view: ServerView }) => (
  <section class="panel stack-tight" aria-label="Where it is">
    <h2>Where it is</h2>
    <p class="secondary small">
      {view.checkedAt === null ? (
        'Its list was not read yet.'
      ) : (
        <>
          Its list was last read <Time at={view.checkedAt} />, and is read again before a call that comes a minute
          later.
        </>
      )}
    </p>
    {view.secrets.length > 0 && (
      <p class="secondary small">
        It signs in with {view.secrets.length === 1 ? 'the secret' : 'the secrets'}{' '}
        <code>{view.secrets.join(', ')}</code>
        {view.form.admin && (
          <>
            {' '}
            (<a href="/settings/secrets">change</a>)
          </>
        )}
        .
      </p>
    )}
    {view.mayChange && (
      <form class="form" id="server" method="post" action={`/mcp-servers/${view.key}`}>
        <AddressField view={view.form} />
        <HeadersField view={view.form} />
        <div class="form-actions">
          <Button>Save and read its list</Button>
        </div>
      </form>
    )}
  </section>
)

const SHOWN = 240

function firstWords(text: string): string {
  const [first = ''] = text.split('\n\n')
  return first.length > SHOWN ? `${first.slice(0, SHOWN)}…` : first
}

/** ": to, subject, text" */
function takes({ properties }: JsonSchema): string {
  const names = Object.keys((properties ?? {}) as object)
  if (names.length === 0) return ': nothing'
  return `: ${names.slice(0, 8).join(', ')}${names.length > 8 ? ' …' : ''}`
}
