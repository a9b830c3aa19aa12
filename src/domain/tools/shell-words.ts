/** A line of a shell as its words, quotes and line continuations read as a POSIX shell does; nothing is carried out. */

export type Words = { ok: true; words: string[] } | { ok: false; message: string }

const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r', '\\': '\\', "'": "'", '"': '"', '0': '' }

/** The words of the line, up to a pipe or another command. */
export function shellWords(line: string): Words {
  const words: string[] = []
  let word: string | null = null
  for (let at = 0; at < line.length; at++) {
    const char = line[at]!
    if (char === '\\' || (char === '^' && /^\^\r?\n/.test(line.slice(at, at + 3)))) {
      const next = line[at + 1] ?? ''
      const isBreak = next === '\n' || next === '\r'
      if (isBreak) at += line.slice(at + 1, at + 3) === '\r\n' ? 2 : 1
      else {
        word = (word ?? '') + next
        at++
      }
    } else if (char === "'" || (char === '$' && line[at + 1] === "'")) {
      const isAnsi = char === '$'
      const quoted = singleQuoted(line, at + (isAnsi ? 2 : 1), isAnsi)
      if (quoted === null) return { ok: false, message: 'A single quote is not closed.' }
      word = (word ?? '') + quoted.text
      at = quoted.end
    } else if (char === '"') {
      const quoted = doubleQuoted(line, at + 1)
      if (quoted === null) return { ok: false, message: 'A double quote is not closed.' }
      word = (word ?? '') + quoted.text
      at = quoted.end
    } else if (/\s/.test(char)) {
      if (word !== null) words.push(word)
      word = null
    } else if (
      char === '|' ||
      char === ';' ||
      char === '>' ||
      (char === '&' && /^(?:&|\s|$)/.test(line[at + 1] ?? ''))
    ) {
      break
    } else word = (word ?? '') + char
  }
  if (word !== null) words.push(word)
  return { ok: true, words }
}

interface Quoted {
  text: string
  /** Where the closing quote stands. */
  end: number
}

function singleQuoted(line: string, from: number, isAnsi: boolean): Quoted | null {
  let text = ''
  for (let at = from; at < line.length; at++) {
    const char = line[at]!
    if (char === "'") return { text, end: at }
    if (!isAnsi || char !== '\\') {
      text += char
      continue
    }
    const code = /^(?:u([0-9a-f]{1,4})|x([0-9a-f]{1,2}))/i.exec(line.slice(at + 1, at + 6))
    if (code) {
      text += String.fromCharCode(Number.parseInt(code[1] ?? code[2]!, 16))
      at += code[0].length
    } else {
      const next = line[at + 1] ?? ''
      text += ESCAPES[next] ?? `\\${next}`
      at++
    }
  }
  return null
}

function doubleQuoted(line: string, from: number): Quoted | null {
  let text = ''
  for (let at = from; at < line.length; at++) {
    const char = line[at]!
    if (char === '"') return { text, end: at }
    const next = line[at + 1] ?? ''
    if (char === '\\' && '"\\$`\n'.includes(next)) {
      if (next !== '\n') text += next
      at++
    } else text += char
  }
  return null
}
