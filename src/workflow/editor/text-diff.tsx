/** Two texts line by line: what is gone, what came, and a few lines around. */
import { structuredPatch } from 'diff'

const AROUND = 3
/** Beyond it a difference is as long as the texts; nobody reads it, and it takes long to find. */
const MAX_EDITS = 4000

export const TextDiff = ({ before, after, names }: { before: string; after: string; names: [string, string] }) => {
  if (before === after) return <p class="secondary">The texts are the same.</p>
  const patch = structuredPatch('', '', before, after, '', '', { context: AROUND, maxEditLength: MAX_EDITS })
  if (!patch) return <p class="secondary">Nearly everything differs.</p>
  return (
    <figure class="diff">
      <figcaption class="secondary small">
        <del>− {names[0]}</del> <ins>+ {names[1]}</ins>
      </figcaption>
      <pre class="code" tabindex={0} hx-ignore>
        {patch.hunks.map((hunk, index) => (
          <>
            {index > 0 && <span class="diff-gap">⋯{'\n'}</span>}
            {hunk.lines
              .filter(line => !line.startsWith('\\'))
              .map(line => (
                <Line line={line} />
              ))}
          </>
        ))}
      </pre>
    </figure>
  )
}

const Line = ({ line }: { line: string }) => {
  const text = `${line}\n`
  if (line.startsWith('+')) return <ins>{text}</ins>
  return line.startsWith('-') ? <del>{text}</del> : <span>{text}</span>
}
