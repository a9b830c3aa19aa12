/** A value as a task's log holds it: whole, or the beginning of a big one with the way to all of it. */
import type { Json } from '../../../domain/json/json.ts'
import { isBlobRef } from '../../../domain/task/context.ts'
import type { Stored } from '../../../domain/task/log/blob.ts'
import { PlainText } from '../../page/markdown.tsx'
import { Value } from './value.tsx'

/** `href` leads to the whole of it, where the reader may go there. */
export const StoredValue = ({ value, href }: { value: Stored<Json>; href?: string }) => {
  if (!isBlobRef(value)) return <Value value={value} />
  return (
    <div class="stack-tight">
      <PlainText text={`${value.head}…`} />
      <p class="secondary small">
        The beginning of {Math.ceil(value.bytes / 1024)} KiB. {href !== undefined && <a href={href}>Open all of it</a>}
      </p>
    </div>
  )
}
