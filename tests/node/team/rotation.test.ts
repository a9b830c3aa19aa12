/** `BATON_SECRET` is replaced while tasks wait: what was signed and sealed before goes on working, and what is new is by the new one alone. */
import { describe, expect, test } from 'vitest'
import { readLink, signLink } from '../../../src/approval/links.ts'
import type { Env } from '../../../src/env.ts'
import { newToken, readToken as readFormToken } from '../../../src/intake/form/token.ts'
import { newId, newTaskId } from '../../../src/records/ids.ts'
import { replyAddress, subjectOfToken } from '../../../src/team/mail/reply-address.ts'
import { readToken, signToken } from '../../../src/team/signed-token.ts'
import { seal, unseal } from '../../../src/team/vault.ts'
import { aPerson, ask, aWorld, env, session } from '../../support/doors.ts'

const FIRST = { ...env, BATON_MAIL_DOMAIN: 'mail.test' } as Env
const second = 'second-secret-0123456789abcdef-second-secret-0123456789abcdef-00'
/** As it is deployed: the new one, and the one before as long as anything may rest on it. */
const ROTATED = { ...FIRST, BATON_SECRET: second, BATON_SECRET_OLD: env.BATON_SECRET } as Env
/** And once that is taken away. */
const AFTER = { ...FIRST, BATON_SECRET: second, BATON_SECRET_OLD: '' } as Env

const [team, task] = [newId('team'), newTaskId()]
const claims = { team, task, visit: 1, run: 1, digest: 'd', recipient: 'ben@acme.test' }
const vault = { team, id: 'secret:shop' }
const localPart = (address: string | undefined) => address!.split('@')[0]!.split('+')[1]!

/** Makes one with this environment; whether it holds in another. */
const KINDS: [string, (by: Env) => Promise<(by: Env) => Promise<boolean>>][] = [
  [
    'a link to a question',
    async by => {
      const token = await signLink(by, claims, Date.now())
      return async later => (await readLink(later, token, Date.now())).ok
    },
  ],
  ...(['status-link', 'invitation', 'file-link', 'oidc-errand'] as const).map((purpose): (typeof KINDS)[number] => [
    `a ${purpose}`,
    async by => {
      const token = await signToken(by, purpose, { id: 'x' })
      return async later => (await readToken(later, purpose, token)) !== null
    },
  ]),
  [
    'an address for answers by mail',
    async by => {
      const token = localPart(await replyAddress(by, team, task))
      return async later => (await subjectOfToken(later, token)) !== null
    },
  ],
  [
    'the token of a form that is being filled in',
    async by => {
      const token = await newToken(by, 'int_x', Date.now() - 5000)
      return async later => (await readFormToken(later, 'int_x', token, Date.now())).ok
    },
  ],
  [
    'a secret of the team',
    async by => {
      const sealed = await seal(by, vault, 1, 'shop key')
      return async later => (await unseal(later, vault, sealed)) === 'shop key'
    },
  ],
]

describe.each(KINDS)('%s', (_, make) => {
  test('from before works on, and no longer once the earlier secret is taken away', async () => {
    const holds = await make(FIRST)
    expect([await holds(FIRST), await holds(ROTATED), await holds(AFTER)]).toEqual([true, true, false])
  })

  test('made since is by the new secret alone', async () => {
    const holds = await make(ROTATED)
    expect([await holds(ROTATED), await holds(AFTER), await holds(FIRST)]).toEqual([true, true, false])
  })
})

test('whoever is signed in stays so, and signs in by the new secret', async () => {
  const world = await aWorld(`rotating-${crypto.randomUUID().slice(0, 8)}`)
  const { email } = await aPerson(world.team, 'member')
  const cookie = await session(email)
  const open = (by: Env) => ask('GET', '/workflows', cookie, undefined, by)
  expect([(await open(ROTATED)).status, (await open(AFTER)).status]).toEqual([200, 303])
  const fresh = await session(email, {}, ROTATED)
  const [now, before] = [await ask('GET', '/workflows', fresh, undefined, AFTER), await ask('GET', '/workflows', fresh)]
  expect([now.status, before.status]).toEqual([200, 303])
})

test('keys of the team do not rest on it', async () => {
  const world = await aWorld(`keyed-${crypto.randomUUID().slice(0, 8)}`)
  expect((await ask('GET', '/api/v1/tasks', world.key, undefined, AFTER)).status).toBe(200)
})
