/** `/settings/keys`: the team's keys, made, rolled and revoked. */
import { type Context, Hono } from 'hono'
import { personActor, SCOPES, type Scope } from '../../domain/caller.ts'
import { may } from '../../domain/permissions.ts'
import { Tag } from '../../http/components/badge.tsx'
import { Button, Copyable } from '../../http/components/button.tsx'
import { Popover } from '../../http/components/dialog.tsx'
import { EmptyState, ErrorNotice, Notice } from '../../http/components/feedback.tsx'
import { Check, Select, TextField } from '../../http/components/field.tsx'
import { TypedName } from '../../http/components/kept-thing.tsx'
import { NextPage } from '../../http/components/pagination.tsx'
import { HeadWithActions } from '../../http/components/table.tsx'
import { Time } from '../../http/components/value/time.tsx'
import { errorPage, goTo, type PageEnv, page } from '../../http/page/page.tsx'
import { readCursor } from '../../records/cursor.ts'
import { type KeyRow, keyById, listKeys, makeKey, revokeKey, rollKey } from '../../records/people/keys.ts'
import { Settings } from '../settings-frame.tsx'
import { keyStatus, newKeyRow, successorOf } from './key-rows.ts'
import { ROLL_OVERLAP_MS } from './keys.ts'

export const keyPages = new Hono<PageEnv>()

type SettingsContext = Context<PageEnv>

const DAY_MS = 24 * 3_600_000
const LIFETIMES = [
  { value: 'never', label: 'Never' },
  { value: '30', label: 'In 30 days' },
  { value: '90', label: 'In 90 days' },
  { value: '365', label: 'In a year' },
]

keyPages.get('/settings/keys', c => keysPage(c))

keyPages.post('/settings/keys', async c => {
  const form = await c.req.formData()
  const name = String(form.get('name') ?? '').trim()
  const scopes = SCOPES.filter(scope => form.getAll('scope').includes(scope))
  const lifetime = LIFETIMES.find(one => one.value === form.get('lifetime'))
  const errors: KeyFormErrors = {}
  if (name === '' || name.length > 120) errors.name = 'Give it a name of 1 to 120 characters.'
  if (scopes.length === 0) errors.scope = 'Choose at least one thing that the key may do.'
  if (!lifetime || errors.name || errors.scope) return keysPage(c, { form: { name, scopes, errors } }, 422)
  const now = Date.now()
  const expiresAt = lifetime.value === 'never' ? null : now + Number(lifetime.value) * DAY_MS
  const made = await newKeyRow(byOf(c), { name, scopes: scopes.join(' '), expiresAt }, now)
  await makeKey(c.env.DB, made.row, personActor(c.get('person')))
  return keysPage(c, { made: { name, token: made.token } })
})

keyPages.post('/settings/keys/:id/roll', async c => {
  const old = await keyById(c.env.DB, c.get('person').team.id, c.req.param('id'))
  if (!old) return errorPage(c, 404)
  const now = Date.now()
  if (keyStatus(old, now) !== 'active') {
    return errorPage(c, 409, {
      title: `This key is ${keyStatus(old, now)}`,
      next: 'There is nothing to roll; make a new key.',
    })
  }
  const made = await newKeyRow(byOf(c), successorOf(old, now), now)
  if (!(await rollKey(c.env.DB, old, made.row, now + ROLL_OVERLAP_MS, personActor(c.get('person'))))) {
    const next = 'Use its successor, or make a new key.'
    return errorPage(c, 409, { title: 'This key was rolled before, or revoked meanwhile', next })
  }
  return keysPage(c, { made: { name: old.name, token: made.token, rolled: true } })
})

keyPages.post('/settings/keys/:id/revoke', async c => {
  const team = c.get('person').team.id
  const row = await keyById(c.env.DB, team, c.req.param('id'))
  if (!row) return errorPage(c, 404)
  const typed = String((await c.req.formData()).get('name') ?? '').trim()
  if (typed !== row.name) return keysPage(c, { refused: row }, 422)
  await revokeKey(c.env.DB, row, personActor(c.get('person')), Date.now())
  return goTo(c, '/settings/keys', `The key “${row.name}” ending in ${row.last4} is revoked.`)
})

interface KeyFormErrors {
  name?: string
  scope?: string
}

interface Told {
  made?: { name: string; token: string; rolled?: boolean }
  form?: { name: string; scopes: Scope[]; errors: KeyFormErrors }
  refused?: KeyRow
}

async function keysPage(c: SettingsContext, told: Told = {}, status: 200 | 422 = 200) {
  const person = c.get('person')
  const cursor = readCursor(c.req.query('cursor') ?? '')
  const keys = await listKeys(c.env.DB, person.team.id, cursor)
  const content = (
    <KeysPage keys={keys.items} next={keys.next} now={Date.now()} admin={may(person, 'keys.manage')} told={told} />
  )
  return page(c, { title: 'Keys', active: 'settings' }, content, status)
}

