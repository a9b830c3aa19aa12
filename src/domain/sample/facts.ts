/** What the demo model reads out of a prompt: named values, addresses, amounts, dates, names, a reviewer's note. */
import { cut } from '../text/cut.ts'

export interface Facts {
  /** The prompt itself, without directives. */
  text: string
  /** How often it uses each word, by the word's stem. */
  stems: Map<string, number>
  /** Its sentences, in order, without the reviewer's note. */
  sentences: string[]
  /** Values that the prompt names: JSON fields and `name: value` lines, by lower-case name. */
  named: Map<string, string>
  emails: string[]
  links: string[]
  dates: string[]
  amounts: string[]
  /** Runs of capitalised words that look like the names of people, firms or things. */
  names: string[]
  /** What a reviewer said about the last try. */
  note: string | null
  /** A number that stands for this text: the only chance the demo model has. */
  seed: number
}

/** Reads a prompt's facts. The same text always gives the same facts. */
export const readFacts = (prompt: string): Facts => {
  const text = prompt.slice(0, READ_AT_MOST)
  const note = /(?:the )?reviewer said:\s*(.+)/i.exec(text)?.[1]?.trim() || null
  const told = text.replace(/(?:the )?reviewer said:.*/i, '')
  return {
    text,
    stems: countStems(text),
    sentences: sentencesOf(told),
    named: namedValues(told),
    emails: unique(told, /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}/g),
    links: unique(told, /https?:\/\/[^\s"'<>)\]}]+/g),
    dates: unique(told, /\b\d{4}-\d{2}-\d{2}\b/g),
    amounts: unique(told, /(?:[$€£]\s?\d[\d,.]{0,20}\d|\b\d[\d,.]{0,20}\s?(?:USD|EUR|GBP|euros?|dollars?)\b)/g),
    names: namesIn(told),
    note,
    seed: hash(prompt),
  }
}

/** FNV-1a: a number from a text, spread well enough to vary demo answers. */
export const hash = (text: string): number => {
  let value = 0x811c9dc5
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193)
  return value >>> 0
}

/** The words of a text in lower case, `camelCase` and `snake_case` taken apart. */
export const wordsOf = (text: string): string[] =>
  text
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .match(/\p{L}+|\d+/gu) ?? []

/** What a word shares with its kin: `billed` and `billing`, `refund` and `refunds`. Short words are their own stem. */
export const stem = (word: string): string => {
  if (word.length < 4) return word
  const bare = word.replace(/(?:ings?|ed|es|s|er|ly|ment)$/, '')
  return (bare.length >= 3 ? bare : word).replace(/e$/, '')
}

/** Cuts at a word's end, with an ellipsis, to at most so many characters. */
export const shorten = (text: string, length: number): string => {
  if (text.length <= length) return text
  const begun = cut(text, Math.max(0, length - 1))
  return `${begun.slice(0, begun.lastIndexOf(' ') > length / 2 ? begun.lastIndexOf(' ') : begun.length).trimEnd()}…`
}

// A prompt may be 256 KiB; a demo answer needs no more than its beginning. Every repeat in a pattern that could meet
// itself again is bounded, too: prompts hold text from outside.
const READ_AT_MOST = 20_000
// Words that begin sentences and instructions rather than names.
const OPENERS =
  /^(?:A|An|And|Answer|As|Ask|At|Background|Be|Book|But|By|Check|Choose|Classify|Company|Customer|Decide|Describe|Do|Draft|Extract|Find|For|From|Give|Greet|Here|I|If|In|Input|Instructions|Is|It|List|Look|Make|Message|My|New|No|Note|Of|On|Or|Our|Outline|Please|Qualify|Rate|Read|Reply|Research|Review|Say|Send|So|Sort|Subject|Suggest|Sum|Summari[sz]e|Task|Tell|Text|That|The|Then|There|These|They|This|To|Translate|Update|Use|We|What|When|Which|Who|Why|With|Write|Yes|You|Your)$/

const countStems = (text: string): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const word of wordsOf(text)) counts.set(stem(word), (counts.get(stem(word)) ?? 0) + 1)
  return counts
}

const sentencesOf = (text: string): string[] =>
  text
    .split(/(?<=[.!?])\s+|\n+/)
    .map(sentence => sentence.trim())
    .filter(Boolean)

const namedValues = (text: string): Map<string, string> => {
  const named = new Map<string, string>()
  const keep = (name: string, value: string) => {
    const key = wordsOf(name).join(' ')
    if (key && value.trim() && !named.has(key)) named.set(key, value.trim())
  }
  for (const [, name = '', quoted, bare] of text.matchAll(
    /"([\w -]{1,60})"\s*:\s*(?:"([^"\n]*)"|(-?[\d.]+|true|false))/g,
  ))
    keep(name, quoted ?? bare ?? '')
  for (const [, name = '', value = ''] of text.matchAll(
    /(?:^|\n|[.;] )[-*]?[ \t]*([A-Za-z][\w -]{0,40}):[ \t]+([^\n{[]+)/g,
  ))
    keep(name, value.replace(/(?<=\w)\.(?:\s.*)?$/, ''))
  return named
}

const namesIn = (text: string): string[] => {
  const runs = unique(text, /\b[A-Z][\w&-]+(?: [A-Z][\w&-]+)*/g)
  const named = runs.map(run =>
    run
      .split(' ')
      .slice(run.split(' ').findIndex(word => !OPENERS.test(word)))
      .join(' '),
  )
  return [...new Set(named.filter(name => !OPENERS.test(name.split(' ')[0] ?? '')))]
}

const unique = (text: string, pattern: RegExp): string[] =>
  [...new Set(text.match(pattern) ?? [])].map(found => found.replace(/[.,;:]$/, '')).slice(0, 10)
