/** A value of a task as people read it: text as Markdown, objects as lists of their fields, the rest as JSON. */
import type { Json } from '../../../domain/json/json.ts'
import { shorten } from '../../../domain/text/cut.ts'
import { Markdown, PlainText } from '../../page/markdown.tsx'

const MAX_FIELDS = 60
const MAX_DEPTH = 3
/** Names up to here stand beside their value as they are. */
const MAX_NAME = 120

/** Shows any JSON value; nested objects down to a few levels, below that their JSON. */
export const Value = ({ value, depth = 0 }: { value: Json; depth?: number }) => {
  if (typeof value === 'string') return value.trim() === '' ? <Blank word="empty" /> : <Markdown text={value} />
  if (value === null) return <Blank word="nothing" />
  if (typeof value !== 'object') return <span hx-ignore>{String(value)}</span>
  if (Array.isArray(value)) return <List items={value} depth={depth} />
  return <Fields value={value} depth={depth} />
}

const Blank = ({ word }: { word: string }) => <span class="secondary">({word})</span>

const Fields = ({ value, depth }: { value: { [key: string]: Json }; depth: number }) => {
  const fields = Object.entries(value)
  if (fields.length === 0) return <Blank word="empty" />
  if (depth >= MAX_DEPTH || fields.length > MAX_FIELDS) return <JsonText value={value} />
  return (
    <dl class="facts" hx-ignore>
      {fields.map(([name, field]) => (
        <>
          <dt>{readable(name)}</dt>
          <dd>
            <Value value={field} depth={depth + 1} />
          </dd>
        </>
      ))}
    </dl>
  )
}

const List = ({ items, depth }: { items: Json[]; depth: number }) => {
  if (items.length === 0) return <Blank word="none" />
  if (depth >= MAX_DEPTH || items.length > MAX_FIELDS) return <JsonText value={items} />
  return (
    <ul hx-ignore>
      {items.map(item => (
        <li>
          <Value value={item} depth={depth + 1} />
        </li>
      ))}
    </ul>
  )
}

/** The value as JSON, readable and whole. */
export const JsonText = ({ value }: { value: Json }) => <PlainText text={JSON.stringify(value, null, 2)} />

/** "first_name" → "first name"; anything stranger stays as it is. */
function readable(name: string): string {
  const short = shorten(name, MAX_NAME)
  return /^[a-z0-9_]+$/i.test(short) ? short.replaceAll('_', ' ').trim() || short : short
}
