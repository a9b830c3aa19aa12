/** The draft as YAML, beside what the lint says at which line. */
import { Button, ButtonLink, Copyable } from '../../http/components/button.tsx'
import { ErrorNotice } from '../../http/components/feedback.tsx'
import { TextArea } from '../../http/components/field.tsx'
import { brokenLine, lineFinder } from '../document/lines.ts'
import type { Lint } from '../publish.ts'
import { FindingItem, LintSum } from './findings.tsx'

export interface TextView {
  workflow: string
  revision: string
  text: string
  lint: Lint
  /** Why it could not be read at all. */
  problem: string | null
  origin: string
}

/** Where the parser saw it; the link beside it says so already. */
const PLACE = / at line \d+, column \d+:?$/

export const TextEditor = ({ view }: { view: TextView }) => {
  const lineOf = lineFinder(view.text)
  const broken = view.problem === null ? null : brokenLine(view.text)
  return (
    <div class="edit-text">
      <form class="form" id="definition" method="post" action={`/workflows/${view.workflow}/edit/yaml`}>
        <input type="hidden" name="revision" value={view.revision} />
        <TextArea
          label="Definition (YAML)"
          name="text"
          value={view.text}
          code
          spellcheck={false}
          required
          rows={32}
          wrap="off"
          hint="Kept as you write it, comments and all. The form editor changes only the parts that it must."
          error={view.problem ?? undefined}
        />
        <div class="form-actions">
          <Button look="primary">Keep the draft</Button>
          <ButtonLink href={`/workflows/${view.workflow}/export`} icon="download" look="quiet">
            Export with its agents
          </ButtonLink>
        </div>
      </form>
      <div class="stack">
        <h2>What Baton says of it</h2>
        {view.problem !== null ? (
          <ErrorNotice>
            {broken !== null && (
              <a href="#field-text" data-line={broken}>
                Line {broken}
              </a>
            )}
            {broken === null ? view.problem : `: ${view.problem.replace(PLACE, '.')}`}
          </ErrorNotice>
        ) : (
          <LintSum lint={view.lint} />
        )}
        <ul class="findings" hx-ignore>
          {view.lint.map(finding => (
            <FindingItem finding={finding} line={lineOf(finding.path)} />
          ))}
        </ul>
        <details class="explain">
          <summary>In your own editor, and by API</summary>
          <div class="stack-tight">
            <p class="secondary">For completion and checks, put this line on top of the file:</p>
            <Copyable text={`# yaml-language-server: $schema=${view.origin}/schema/workflow.json`} />
            <p class="secondary">With a key that may write workflows (Settings, Keys), this publishes the file:</p>
            <Copyable text={curlOf(view)} />
          </div>
        </details>
      </div>
    </div>
  )
}

function curlOf({ workflow, origin }: TextView): string {
  return `curl -X PUT '${origin}/api/v1/workflows/${workflow}' -H "authorization: Bearer $BATON_KEY" -H 'content-type: application/yaml' --data-binary @workflow.yaml`
}
