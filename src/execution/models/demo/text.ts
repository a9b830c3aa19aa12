/** The demo model's free text: a short draft that shows which facts of the prompt reached it. */
import { type Facts, shorten } from '../../../domain/sample/facts.ts'

/** A draft for a prompt, with its demo note at the end. */
export const draftOf = (facts: Facts): string => {
  const parts = [...revision(facts), ...body(facts), NOTE]
  return parts.join('\n\n')
}

const NOTE = '— Demo model: a placeholder made from the prompt; no real model was called.'

const revision = (facts: Facts): string[] =>
  facts.note ? [`[Revised after the reviewer said: “${shorten(facts.note, 300)}”]`] : []

const body = (facts: Facts): string[] => {
  const [task = 'Nothing was asked.', ...background] = facts.sentences
  const told = shorten(background.join(' '), 700)
  if (/\b(?:e-?mail|mail|letter|reply|message)\b/i.test(task)) return mail(facts, task, told)
  const heading = `Draft for: ${shorten(task, 200)}`
  return [heading, ...(told ? [told] : []), ...keyFacts(facts)]
}

const mail = (facts: Facts, task: string, told: string): string[] => [
  `Hello ${facts.names[0] ?? 'there'},`,
  `this is a draft for: ${shorten(task, 200)}`,
  ...(told ? [told] : []),
  ...keyFacts(facts),
  'Kind regards',
]

/** The facts found, one to a line; nothing where there were none. */
const keyFacts = (facts: Facts): string[] => {
  const lines = [
    ...[...facts.named].slice(0, 6).map(([name, value]) => `${name}: ${shorten(value, 120)}`),
    ...facts.amounts.slice(0, 3).map(amount => `amount: ${amount}`),
    ...facts.dates.slice(0, 3).map(date => `date: ${date}`),
    ...facts.emails.slice(0, 3).map(address => `e-mail: ${address}`),
  ]
  return lines.length > 0 ? [`Facts used:\n${lines.map(line => `- ${line}`).join('\n')}`] : []
}
