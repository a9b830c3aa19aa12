/** `npm run owner`: how the first person of a deployed Baton comes in, before anybody can invite anybody. */
import { expect, test } from 'vitest'
import { ownerSql } from '../../../scripts/lib/owner.mjs'
import { env } from '../api/client.ts'
import { Browser } from './browser.ts'

async function made(email: string, team: string): Promise<string> {
  const { sql, token } = ownerSql({ email, team })
  await env.DB.batch(
    sql
      .split(';\n')
      .filter(Boolean)
      .map(statement => env.DB.prepare(statement)),
  )
  return token
}

test('makes a team with its owner, whose link signs in once', async () => {
  const token = await made('Zoë.O@first.test', "O'Neill & Sons")
  const browser = new Browser()
  const shown = await browser.open(`/sign-in/link?token=${token}`)
  expect(shown.text).toContain('zoë.o@first.test')
  const entered = await browser.send('/sign-in/link', { token })
  expect(entered.status).toBe(303)
  const people = await browser.open('/settings/people')
  expect(people.text).toContain('O&#39;Neill &amp; Sons')
  expect(people.text).toContain('Invite')
  expect((await new Browser().send('/sign-in/link', { token })).status).toBe(410)
})

test('again, for the same team, is another link and no second team', async () => {
  await made('ann@again.test', 'Again')
  const token = await made('ann@again.test', 'Again')
  const browser = new Browser()
  expect((await browser.send('/sign-in/link', { token })).status).toBe(303)
  const { results } = await env.DB.prepare("SELECT id FROM organization WHERE name = 'Again'").all()
  expect(results).toHaveLength(1)
})

test('refuses what is no address, or no name', () => {
  for (const email of ['', 'ann', "a'b@x.test", 'a b@x.test'])
    expect(() => ownerSql({ email, team: 'T' })).toThrow('no mail address')
  expect(() => ownerSql({ email: 'a@b.test', team: ' ' })).toThrow('needs a name')
})
