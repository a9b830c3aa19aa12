/** `@ana` in a text: which members of a team it means. */

interface Member {
  email: string
  name: string
}

/** A name after `@`, where a word may begin. An address's own @ has letters before it. */
const MENTION = /(?:^|[\s(,;:])@([\p{L}\p{N}][\p{L}\p{N}._+-]{0,63}(?:@[a-z0-9.-]{1,190})?)/giu

/**
 * The addresses of those whom the text names, each once: by address (`@ana@acme.test`), by what stands before its @, or by a
 * first name, where only one member is called so. What nobody is called so by stays text.
 */
export function mentionsIn(text: string, members: readonly Member[]): string[] {
  const found = new Set<string>()
  for (const [, written = ''] of text.matchAll(MENTION)) {
    // A full stop ends the sentence, not the name.
    const named = written.toLowerCase().replace(/[.-]+$/, '')
    const email = meant(named, members)
    if (email !== null) found.add(email)
  }
  return [...found]
}

function meant(named: string, members: readonly Member[]): string | null {
  const by = [
    (email: string) => email === named,
    (email: string) => email.split('@')[0] === named,
    (_email: string, name: string) => name.split(' ')[0] === named,
  ]
  for (const is of by) {
    const those = members.filter(({ email, name }) => is(email.toLowerCase(), name.toLowerCase()))
    if (those.length === 1) return those[0]!.email.toLowerCase()
    if (those.length > 1) return null
  }
  return null
}
