/** What an agent is, to read: for those who only look. */
import { estimateTokens } from '../../domain/text/tokens.ts'
import { knownIn, type Values } from '../agent-form.ts'

export const AgentContent = ({ agent, values }: { agent: string; values: Values }) => {
  const texts = Object.keys(values).filter(name => /^file-\d+-text$/.test(name) && values[name] !== '')
  return (
    <article class="panel stack" hx-ignore>
      <dl class="facts">
        <dt>Key</dt>
        <dd>
          <code>{agent}</code>
        </dd>
        <dt>Model</dt>
        <dd>{values.model || 'the default'}</dd>
        <dt>Tools</dt>
        <dd>{values.tools || 'none'}</dd>
        <dt>Skills</dt>
        <dd>{values.skills || 'none'}</dd>
        <dt>Knowledge</dt>
        <dd>
          {knownIn(values)
            .map(({ file, use }) => `${file} (${use === 'always' ? 'always before it' : 'looked up'})`)
            .join(', ') || 'none'}
        </dd>
      </dl>
      <section class="stack-tight">
        <h2>Description</h2>
        <p class="edit-summary">{values.description}</p>
      </section>
      {values.never && (
        <section class="stack-tight">
          <h2>It must never</h2>
          <p class="edit-summary">{values.never}</p>
        </section>
      )}
      <section class="stack-tight">
        <h2>Context</h2>
        {texts.length === 0 && <p class="secondary">No texts.</p>}
        {texts.map(name => (
          <details class="explain">
            <summary>
              {values[name.replace('-text', '-name')] || 'A text'}{' '}
              <span class="secondary small">about {estimateTokens(values[name] ?? '')} tokens</span>
            </summary>
            <pre class="code">{values[name]}</pre>
          </details>
        ))}
      </section>
    </article>
  )
}
