/**
 * Which addresses Baton calls: https on port 443, by a public name. In local mode http, any port and loopback are allowed
 * besides, and nothing else that is private.
 */
import { parseAddress } from '../web.ts'

type AddressRefusal = { code: 'host_not_allowed'; message: string }
export type Address = { ok: true; host: string } | { ok: false; refusal: AddressRefusal }

/** Names that resolve inside a machine or a company, or to any address that the name itself spells out. */
const PRIVATE_ENDINGS = [
  'localhost',
  'local',
  'localdomain',
  'internal',
  'intranet',
  'private',
  'corp',
  'home',
  'lan',
  'home.arpa',
  'in-addr.arpa',
  'ip6.arpa',
  'test',
  'invalid',
  'onion',
  'nip.io',
  'sslip.io',
  'xip.io',
  'localtest.me',
  'lvh.me',
  'vcap.me',
  'lacolhost.com',
]
const LOOPBACK = ['localhost', '127.0.0.1']

/** Whether Baton may call this address, read as browsers do; `local`: in local mode. */
export function readAddress(text: string, local: boolean): Address {
  const url = parseAddress(text)
  if (url === null) return refuse('It is not a web address.')
  if (url.username !== '' || url.password !== '')
    return refuse('It holds a name or password: use a secret in a header.')
  const host = url.hostname
  if (local && LOOPBACK.includes(host) && ['http:', 'https:'].includes(url.protocol)) return { ok: true, host }
  if (url.protocol !== 'https:' && !(local && url.protocol === 'http:')) return refuse('It must begin with https://.')
  // The port that belongs to the scheme is not kept by the parser.
  if (url.port !== '' && !local) return refuse(`Port ${url.port} is not called: only the usual one, 443, is.`)
  if (isLiteral(host)) return refuse('It is a number, not a name: services are called by their names.')
  if (isPrivateName(host)) return refuse(`“${host}” is a private name, which cannot be called from here.`)
  return { ok: true, host }

  function refuse(why: string): Address {
    return {
      ok: false,
      refusal: { code: 'host_not_allowed', message: `The address ${shown(text)} cannot be called. ${why}` },
    }
  }
}

/** Whether this is the name of a host that may be called, as lists of hosts hold it: in lower case, without scheme and port. */
export function isHostName(text: string, local: boolean): boolean {
  if (!/^[a-z0-9.-]+$/.test(text)) return false
  const address = readAddress(`https://${text}/`, local)
  return address.ok && address.host === text
}

/** Without what may be secret in it: scheme, host and path. */
function shown(text: string): string {
  const url = parseAddress(text)
  if (url === null) return `“${text.slice(0, 100)}”`
  const { protocol, host, pathname } = url
  return `${protocol}//${host}${pathname}`.slice(0, 200)
}

/** The parser turns every spelling of an IPv4 address into four numbers; IPv6 keeps its brackets. */
function isLiteral(host: string): boolean {
  return host.startsWith('[') || /^[\d.]+$/.test(host)
}

/** One trailing dot means the same name; a name without any dot is only known inside. */
function isPrivateName(host: string): boolean {
  const name = host.replace(/\.+$/, '').toLowerCase()
  if (!name.includes('.') || host.endsWith('.')) return true
  return PRIVATE_ENDINGS.some(ending => name === ending || name.endsWith(`.${ending}`))
}

/** The host that an address template is bound to, in lower case without its port; null: a template makes it. */
export function literalHost(template: string): string | null {
  const match = /^https?:\/\/([^/?#{}\s@]+)(?:[/?#]|$)/i.exec(template)
  return match === null ? null : (parseAddress(`https://${match[1]}`)?.hostname ?? null)
}
