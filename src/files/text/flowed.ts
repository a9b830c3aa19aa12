/** Text as `format=flowed` sends it (RFC 3676): lines that end in a blank go on in the next one, quoted lines too. */

/** Joins what was flowed; a quoted paragraph keeps one mark per depth. `delSp`: the blanks at the ends were added. */
export function unflow(text: string, delSp: boolean): string {
  const paragraphs: { depth: number; parts: string[] }[] = []
  let flows = false
  for (const line of text.split(/\r?\n/)) {
    const marks = /^>*/.exec(line)![0].length
    // A blank was put in front of what would look like a mark, or like the beginning of a mailbox.
    const content = line[marks] === ' ' ? line.slice(marks + 1) : line.slice(marks)
    const isSignature = content === '-- '
    const last = paragraphs.at(-1)
    if (flows && last?.depth === marks && !isSignature) last.parts.push(content)
    else paragraphs.push({ depth: marks, parts: [content] })
    flows = content.endsWith(' ') && !isSignature
    if (flows && delSp) paragraphs.at(-1)!.parts.push(paragraphs.at(-1)!.parts.pop()!.slice(0, -1))
  }
  return paragraphs.map(({ depth, parts }) => quoted(depth, parts.join(''))).join('\n')
}

function quoted(depth: number, text: string): string {
  const marks = '>'.repeat(depth)
  return depth === 0 || text === '' ? marks + text : `${marks} ${text}`
}
