/** What models and their servers write around an answer without meaning it: a block of thinking in front, marks at the end. */

export interface Bare {
  text: string
  /** Whether a block of thinking was taken off. */
  thought: boolean
}

/**
 * The answer without the thinking in front of it. Only marks that a model's own template writes count; a tag that a
 * prompt may have asked for (`<thinking>`, `<reasoning>`) is part of the answer.
 */
export const withoutThinking = (answer: string): Bare => {
  const text = withoutEndMarks(answer.trim())
  const final = text.lastIndexOf(FINAL_CHANNEL)
  // gpt-oss, where its server leaves the channels in the text: what counts is in the last final one.
  if (final >= 0 && text.startsWith('<|'))
    return { text: text.slice(final + FINAL_CHANNEL.length).trim(), thought: true }
  return withoutBlocks(text) ?? withoutUnopened(text) ?? { text, thought: false }
}

const FINAL_CHANNEL = '<|channel|>final<|message|>'
const BLOCKS: [string, string][] = [
  ['<think>', '</think>'],
  ['[THINK]', '[/THINK]'],
  ['<seed:think>', '</seed:think>'],
  ['◁think▷', '◁/think▷'],
]

/** Blocks at the very front. One that does not end holds everything, so no answer is left. */
const withoutBlocks = (answer: string): Bare | null => {
  let text = answer
  for (let n = 0; ; n++) {
    const block = n < MOST ? BLOCKS.find(([open]) => text.startsWith(open)) : undefined
    if (!block) return text === answer ? null : { text, thought: true }
    const end = text.indexOf(block[1], block[0].length)
    text = end < 0 ? '' : text.slice(end + block[1].length).trimStart()
  }
}

/** Templates that open the block in the prompt: the answer has its end alone, once, on a line of its own. */
const withoutUnopened = (text: string): Bare | null => {
  const [, close] = BLOCKS[0]!
  const at = text.indexOf(close)
  if (at < 0 || text.indexOf(close, at + 1) >= 0 || text.includes(BLOCKS[0]![0])) return null
  const after = text.slice(at + close.length)
  const alone = (at === 0 || text[at - 1] === '\n') && (after === '' || /^[ \t]*\r?\n/.test(after))
  return alone ? { text: after.trim(), thought: true } : null
}

// More of them are no accident; and each costs a look at the text.
const MOST = 8
const LONGEST_MARK = 20
const END_MARK = /<\|(?:im_end|eot_id|end|return|endoftext|end_of_text)\|>$/

const withoutEndMarks = (answer: string): string => {
  let text = answer
  for (let n = 0; n < MOST; n++) {
    const [mark] = END_MARK.exec(text.slice(-LONGEST_MARK)) ?? []
    if (mark === undefined) break
    text = text.slice(0, -mark.length).trimEnd()
  }
  return text
}
