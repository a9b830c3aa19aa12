/** A task's status within somebody else's page: which sites may show it, and what it says. Pure. */

/** What a status says besides how the task stands. */
export const SHOWS = ['title', 'step', 'times'] as const
export type Shows = (typeof SHOWS)[number]

/** Sites that a team may name. */
export const MOST_ORIGINS = 20

const SITE = /^(https?):\/\/([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(:[0-9]{1,5})?\/?$/
/** Ports that browsers leave out. */
const USUAL: Record<string, string> = { http: ':80', https: ':443' }

/** A site's origin as browsers name it, of what somebody typed; null: it is none. Only one's own machine goes without TLS. */
export function originOf(text: string): string | null {
  const [, scheme = '', host = '', port = ''] = SITE.exec(text.trim().toLowerCase()) ?? []
  const isOwnMachine = host === 'localhost' || host === '127.0.0.1'
  if (host === '' || (scheme !== 'https' && !isOwnMachine)) return null
  return `${scheme}://${host}${port === USUAL[scheme] ? '' : port}`
}

/** The origins of a list, each once, in order; else what is wrong with it, in words. */
export function readOrigins(list: string[]): { origins: string[] } | { message: string } {
  const origins = new Set<string>()
  for (const text of list.filter(each => each.trim() !== '')) {
    const origin = originOf(text)
    if (origin === null) {
      return {
        message: `“${text.trim().slice(0, 100)}” is no site: write https:// and its name, such as https://intranet.example.com, without a path.`,
      }
    }
    origins.add(origin)
  }
  if (origins.size > MOST_ORIGINS) return { message: `Name ${MOST_ORIGINS} sites at most.` }
  return { origins: [...origins].sort() }
}

/** What a browser says of who wants a picture. Other programs say nothing. */
export interface Asking {
  /** `Sec-Fetch-Site`; absent: no browser of today. */
  site: string | undefined
  referrer: string | undefined
  origin: string | undefined
}

/** Whether a picture may be shown by who asks: one's own pages, an address that is opened by itself, and sites that are named. */
export function mayShow({ site, referrer, origin }: Asking, origins: readonly string[]): boolean {
  if (site === 'same-origin' || site === 'none') return true
  const from = origin ?? /^https?:\/\/[^/?#]+/.exec(referrer ?? '')?.[0]
  // A browser that keeps to itself which site it shows shows it nowhere.
  if (from === undefined) return site === undefined
  return origins.includes(from)
}

/** What a stored list of what is shown says. */
export function readShows(text: string): Shows[] {
  const words = text.split(' ')
  return SHOWS.filter(one => words.includes(one))
}
