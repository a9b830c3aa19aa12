/** For people of several teams: every way that leads on from a page names its team, so that two tabs in two teams stay apart. Pure. */

/** The parameter of an address that names the team. */
export const TEAM = 'team'

/** What belongs to no team: files, and pages that are the same for everyone. */
const NO_TEAM = /^\/(?:css|js|vendor|a|f|s|in|join|api|sign-in|sign-out|outbox|favicon[^/]*|icons[^/]*)(?:[/?#.]|$)/
const WAYS = /\b(href|action|formaction|hx-get|hx-post)="(\/[^"]*)"/g
/** A form that is sent by GET replaces what stands in its address. */
const GET_FORM = /<form\b[^>]*\bmethod="get"[^>]*>/gi

/** The path with its team; one that names a team already, or belongs to none, as it is. */
export function inTeam(path: string, team: string, and = '&'): string {
  if (!path.startsWith('/') || path.startsWith('//') || NO_TEAM.test(path)) return path
  const [address = '', ...anchor] = path.split('#')
  if (new RegExp(`[?&;]${TEAM}=`).test(address)) return path
  const hash = anchor.length > 0 ? `#${anchor.join('#')}` : ''
  return `${address}${address.includes('?') ? and : '?'}${TEAM}=${team}${hash}`
}

/** The page with its team in every link and form. Text that looks like a link is untouched: its quotes are escaped. */
export function keepTeam(html: string, team: string): string {
  return html
    .replaceAll(WAYS, (_, name: string, path: string) => `${name}="${inTeam(path, team, '&amp;')}"`)
    .replaceAll(GET_FORM, form => `${form}<input type="hidden" name="${TEAM}" value="${team}">`)
}
