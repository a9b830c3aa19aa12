/** The page of the providers of models: a line for each, a try of one of its models, and the form that sets one. */

import type { ListedProvider } from '../../domain/models/environment.ts'
import { DEMO, OPENAI, PROVIDER_KINDS, WORKERS_AI } from '../../domain/models/provider.ts'
import { Button } from '../../http/components/button.tsx'
import { Popover } from '../../http/components/dialog.tsx'
import { ErrorNotice, Notice } from '../../http/components/feedback.tsx'
import { Select, TextArea, TextField } from '../../http/components/field.tsx'
import { TypedName } from '../../http/components/kept-thing.tsx'
import { HeadWithActions } from '../../http/components/table.tsx'
import { Time } from '../../http/components/value/time.tsx'
import type { ToolUse } from '../../records/definitions/tool-uses.ts'
import { Settings } from '../../team/settings-frame.tsx'
import type { Tried, WholeProvider } from './providers.ts'

export interface ModelsView {
  own: WholeProvider[]
  /** Those of the environment, too. */
  listed: ListedProvider[]
  secrets: { name: string; hosts: string[] }[]
  admin: boolean
  now: number
  /** The form as it was sent, and what is wrong with it. */
  sent?: Record<string, string>
  wrong?: { field: string; message: string }
  /** What came back of a model that was tried. */
  tried?: Omit<Tried, 'usage'> & { key: string; usage: Tried['usage'] | null }
  problem?: string
}

export const Models = ({ view }: { view: ModelsView }) => {
  const { own, listed, admin, sent, tried, problem } = view
  return (
    <Settings at="models">
      <header class="page-head">
        <div>
          <h1>Models</h1>
          <p>
            Who answers for models. A step names one of your own providers as <code>provider/model</code>; a name
            without a provider is the environment’s.
          </p>
        </div>
      </header>
      <div class="stack">
        {problem !== undefined && <ErrorNotice>{problem}</ErrorNotice>}
        {tried !== undefined && <TriedNotice tried={tried} />}
        <section class="table-scroll" aria-label="Providers of models" tabindex={0}>
          <table class="table">
            <HeadWithActions names={['Provider', 'Where', 'Models', 'Used by']} />
            <tbody>
              {listed
                .filter(({ name }) => [OPENAI, WORKERS_AI, DEMO].includes(name))
                .map(provider => (
                  <EnvironmentLine provider={provider} />
                ))}
              {own.map(each => (
                <OwnLine whole={each} view={view} />
              ))}
            </tbody>
          </table>
        </section>
        {admin && (
          <form class="panel form section narrow" method="post" action="/settings/models">
            <h2>New provider</h2>
            <ProviderFields view={view} values={sent ?? {}} id="" />
            <div class="form-actions">
              <Button look="primary" icon="plus">
                Set the provider
              </Button>
            </div>
          </form>
        )}
      </div>
    </Settings>
  )
}

const TriedNotice = ({ tried: { model, ok, said, usage } }: { tried: NonNullable<ModelsView['tried']> }) => {
  const words = typeof said === 'string' ? said : JSON.stringify(said)
  return ok ? (
    <Notice>
      {model} answered “{words}” in {((usage?.durationMs ?? 0) / 1000).toFixed(1)} s ({usage?.inputTokens} tokens in,{' '}
      {usage?.outputTokens} out).
    </Notice>
  ) : (
    <ErrorNotice>
      {model}: {words}
    </ErrorNotice>
  )
}

const ABOUT: Record<string, [ready: string, not: string]> = {
  [OPENAI]: ['The environment’s, for every name without a provider', 'Not set up: OPENAI_API_KEY or OPENAI_BASE_URL'],
  [WORKERS_AI]: ['Cloudflare’s, by the binding AI', 'Not bound: take the comment off [ai] in wrangler.toml and deploy'],
  [DEMO]: ['Built in; runs without a provider', ''],
}

const EnvironmentLine = ({ provider: { name, ready, host, models } }: { provider: ListedProvider }) => {
  const [there, not] = ABOUT[name] ?? ['', '']
  return (
    <tr>
      <th scope="row">
        <code>{name}</code>
        <div class="small secondary">{ready ? there : not}</div>
      </th>
      <td class="small">{host ?? '–'}</td>
      <td class="small">{ready ? models.slice(0, 3).join(', ') || 'Any' : '–'}</td>
      <td class="small">–</td>
      <td />
    </tr>
  )
}