function byOf(c: SettingsContext) {
  const { email, team } = c.get('person')
  return { team: team.id, createdBy: email }
}

const SCOPE_HINTS: Record<Scope, string> = {
  'tasks:read': 'See tasks, their logs and the audit log',
  'tasks:write': 'Start tasks, here and at intakes; retry, move and cancel them',
  'workflows:read': 'See workflows, intakes and agents',
  'workflows:write': 'Change and publish them',
  approve: 'Decide for people, and fetch their signed links',
  admin: 'Manage keys',
}

const KeysPage = (props: { keys: KeyRow[]; next: string | null; now: number; admin: boolean; told: Told }) => (
  <Settings at="keys">
    <header class="page-head">
      <div>
        <h1>Team keys</h1>
        <p>
          Services call the API and the intakes with a key. Baton keeps only its fingerprint: the key itself is shown
          once.
        </p>
      </div>
    </header>
    <div class="stack">
      {props.told.made && <NewKey {...props.told.made} />}
      {props.told.refused && (
        <ErrorNotice>The name did not match, so “{props.told.refused.name}” still works.</ErrorNotice>
      )}
      {props.keys.length === 0 ? (
        <EmptyState icon="key" title="No keys yet">
          <p>Make one to let a service start tasks.</p>
        </EmptyState>
      ) : (
        <section class="table-scroll" aria-label="Keys" tabindex={0}>
          <table class="table">
            <HeadWithActions names={['Name', 'Ends in', 'May', 'Last used', 'Expires']} />
            <tbody>
              {props.keys.map(row => (
                <KeyLine row={row} now={props.now} admin={props.admin} />
              ))}
            </tbody>
          </table>
        </section>
      )}
      <NextPage href="/settings/keys" next={props.next} />
      {props.admin && <KeyForm {...props.told.form} />}
    </div>
  </Settings>
)

const NewKey = ({ name, token, rolled }: { name: string; token: string; rolled?: boolean }) => (
  <Notice state="done" icon="key">
    <p>
      <strong>The key “{name}”.</strong> Copy it now: it is not shown again.
      {rolled && ' The one before still works for 24 hours.'}
    </p>
    <Copyable text={token} />
  </Notice>
)

const KeyLine = ({ row, now, admin }: { row: KeyRow; now: number; admin: boolean }) => {
  const status = keyStatus(row, now)
  return (
    <tr>
      <th scope="row">
        {row.name}
        <div class="small secondary">
          <Time at={row.createdAt} now={now} /> by {row.createdBy}
        </div>
      </th>
      <td>
        <code>…{row.last4}</code>
      </td>
      <td class="small">{row.scopes.replaceAll(' ', ', ')}</td>
      <td>{row.lastUsedAt === null ? 'Never' : <Time at={row.lastUsedAt} now={now} />}</td>
      <td>
        {status === 'active' ? (
          row.expiresAt === null ? (
            'Never'
          ) : (
            <Time at={row.expiresAt} now={now} />
          )
        ) : (
          <Tag>{status}</Tag>
        )}
      </td>
      <td class="number">{admin && status === 'active' && <KeyActions row={row} />}</td>
    </tr>
  )
}

const KeyActions = ({ row }: { row: KeyRow }) => (
  <>
    <Button type="button" size="small" popovertarget={`change-${row.id}`}>
      Change
    </Button>
    <Popover id={`change-${row.id}`} title={`The key “${row.name}”`}>
      <form class="form" method="post" action={`/settings/keys/${row.id}/roll`}>
        <p>Rolling makes a new key with the same name and scopes. This one works for 24 more hours beside it.</p>
        <div>
          <Button icon="refresh">Roll</Button>
        </div>
      </form>
      <form class="form section" method="post" action={`/settings/keys/${row.id}/revoke`}>
        <p>Whoever uses a revoked key is refused at once; at intakes within 10 s.</p>
        <TypedName of={row.name} id={row.id} field="name" verb="revoke" />
      </form>
    </Popover>
  </>
)

const KeyForm = ({ name, scopes = ['tasks:read', 'tasks:write'], errors = {} }: Partial<NonNullable<Told['form']>>) => (
  <form class="panel form section narrow" method="post" action="/settings/keys">
    <h2>New key</h2>
    <TextField
      label="Name"
      name="name"
      required
      maxlength={120}
      value={name}
      error={errors.name}
      hint="Who will use it: the shop, the CRM."
    />
    <fieldset class="field">
      <legend class="field-label">May</legend>
      {SCOPES.map(scope => (
        <Check
          name="scope"
          value={scope}
          checked={scopes.includes(scope)}
          label={<code>{scope}</code>}
          hint={SCOPE_HINTS[scope]}
        />
      ))}
      {errors.scope && <p class="field-error">{errors.scope}</p>}
    </fieldset>
    <Select label="Expires" name="lifetime" required value="never" options={LIFETIMES} />
    <div class="form-actions">
      <Button look="primary" icon="plus">
        Make the key
      </Button>
    </div>
  </form>
)
