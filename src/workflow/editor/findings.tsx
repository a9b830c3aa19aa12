/** What the lint says, shown where it belongs: as a sum for the whole, and beside the step that it is about. */
import { Icon } from '../../http/components/icon.tsx'
import type { Lint } from '../publish.ts'

type Finding = Lint[number]

/** The findings about the step in this place. */
export function findingsOf(lint: Lint, place: number): Lint {
  const start = `steps[${place}]`
  return lint.filter(({ path }) => path === start || path.startsWith(`${start}.`))
}

/** Those about the workflow itself. */
export function findingsOfWhole(lint: Lint): Lint {
  return lint.filter(({ path }) => !path.startsWith('steps['))
}

export const Findings = ({ lint }: { lint: Lint }) =>
  lint.length === 0 ? null : (
    <ul class="findings" hx-ignore>
      {lint.map(finding => (
        <FindingItem finding={finding} />
      ))}
    </ul>
  )

export const FindingItem = ({ finding, line }: { finding: Finding; line?: number | null }) => (
  <li class="finding" data-state={finding.level === 'error' ? 'failed' : 'waiting'}>
    <Icon name="alert" size={14} label={finding.level === 'error' ? 'Error' : 'Warning'} />
    <span>
      {line != null && (
        <>
          <a href="#field-text" data-line={line}>
            Line {line}
          </a>
          {': '}
        </>
      )}
      <Words text={finding.message} />{' '}
      <span class="secondary">
        <Words text={finding.fix} />
      </span>
      {finding.code === 'unpriced_model' && (
        <>
          {' '}
          <a href="/settings/prices">Prices</a>
        </>
      )}
    </span>
  </li>
)

/** A sentence of the lint: what stands between backticks is code. */
const Words = ({ text }: { text: string }) => (
  <>
    {text
      .split('`')
      .map((part, index, parts) => (index % 2 === 1 && index < parts.length - 1 ? <code>{part}</code> : part))}
  </>
)

/** One line for the whole: whether the draft can be published. */
export const LintSum = ({ lint }: { lint: Lint }) => {
  const errors = lint.filter(one => one.level === 'error').length
  const warnings = lint.length - errors
  if (lint.length === 0) {
    return (
      <p class="state" data-state="done">
        <Icon name="done" size={14} />
        Nothing is wrong with this draft.
      </p>
    )
  }
  const parts = [errors > 0 && counted(errors, 'error'), warnings > 0 && counted(warnings, 'warning')].filter(Boolean)
  return (
    <p class="state" data-state={errors > 0 ? 'failed' : 'waiting'}>
      <Icon name="alert" size={14} />
      {parts.join(' and ')}: {errors > 0 ? 'errors must be gone before it can be published.' : 'it can be published.'}
    </p>
  )
}

function counted(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`
}