const OwnLine = ({ whole: { provider, uses }, view }: { whole: WholeProvider; view: ModelsView }) => {
  const { key, baseUrl, secret, models, updatedAt, updatedBy } = provider
  return (
    <tr>
      <th scope="row">
        <code>{key}</code>
        <div class="small secondary">
          Set <Time at={updatedAt} now={view.now} /> by {updatedBy}
        </div>
      </th>
      <td class="small">
        {baseUrl}
        <div class="secondary">
          {secret === null ? (
            'No secret'
          ) : (
            <>Secret {view.secrets.some(({ name }) => name === secret) ? secret : `${secret} is gone`}</>
          )}
        </div>
      </td>
      <td class="small">{models.length === 0 ? 'Any' : models.join(', ')}</td>
      <td class="small">
        <Uses uses={uses} />
      </td>
      <td class="number">{view.admin && <Actions whole={{ provider, uses }} view={view} />}</td>
    </tr>
  )
}

const Uses = ({ uses: { workflows, agents } }: { uses: ToolUse }) => {
  const links = [
    ...workflows.map(({ id, name }) => ({ href: `/workflows/${id}`, name })),
    ...agents.map(agent => ({ href: `/agents/${agent}`, name: agent })),
  ]
  if (links.length === 0) return <>Nothing yet</>
  return links.map(({ href, name }, index) => (
    <>
      {index > 0 && ', '}
      <a href={href}>{name}</a>
    </>
  ))
}

const Actions = ({ whole: { provider, uses }, view }: { whole: WholeProvider; view: ModelsView }) => {
  const { key, kind, baseUrl, secret, models } = provider
  const values = { key, kind, base_url: baseUrl, secret: secret ?? '', models: models.join('\n') }
  const used = uses.workflows.length + uses.agents.length
  return (
    <>
      <Button type="button" size="small" popovertarget={`change-${key}`}>
        Change or try
      </Button>
      <Popover id={`change-${key}`} title={`The provider “${key}”`}>
        <form class="form" method="post" action={`/settings/models/${key}/try`}>
          <TextField
            label="Model"
            name="model"
            id={`try-${key}`}
            required
            maxlength={120}
            value={models[0]}
            hint="It is asked for one word. What that costs counts against the team’s budget."
          />
          <div>
            <Button icon="play">Try it</Button>
          </div>
        </form>
        <form class="form section" method="post" action="/settings/models">
          <input type="hidden" name="key" value={key} />
          <ProviderFields view={{ ...view, wrong: undefined }} values={values} id={`-${key}`} />
          <div>
            <Button icon="refresh">Replace</Button>
          </div>
        </form>
        <form class="form section" method="post" action={`/settings/models/${key}/delete`}>
          <p>{used === 0 ? 'Nothing names it.' : 'While something names a model of it, it is not deleted.'}</p>
          <TypedName of={key} id={key} />
        </form>
      </Popover>
    </>
  )
}

const KINDS: Record<(typeof PROVIDER_KINDS)[number], string> = {
  'openai-responses': 'OpenAI’s Responses',
  'openai-chat': 'Chat Completions, as most servers do',
}

const ProviderFields = ({ view, values, id }: { view: ModelsView; values: Record<string, string>; id: string }) => {
  const error = (field: string) => (view.wrong?.field === field ? view.wrong.message : undefined)
  return (
    <>
      {id === '' && (
        <TextField
          label="Name"
          name="key"
          required
          maxlength={40}
          value={values.key}
          error={error('key')}
          autocomplete="off"
          hint="What stands before its models: acme in acme/llama-3."
        />
      )}
      <TextField
        label="Address"
        name="base_url"
        id={`base_url${id}`}
        required
        inputmode="url"
        maxlength={500}
        value={values.base_url}
        error={error('baseUrl')}
        placeholder="https://models.example/v1"
      />
      <Select
        label="Speaks"
        name="kind"
        id={`kind${id}`}
        value={values.kind ?? 'openai-chat'}
        options={PROVIDER_KINDS.map(value => ({ value, label: KINDS[value] })).toReversed()}
      />
      <Select
        label="Key"
        name="secret"
        id={`secret${id}`}
        value={values.secret ?? ''}
        error={error('secret')}
        hint={
          <>
            One of your <a href="/settings/secrets">secrets</a>; its host must be among those that it may go to.
          </>
        }
        options={[
          { value: '', label: 'None' },
          ...view.secrets.map(({ name, hosts }) => ({ value: name, label: `${name} (${hosts.join(', ')})` })),
        ]}
      />
      <TextArea
        label="Models"
        name="models"
        id={`models${id}`}
        rows={3}
        value={values.models}
        error={error('models')}
        hint="As the provider calls them, one a line; they are offered where one chooses."
      />
    </>
  )
}
