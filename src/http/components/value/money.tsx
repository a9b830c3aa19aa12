/** What something cost. A call without a known price makes the sum unknown, and the page says so instead of guessing. */

import { dollars } from '../../../domain/money.ts'

export const Money = ({ usd }: { usd: number | null }) =>
  usd === null ? (
    <span class="money" title="A model without a known price took part.">
      cost unknown
    </span>
  ) : (
    <span class="money">{dollars(usd)}</span>
  )

/** "812", "9.2k", "1.3M": token counts. */
export function compact(n: number): string {
  if (n < 1000) return String(n)
  return n < 1_000_000 ? `${oneDecimal(n / 1000)}k` : `${oneDecimal(n / 1_000_000)}M`
}

function oneDecimal(n: number): string {
  return n < 100 ? n.toFixed(1).replace(/\.0$/, '') : String(Math.round(n))
}
