/** The page of alerts' thresholds: of the team, or of one workflow. Admins change them; others read. */
import { type RuleKey, type RuleSettings, ruleOf, thresholdOf } from '../../domain/alert/rules.ts'
import { Button } from '../../http/components/button.tsx'
import { Notice } from '../../http/components/feedback.tsx'
import { Select, TextField, WorkflowSelect } from '../../http/components/field.tsx'
import { Settings } from '../../team/settings-frame.tsx'
import { fieldsOf, type Given, type NumberField, numberText, rulesFor } from './form.ts'

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
        <WorkflowSelect workflows={workflows} value={workflow} />
        <Button>Show</Button>
      </form>
      <form class="stack narrow" method="post" action={`/settings/alerts${query}`}>
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
  const { name, when } = ruleOf(rule)
  const usual = thresholdOf(rule, ...under)
  const own = fieldsOf(rule).some(field => given[`${rule}.${field}`]) || Boolean(given[`${rule}.on`])
  const isWrong = wrong?.path.startsWith(`${rule}.`) ?? false
  const isOn = (given[`${rule}.on`] || (usual.on ? 'on' : 'off')) === 'on'
  const as = workflow === '' ? 'As usual' : 'As your team'
  return (
    <details class="panel explain" open={isWrong || own}>
      <summary>
        <strong>{name}</strong>: {isOn ? `when ${when}` : 'off'}
      </summary>
      <div class="form">
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
          <TextField
            label={labelOf(rule, field)}
            name={`${rule}.${field}`}
            value={given[`${rule}.${field}`] ?? ''}
            placeholder={numberText(rule, field, usual[field])}
            error={wrong?.path === `${rule}.${field}` ? wrong.message : undefined}
            readonly={!admin}
            required={false}
            inputmode="decimal"
          />
        ))}
      </div>
    </details>
  )
}

const UNITS = { percent: ', in %', times: ', in times the usual', count: '', yes: '' }

function labelOf(rule: RuleKey, field: NumberField): string {
  const { unit, samples, least } = ruleOf(rule)
  switch (field) {
    case 'above':
      return `Fires from this on${UNITS[unit]}`
    case 'below':
      return `Is over below this${UNITS[unit]}`
    case 'samples':
      return samples ?? ''
    case 'minutes':
      return 'Minutes that it must hold, either way'
    case 'least':
      return least ?? ''
  }
}
