/** `/settings/secrets`: what calls sign in with: set, replaced, deleted, and never shown. */
import { type Context, Hono } from 'hono'
import { personActor } from '../../domain/caller.ts'
import { may } from '../../domain/permissions.ts'
import { Button } from '../../http/components/button.tsx'
import { Popover } from '../../http/components/dialog.tsx'
import { EmptyState, ErrorNotice } from '../../http/components/feedback.tsx'
import { TextArea, TextField } from '../../http/components/field.tsx'
import { TypedName } from '../../http/components/kept-thing.tsx'
import { HeadWithActions } from '../../http/components/table.tsx'
import { Time } from '../../http/components/value/time.tsx'
import { errorPage, goTo, type PageEnv, page } from '../../http/page/page.tsx'
import { deleteSecret, listSecrets, type SecretRow } from '../../records/people/secrets.ts'
import { Settings } from '../settings-frame.tsx'
import {
  hostsIn,
  keepSecret,
  MAX_SECRETS,
  MAX_VALUE,
  type SecretProblem,
  type SecretUse,
  secretProblem,
  secretUses,
} from './secrets.ts'

export const secretPages = new Hono<PageEnv>()

type SettingsContext = Context<PageEnv>

secretPages.get('/settings/secrets', c => secretsPage(c))

secretPages.post('/settings/secrets', async c => {
  const form = await c.req.formData()
  const text = (name: string) => String(form.get(name) ?? '')
  const note = text('note').trim()
  const secret = {
    name: text('name').trim(),
    value: text('value').trim(),
    hosts: hostsIn(text('hosts')),
    note: note === '' ? null : note,
  }
  const sent = { name: secret.name, hosts: text('hosts'), note }
  const wrong = secretProblem(secret, c.env.BATON_LOCAL === '1')
  if (wrong !== null) return secretsPage(c, { sent, wrong }, 422)
  const { team, email } = c.get('person')
  const by = { actor: personActor(c.get('person')), name: email }
  if ((await keepSecret(c.env, team.id, secret, by, Date.now())) === 'full') {
    return secretsPage(
      c,
      { sent, wrong: { field: 'name', message: `The team has ${MAX_SECRETS} secrets, as many as it may.` } },
      422,
    )
  }
  return goTo(c, '/settings/secrets', `The secret “${secret.name}” is set.`)
})

secretPages.post('/settings/secrets/:name/delete', async c => {
  const name = c.req.param('name')
  const typed = String((await c.req.formData()).get('typed') ?? '').trim()
  if (typed !== name) return secretsPage(c, { refused: name }, 422)
  const gone = await deleteSecret(c.env.DB, c.get('person').team.id, name, personActor(c.get('person')), Date.now())
  return gone ? goTo(c, '/settings/secrets', `The secret “${name}” is deleted.`) : errorPage(c, 404)
})

interface Told {
  sent?: { name: string; hosts: string; note: string }
  wrong?: SecretProblem
  refused?: string
}

async function secretsPage(c: SettingsContext, told: Told = {}, status: 200 | 422 = 200) {
  const person = c.get('person')
  const [rows, uses] = await Promise.all([listSecrets(c.env.DB, person.team.id), secretUses(c.env.DB, person.team.id)])
  const content = <Secrets rows={rows} uses={uses} now={Date.now()} admin={may(person, 'secrets.manage')} told={told} />
  return page(c, { title: 'Secrets', active: 'settings' }, content, status)
}

interface SecretsProps {
  rows: SecretRow[]
  uses: Map<string, SecretUse[]>
  now: number
  admin: boolean
  told: Told
}

const Secrets = ({ rows, uses, now, admin, told }: SecretsProps) => (
  <Settings at="secrets">
    <header class="page-head">
      <div>
        <h1>Secrets</h1>
        <p>
          What calls sign in with. A step or tool names one as <code>{'{{ secrets.name }}'}</code>; its value is put in
          where the call is made, goes to its hosts alone, and is never shown again.
        </p>
      </div>
    </header>
    <div class="stack">
      {told.refused !== undefined && (
        <ErrorNotice>The name did not match, so “{told.refused}” is still there.</ErrorNotice>
      )}
      {rows.length === 0 ? (
        <EmptyState icon="key" title="No secrets yet">
          <p>Set one to let steps and tools call a service that asks who they are.</p>
        </EmptyState>
      ) : (
        <section class="table-scroll" aria-label="Secrets" tabindex={0}>
          <table class="table">
            <HeadWithActions names={['Name', 'May go to', 'Used by', 'Last used']} />
            <tbody>
              {rows.map(row => (
                <SecretLine row={row} uses={uses.get(row.name) ?? []} now={now} admin={admin} />
              ))}
            </tbody>
          </table>
        </section>
      )}
      {admin && <SecretForm {...told} />}
    </div>
  </Settings>
)

