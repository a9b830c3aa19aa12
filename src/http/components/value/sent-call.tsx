/** A call's arguments exactly as they are: nothing is read as markup, and nothing of it is left out. */
import { curlOf, isShownCall, type ShownCall } from '../../../domain/call/shown.ts'
import type { Json } from '../../../domain/json/json.ts'
import { PlainText } from '../../page/markdown.tsx'
import { CopyButton } from '../button.tsx'

const MAX_INLINE = 100

/** Each argument by its own name; a call over HTTP with its address first. `curl` adds the line that makes it. */
export const SentCall = ({ args, curl }: { args: Json; curl?: boolean }) =>
  isShownCall(args) ? <OverHttp call={args} curl={curl} /> : <Exactly value={args} />

const OverHttp = ({ call, curl }: { call: ShownCall; curl?: boolean }) => {
  const { method, url, query, headers, body } = call
  const line = curl ? curlOf(call) : null
  return (
    <div class="stack-tight">
      <PlainText text={`${method} ${url}`} />
      <dl class="facts sent" hx-ignore>
        {query !== undefined && <Part name="Query" value={query} />}
        {headers !== undefined && <Part name="Headers" value={headers} />}
        {body !== undefined && <Part name="Body" value={body} />}
      </dl>
      {line !== null && (
        <details class="fold">
          <summary>As a curl line</summary>
          <div class="stack-tight">
            <PlainText text={line} />
            <CopyButton text={line} />
          </div>
        </details>
      )}
    </div>
  )
}

const Part = ({ name, value }: { name: string; value: Json }) => (
  <>
    <dt>{name}</dt>
    <dd>
      <Exactly value={value} />
    </dd>
  </>
)

/** An object's fields by their names; anything else as text. */
const Exactly = ({ value }: { value: Json }) => {
  if (value === null) return <span class="secondary">(nothing)</span>
  if (typeof value !== 'object' || Array.isArray(value)) return <Text value={value} />
  const fields = Object.entries(value)
  if (fields.length === 0) return <span class="secondary">(empty)</span>
  return (
    <dl class="facts" hx-ignore>
      {fields.map(([name, field]) => (
        <>
          <dt>{name}</dt>
          <dd>
            <Text value={field} />
          </dd>
        </>
      ))}
    </dl>
  )
}

/** A short one in its line, a long one in a box. */
const Text = ({ value }: { value: Json }) => {
  const text = textOf(value)
  const isShort = text.length <= MAX_INLINE && !/[\r\n]/.test(text)
  return isShort ? <code class="exact">{text}</code> : <PlainText text={text} />
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2)
}
