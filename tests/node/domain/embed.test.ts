/** Which sites a team may name, and which may show a picture of it. */
import { expect, test } from 'vitest'
import { mayShow, originOf, readOrigins, readShows } from '../../../src/domain/embed.ts'

test.each([
  ['https://Intranet.example.com', 'https://intranet.example.com'],
  ['https://intranet.example.com/', 'https://intranet.example.com'],
  ['https://intranet.example.com:8443', 'https://intranet.example.com:8443'],
  ['https://intranet.example.com:443', 'https://intranet.example.com'],
  ['https://bücher.example', null],
  ['http://localhost:3000', 'http://localhost:3000'],
  ['http://intranet.example.com', null],
  ['https://intranet.example.com/home', null],
  ['https://*.example.com', null],
  ['https://a.com https://b.com', null],
  ["https://a.com;script-src 'unsafe-inline'", null],
  ['https://user@a.com', null],
  ['https://', null],
  ['*', null],
  ['null', null],
  ['intranet.example.com', null],
  ['javascript:alert(1)', null],
])('%s is named as %s', (text, origin) => {
  expect(originOf(text)).toBe(origin)
})

test('a list has each site once, in order, and twenty at most', () => {
  expect(readOrigins(['https://b.com', '', 'https://a.com/', 'https://b.com/'])).toEqual({
    origins: ['https://a.com', 'https://b.com'],
  })
  expect(readOrigins(['https://b.com', 'b.com'])).toMatchObject({
    message: expect.stringContaining('“b.com” is no site'),
  })
  const many = Array.from({ length: 21 }, (_, n) => `https://a${n}.com`)
  expect(readOrigins(many)).toMatchObject({ message: expect.stringContaining('20') })
})

const SITE = 'https://a.com'
test.each([
  ['a program', {}, true],
  ['an address that is opened by itself', { site: 'none' }, true],
  ['our own page', { site: 'same-origin', referrer: 'https://baton.test/' }, true],
  ['the site', { site: 'cross-site', referrer: `${SITE}/x` }, true],
  ['the site by its origin', { site: 'cross-site', origin: SITE }, true],
  ['another site', { site: 'cross-site', referrer: 'https://b.com/' }, false],
  ['one that is called alike', { site: 'cross-site', referrer: 'https://a.com.b.com/' }, false],
  ['a site that hides', { site: 'cross-site' }, false],
  ['a neighbour', { site: 'same-site', referrer: 'https://www.a.com/' }, false],
  ['an origin that is none', { site: 'cross-site', origin: 'null', referrer: `${SITE}/` }, false],
  ['a broken referrer', { site: 'cross-site', referrer: 'about:client' }, false],
])('%s', (_, { site, referrer, origin }: { site?: string; referrer?: string; origin?: string }, shown) => {
  expect(mayShow({ site, referrer, origin }, [SITE])).toBe(shown)
})

test('of what is stored only what is known is shown', () => {
  expect(readShows('times inputs title')).toEqual(['title', 'times'])
  expect(readShows('')).toEqual([])
})