const SecretLine = ({ row, uses, now, admin }: { row: SecretRow; uses: SecretUse[]; now: number; admin: boolean }) => (
  <tr>
    <th scope="row">
      <code>{row.name}</code>
      <div class="small secondary">
        Set <Time at={row.updatedAt} now={now} /> by {row.updatedBy}
      </div>
      {row.note !== null && <div class="small secondary">{row.note}</div>}
    </th>
    <td class="small">{row.hosts.join(', ')}</td>
    <td class="small">
      {uses.length === 0
        ? 'Nothing yet'
        : uses.map((use, index) => (
            <>
              {index > 0 && ', '}
              <a href={use.href}>{use.name}</a>
            </>
          ))}
    </td>
    <td>{row.lastUsedAt === null ? 'Never' : <Time at={row.lastUsedAt} now={now} />}</td>
    <td class="number">{admin && <SecretActions row={row} uses={uses} />}</td>
  </tr>
)

const SecretActions = ({ row, uses }: { row: SecretRow; uses: SecretUse[] }) => (
  <>
    <Button type="button" size="small" popovertarget={`change-${row.name}`}>
      Change
    </Button>
    <Popover id={`change-${row.name}`} title={`The secret “${row.name}”`}>
      <form class="form" method="post" action="/settings/secrets">
        <input type="hidden" name="name" value={row.name} />
        <ValueField id={`value-${row.name}`} label="New value" />
        <HostsField id={`hosts-${row.name}`} value={row.hosts.join('\n')} />
        <TextField label="Note" name="note" id={`note-${row.name}`} maxlength={500} value={row.note ?? ''} />
        <div>
          <Button icon="refresh">Replace</Button>
        </div>
      </form>
      <form class="form section" method="post" action={`/settings/secrets/${row.name}/delete`}>
        <p>
          {uses.length === 0
            ? 'Nothing names it.'
            : `Calls of ${uses.map(use => use.name).join(', ')} fail from then on.`}
        </p>
        <TypedName of={row.name} id={row.name} />
      </form>
    </Popover>
  </>
)

const ValueField = ({ id, label, error }: { id?: string; label: string; error?: string }) => (
  <TextField
    label={label}
    name="value"
    id={id}
    type="password"
    required
    maxlength={MAX_VALUE}
    autocomplete="off"
    error={error}
    hint="The token alone, or with what goes before it, such as Basic …"
  />
)

const HostsField = ({ id, value, error }: { id?: string; value?: string; error?: string }) => (
  <TextArea
    label="May go to"
    name="hosts"
    id={id}
    rows={2}
    required
    value={value}
    error={error}
    hint="Names of hosts, one a line, such as api.example.com"
  />
)

const SecretForm = ({ sent, wrong }: Told) => {
  const error = (field: SecretProblem['field']) => (wrong?.field === field ? wrong.message : undefined)
  return (
    <form class="panel form section narrow" method="post" action="/settings/secrets">
      <h2>New secret</h2>
      <TextField
        label="Name"
        name="name"
        required
        maxlength={40}
        value={sent?.name}
        error={error('name')}
        hint="What steps and tools call it: crm, slack_webhook."
        autocomplete="off"
      />
      <ValueField label="Value" error={error('value')} />
      <HostsField value={sent?.hosts} error={error('hosts')} />
      <TextField
        label="Note"
        name="note"
        maxlength={500}
        value={sent?.note}
        error={error('note')}
        hint="Where it is from, who can renew it."
      />
      <div class="form-actions">
        <Button look="primary" icon="plus">
          Set the secret
        </Button>
      </div>
    </form>
  )
}
