/** What changed, as inserted and deleted words. */
import type { Change } from '../question/differences.ts'

export const Differences = ({ changes }: { changes: Change[] }) => (
  <div class="diff well" hx-ignore>
    {changes.map(({ kind, text }) => {
      if (kind === 'added') return <ins>{text}</ins>
      return kind === 'removed' ? <del>{text}</del> : <span>{text}</span>
    })}
  </div>
)
