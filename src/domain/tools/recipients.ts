/** Who a mail of a task may go to. */
import type { Json } from '../json/json.ts'

const ADDRESS = /[^\s@<>()[\]",;:\\]+@[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\.[a-z]{2,63}/gi

/** The addresses in a text, in lower case, each once. */
export function addressesIn(text: string): string[] {
  return [...new Set([...text.matchAll(ADDRESS)].map(match => match[0].toLowerCase()))]
}

/**
 * Whether the address belongs to somebody who has to do with the task: the author of the step wrote it, it occurs in the
 * input, or it is one of these people's.
 */
export function mayReceive(
  address: string,
  { written, input, people }: { written: string; input: Json; people: string[] },
): boolean {
  const wanted = address.toLowerCase()
  if (people.some(person => person.toLowerCase() === wanted)) return true
  return [written, JSON.stringify(input)].some(text => addressesIn(text.replace(/\\[nrt"]/g, ' ')).includes(wanted))
}
