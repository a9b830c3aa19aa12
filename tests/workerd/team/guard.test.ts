/** What stands before every page: a change must come from a page of ours, and every answer carries the headers that keep it to itself. */
import { beforeAll, describe, expect, test } from 'vitest'
import { app } from '../../../src/app/app.ts'
import { PAGES } from '../../support/pages.ts'
import { aTeam, env, fetchApi } from '../api/client.ts'
import { Browser, COOKIE, ORIGIN } from './browser.ts'

let browser: Browser

beforeAll(async () => {
  browser = new Browser()
  await browser.signIn((await aTeam()).owner)
})

const keys = async () => (await env.DB.prepare('SELECT count(*) AS n FROM keys').first<{ n: number }>())!.n

test('every address that a browser can ask for is looked at by the browser tests, or has a reason why not', () => {
  const routes = app.routes.filter(({ method, path }) => method === 'GET' && !path.startsWith('/api/'))
  expect(Object.keys(PAGES).toSorted()).toEqual([...new Set(routes.map(({ path }) => path))].toSorted())
})

describe('a change that no page of ours asked for is refused, with a valid session,', () => {
  const senders: [name: string, headers: Record<string, string>][] = [
    ['another site', { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.test' }],
    ['another site that a browser calls ours by its origin', { 'Sec-Fetch-Site': 'cross-site', Origin: ORIGIN }],
    ['a sibling domain', { 'Sec-Fetch-Site': 'same-site', Origin: 'https://other.baton.test' }],
    ['the address bar', { 'Sec-Fetch-Site': 'none' }],
    ['an opaque origin', { Origin: 'null' }],
    ['another origin in a browser without Sec-Fetch-Site', { Origin: 'https://evil.test' }],
    ['our name on another port', { Origin: `${ORIGIN}:8443` }],
    ['our name without encryption', { Origin: 'http://baton.test.evil.test' }],
    ['nobody who says so', {}],
  ]
  const bodies: [name: string, headers: Record<string, string>, body: string | undefined][] = [
    ['a form', { 'Content-Type': 'application/x-www-form-urlencoded' }, 'name=stolen&scope=admin&lifetime=never'],
    ['JSON', { 'Content-Type': 'application/json' }, '{"name":"stolen"}'],
    ['text/plain', { 'Content-Type': 'text/plain' }, 'name=stolen'],
    ['no content type', {}, undefined],
  ]
  test.each(senders.flatMap(sender => bodies.map(body => [sender, body] as const)))('%j %j', async (sender, body) => {
    const before = await keys()
    const headers = { ...sender[1], ...body[1] }
    const seen = await browser.open('/settings/keys', { method: 'POST', headers, body: body[2] })
    expect(seen.status).toBe(403)
    expect(seen.text).toContain('This did not come from a page of Baton')
    expect(await keys()).toBe(before)
    expect((await browser.open('/sign-out', { method: 'POST', headers, body: body[2] })).status).toBe(403)
    expect(browser.cookies.has(COOKIE)).toBe(true)
  })

  test.each(['PUT', 'PATCH', 'DELETE'])('by %s as by POST', async method => {
    expect((await browser.open('/settings/keys', { method, headers: { Origin: 'https://evil.test' } })).status).toBe(
      403,
    )
  })
})

test('a change from a page of ours is carried out, in old browsers and new', async () => {
  const fields = { name: 'One', scope: 'tasks:read', lifetime: 'never' }
  const body = () => new URLSearchParams(fields)
  const origins: Record<string, string>[] = [
    { 'Sec-Fetch-Site': 'same-origin' },
    { Origin: ORIGIN },
    { 'Sec-Fetch-Site': 'same-origin', Origin: 'null' },
  ]
  for (const headers of origins) {
    const before = await keys()
    expect((await browser.open('/settings/keys', { method: 'POST', headers, body: body() })).status).toBe(200)
    expect(await keys()).toBe(before + 1)
  }
})

test('programs with a key need no page, and get no page', async () => {
  const answer = await fetchApi('/api/v1/workflows', { method: 'POST', headers: { Origin: 'https://evil.test' } })
  expect([answer.status, answer.body.error.code]).toEqual([401, 'key_missing'])
  const unknown = await fetchApi('/in/int_unknown', { method: 'POST', body: '{}' })
  expect(unknown.headers.get('Content-Type')).toContain('json')
})

test('every page carries the same headers', async () => {
  const pages = ['/sign-in', '/settings/keys', '/settings/people', '/outbox', '/nowhere', '/sign-in/link?token=x']
  for (const path of pages) {
    const { headers, text } = await browser.open(path)
    const shown = Object.fromEntries(
      [...headers].filter(([name]) => !/^(set-cookie|x-request-id|content-length|location)$/.test(name)),
    )
    expect(shown, path).toEqual({
      'cache-control': 'no-store',
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      'cross-origin-opener-policy': 'same-origin',
      ...(text === '' ? {} : { 'content-type': 'text/html; charset=UTF-8' }),
      'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
      'referrer-policy': 'same-origin',
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
      ...(text === '' ? {} : { vary: 'HX-Request-Type' }),
      'x-content-type-options': 'nosniff',
    })
    expect(headers.get('X-Request-Id')).toMatch(/^[0-9a-f-]{36}$/)
  }
})

test('no page holds a script, a style or a handler of its own', async () => {
  for (const path of ['/settings/keys', '/settings/people', '/outbox', '/nowhere']) {
    const { text } = await browser.open(path)
    expect(text).toMatch(/^<!doctype html><html lang="en">/)
    expect(text).not.toMatch(/<script(?![^>]*\ssrc="\/)|<style|\sstyle=|\son[a-z]+=|hx-on|javascript:/i)
    expect(text).not.toMatch(/(?:src|href)="(?:https?:)?\/\//)
  }
})

test('a page that is not there says what to do, and names the request', async () => {
  const { status, text, headers } = await browser.open('/nowhere')
  expect(status).toBe(404)
  expect(text).toContain('Nothing is here')
  expect(text).toContain('action="/workflows"')
  expect(text).toContain(headers.get('X-Request-Id')!)
  const part = await browser.open('/nowhere', { headers: { 'HX-Request': 'true', 'HX-Request-Type': 'partial' } })
  expect(part.status).toBe(404)
  expect(part.text).not.toContain('<html')
})
