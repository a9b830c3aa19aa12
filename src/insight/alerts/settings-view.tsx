/** The page of alerts' thresholds: of the team, or of one workflow. Admins change them; others read. */
import { type RuleKey, type RuleSettings, ruleOf, thresholdOf } from '../../domain/alert/rules.ts'
import { Button } from '../../http/components/button.tsx'
import { Notice } from '../../http/components/feedback.tsx'
import { Field, Select } from '../../http/components/field.tsx'
import { Settings } from '../../team/settings-frame.tsx'
import { fieldsOf, type Given, numberText, type NumberField as Part, rulesFor } from './form.ts'

interface Props {
  given: Given
  /** What the fields stand upon where they are empty. */
  under: RuleSettings[]
  workflow: string
  workflows: { id: string; name: string }[]
  wrong?: { path: string; message: string }
  admin: boolean
}

export const AlertSettings = (props: Props) => {
  const { workflow, workflows, admin } = props
  const query = workflow === '' ? '' : `?workflow=${workflow}`
  return (
    <Settings at="alerts">
      <header class="page-head">
        <div>
          <h1>Alerts</h1>
          <p>
            Each is told once when it fires and once when it is over, by mail and by the channels that tell of alerts
            (see Notifications). What fires now stands under <a href="/health#alerts">Health</a>.
          </p>
        </div>
      </header>
      <form class="form--inline" method="get">
        <select class="input" name="workflow" aria-label="Whose thresholds">
          <option value="">The team’s, for all workflows</option>
          {workflows.map(({ id, name }) => (
            <option value={id} selected={id === workflow}>
              {name}
            </option>
          ))}
        </select>
        <Button>Show</Button>
      </form>
      <form class="stack" method="post" action={`/settings/alerts${query}`}>
        {!admin && <Notice>Owners and admins change these.</Notice>}
        <p class="secondary">
          {workflow === ''
            ? 'These hold for all workflows that set no others. An empty field is as usual: its grey figure.'
            : 'These hold for this workflow alone. An empty field is as your team has it: its grey figure.'}
        </p>
        {rulesFor(workflow).map(rule => (
          <RuleFields {...props} rule={rule} />
        ))}
        {admin && (
          <div class="form-actions">
            <Button look="primary">Save</Button>
          </div>
        )}
      </form>
    </Settings>
  )
}

const RuleFields = ({ rule, given, under, workflow, wrong, admin }: Props & { rule: RuleKey }) => {
  const { name, when, unit } = ruleOf(rule)
  const usual = thresholdOf(rule, ...under)
  const own = fieldsOf(rule).some(field => given[`${rule}.${field}`]) || Boolean(given[`${rule}.on`])
  const isWrong = wrong?.path.startsWith(`${rule}.`) ?? false
  const isOn = (given[`${rule}.on`] || (usual.on ? 'on' : 'off')) === 'on'
  const fires = `${given[`${rule}.above`] || numberText(rule, 'above', usual.above)}${SIGNS[unit]}`
  const as = workflow === '' ? 'As usual' : 'As your team'
  return (
    <details class="panel threshold" open={isWrong || own}>
      <summary>
        <strong>{name}</strong>
        <span class="secondary"> {isOn ? `when ${when} (from ${fires} on)` : 'off'}</span>
      </summary>
      <div class="thresholds">
        <Select
          label="Tell of it"
          name={`${rule}.on`}
          value={given[`${rule}.on`] ?? ''}
          disabled={!admin}
          options={[
            { value: '', label: `${as} (${usual.on ? 'on' : 'off'})` },
            { value: 'on', label: 'On' },
            { value: 'off', label: 'Off' },
          ]}
        />
        {fieldsOf(rule).map(field => (
          <NumberField name={`${rule}.${field}`} label={labelOf(rule, field)} {...{ given, wrong, admin }}>
            {numberText(rule, field, usual[field])}
          </NumberField>
        ))}
      </div>
    </details>
  )
}

/** A number, or nothing: then the one holds that stands there in grey. */
const NumberField = (
  props: Pick<Props, 'given' | 'wrong' | 'admin'> & { name: string; label: string; children: string },
) => {
  const { name, label, given, wrong, admin, children } = props
  const error = wrong?.path === name ? wrong.message : undefined
  return (
    <Field label={label} name={name} error={error}>
      <input
        class="input"
        type="text"
        inputmode="decimal"
        id={name}
        name={name}
        value={given[name] ?? ''}
        placeholder={children}
        readonly={!admin}
        aria-invalid={error === undefined ? undefined : 'true'}
        aria-describedby={error === undefined ? undefined : `${name}-error`}
      />
    </Field>
  )
}

const SIGNS = { percent: ' %', times: ' times', count: '' }
const UNITS = { percent: ', in %', times: ', in times the usual', count: '' }

function labelOf(rule: RuleKey, field: Part): string {
  const { unit, samples, least } = ruleOf(rule)
  switch (field) {
    case 'above':
      return `Fires from this on${UNITS[unit]}`
    case 'below':
      return `Is over below this${UNITS[unit]}`
    case 'samples':
      return samples ?? ''
    case 'minutes':
      return 'Minutes that it must hold'
    case 'least':
      return least ?? ''
  }
}
