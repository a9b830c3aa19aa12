/** Which addresses are called, over every spelling of a private one that we know of. */
import { expect, test } from 'vitest'
import { literalHost, readAddress } from '../../../../src/domain/call/address.ts'

const REFUSED = [
  // not https, not 443, not only an address
  ...[
    'http://api.example.com/',
    'ftp://api.example.com/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'data:,x',
    'gopher://a.example/',
  ],
  ...[
    'https://api.example.com:8443/',
    'https://api.example.com:80/',
    'https://user@api.example.com/',
    'https://u:p@api.example.com/',
  ],
  ...['', 'api.example.com', '//api.example.com/', 'https://', 'https:///x', 'ws://api.example.com/'],
  // IPv4 in every spelling
  ...[
    'https://127.0.0.1/',
    'https://127.1/',
    'https://0x7f.0.0.1/',
    'https://0x7f000001/',
    'https://2130706433/',
    'https://017700000001/',
  ],
  ...[
    'https://0/',
    'https://0.0.0.0/',
    'https://10.0.0.1/',
    'https://172.16.0.1/',
    'https://192.168.1.1/',
    'https://169.254.169.254/latest/meta-data/',
  ],
  ...['https://100.64.0.1/', 'https://8.8.8.8/', 'https://①②⑦.⓪.⓪.①/', 'https://127。0。0。1/', 'https://127.0.0.1./'],
  // IPv6
  ...[
    'https://[::1]/',
    'https://[::]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://[fe80::1]/',
  ],
  ...['https://[fd00::1]/', 'https://[2001:db8::1]/'],
  // private names
  ...[
    'https://localhost/',
    'https://LOCALHOST/',
    'https://localhost./',
    'https://a.localhost/',
    'https://foo.local/',
    'https://foo.internal/',
  ],
  ...[
    'https://metadata.google.internal/',
    'https://intranet/',
    'https://db/',
    'https://router.lan/',
    'https://printer.home.arpa/',
    'https://x.corp/',
  ],
  ...[
    'https://1.0.0.127.in-addr.arpa/',
    'https://127.0.0.1.nip.io/',
    'https://10-0-0-1.sslip.io/',
    'https://a.localtest.me/',
    'https://lvh.me/',
    'https://api.example.com./',
  ],
  ...['https://x.onion/', 'https://a.test/', 'https://a.invalid/'],
]

test.each(REFUSED)('%j is not called', address => {
  expect(readAddress(address, false)).toMatchObject({ ok: false, refusal: { code: 'host_not_allowed' } })
})

test.each(
  REFUSED.filter(
    each => !/^https?:\/\/(?:localhost|127\.|0x7f|2130706433|017700000001|①|127。|LOCALHOST)/.test(each),
  ).filter(each => !/^https?:\/\/api\.example\.com(?::\d+)?\/$/.test(each)),
)('%j is not called in local mode either', address => {
  expect(readAddress(address, true).ok).toBe(false)
})

test.each([
  'https://api.example.com/',
  'https://api.example.com:443/x?y',
  'https://xn--bcher-kva.example/',
  'https://a.b.c.example.co.uk/',
  'https://localhost.example.com/',
  'https://internal.example.com/',
])('%s is called', address => {
  expect(readAddress(address, false)).toMatchObject({ ok: true })
})

test.each([
  'http://localhost:9000/x',
  'http://127.0.0.1:1234/',
  'https://localhost/',
  'http://api.example.com/',
  'https://api.example.com:8443/',
])('%s is called in local mode', address => {
  expect(readAddress(address, true)).toMatchObject({ ok: true })
})

test.each([
  ['https://api.example.com/{{ input.x }}', 'api.example.com'],
  ['https://API.example.com', 'api.example.com'],
  ['https://api.example.com?x={{ input.x }}', 'api.example.com'],
  ['http://localhost:9000/{{ x }}', 'localhost'],
  ['https://{{ input.host }}/x', null],
  ['https://api.{{ input.host }}/x', null],
  ['https://api.example.com{{ input.x }}', null],
  ['https://api.example.com:{{ input.port }}/', null],
  ['https://api.example.com@evil.example/', null],
  ['{{ input.url }}', null],
])('the host of %s is %s', (template, host) => {
  expect(literalHost(template)).toBe(host)
})
