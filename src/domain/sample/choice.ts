/** How the demo model chooses among labels and enum values: by the words that the prompt shares with them. */
import { type Facts, stem, wordsOf } from './facts.ts'

/** The option whose words (or their kin) the prompt uses most; none used: the first. */
export const choose = <T extends string>(options: readonly T[], facts: Facts): T | undefined => {
  let best: T | undefined = options[0]
  let most = 0
  for (const option of options) {
    const score = overlap(option, facts)
    if (score > most) [best, most] = [option, score]
  }
  return best
}

/** How many words of the prompt are the option's own, or of its kin. */
const overlap = (option: string, facts: Facts): number => {
  const own = wordsOf(option)
    .filter(word => word.length > 1)
    .map(stem)
  const kin = own.flatMap(word => KIN.find(family => family.includes(word)) ?? [])
  return [...new Set([...own, ...kin])].reduce((sum, word) => sum + (facts.stems.get(word) ?? 0), 0)
}

// Words that mean a label without saying it, in the cases that teams try first.
const KIN = [
  ['billing', 'invoice', 'charge', 'payment', 'refund', 'paid', 'subscription', 'price', 'credit'],
  ['technical', 'bug', 'error', 'crash', 'broken', 'login', 'password', 'fails', 'slow', 'outage', 'incident'],
  ['sales', 'lead', 'quote', 'demo', 'pricing', 'trial', 'purchase', 'upgrade'],
  ['urgent', 'high', 'critical', 'asap', 'immediately', 'down', 'blocked', 'emergency'],
  ['negative', 'angry', 'unhappy', 'terrible', 'disappointed', 'frustrated', 'complaint'],
  ['positive', 'happy', 'thanks', 'great', 'love', 'excellent', 'pleased'],
  ['reject', 'decline', 'refuse', 'spam', 'fraud', 'unqualified'],
  ['legal', 'contract', 'liability', 'clause', 'terms', 'compliance'],
].map(family => family.map(stem))
