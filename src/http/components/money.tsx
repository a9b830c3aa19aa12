/** What something cost. A call without a known price makes the sum unknown, and the page says so instead of guessing. */

export const Money = ({ usd }: { usd: number | null }) =>
  usd === null ? (
    <span class="money" title="A model without a known price took part.">
      cost unknown
    </span>
  ) : (
    <span class="money">{dollars(usd)}</span>
  )

/** "$0", "$0.0004", "$0.031", "$1.20". */
export function dollars(usd: number): string {
  if (usd === 0) return '$0'
  if (usd < 0.0001) return '<$0.0001'
  if (usd < 0.01) return `$${trim(usd.toFixed(4))}`
  return usd < 1 ? `$${trim(usd.toFixed(3))}` : `$${usd.toFixed(2)}`
}

/** At least two decimals stay. */
function trim(text: string): string {
  return text.replace(/(\.\d\d\d*?)0+$/, '$1')
}

/** "812", "9.2k", "1.3M": token counts. */
export function compact(n: number): string {
  if (n < 1000) return String(n)
  return n < 1_000_000 ? `${oneDecimal(n / 1000)}k` : `${oneDecimal(n / 1_000_000)}M`
}

function oneDecimal(n: number): string {
  return n < 100 ? n.toFixed(1).replace(/\.0$/, '') : String(Math.round(n))
}
