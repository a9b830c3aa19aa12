/** What a step has besides its work: model, answer, confidence and times, each shown to the kinds that it means something to. */
import type { Child } from 'hono/jsx'
import { HANDLERS, type HandlerKind, KINDS } from '../../../domain/handler/registry.ts'
import { SETTINGS, type Setting } from '../../../domain/workflow/parts.ts'
import { TextField } from '../../../http/components/field.tsx'
import { ModelField, ModelList } from '../../../http/components/model-field.tsx'
import { OUTPUT } from '../../forms/schema-form.ts'
import type { FieldsProps } from '../handlers/pages.ts'
import { FilesField } from './files-field.tsx'
import { MODEL_MARKS, ModelFields } from './model-fields.tsx'
import { SchemaFields } from './schema-fields.tsx'
import { SkillsField } from './skills-field.tsx'
import { CacheField, TimesFields } from './times-fields.tsx'

/** Its fields that show what is wrong with them. */
export const SETTING_MARKS = [
  ...MODEL_MARKS,
  'skills',
  'files',
  'confidence',
  'timeout',
  'attempts',
  'delay',
  'factor',
  'cache',
  OUTPUT.json,
]

export const SettingsSection = ({ view, chosen, error }: FieldsProps & { chosen: HandlerKind }) => {
  const { values, step } = view
  const wrong = SETTING_MARKS.some(name => error(name))
  const takes = HANDLERS[chosen].settings.length > 0
  return (
    <details
      class="edit-section"
      open={takes && (step.output !== undefined || wrong)}
      data-kind-section={kindsTaking(SETTINGS)}
      data-keep-fold
    >
      <summary>
        {HANDLERS[chosen].settings.includes('model') ? 'Model, output and retries' : 'Output and retries'}
      </summary>
      <div class="form">
        <For settings={['model']}>
          <ModelField
            value={values.model}
            placeholder={view.usual}
            hint="Empty: the agent's, else the default. “demo” runs without a provider."
          />
          <ModelList models={view.models ?? []} />
        </For>
        <For settings={['skills']}>
          <SkillsField values={values} error={error} known={view.skills} />
        </For>
        <For settings={['files']}>
          <FilesField values={values} error={error} />
        </For>
        <For settings={['fallback', 'params']}>
          <ModelFields values={values} error={error} />
        </For>
        <For settings={['output']}>
          <SchemaFields
            legend="What it answers with, or a person fills in"
            none="Text, no fields"
            names={OUTPUT}
            values={values}
            error={error}
            hint="Fields can be read by routes and later steps one by one."
          />
        </For>
        <For settings={['confidence']}>
          <TextField
            label="Confidence needed"
            name="confidence"
            value={values.confidence}
            inputmode="decimal"
            hint="0 to 1; below it the outcome is “unsure”."
            error={error('confidence')}
          />
        </For>
        <For settings={['timeout', 'retry']}>
          <TimesFields values={values} error={error} />
        </For>
        <For settings={['cache']}>
          <CacheField values={values} error={error} />
        </For>
      </div>
    </details>
  )
}

/** Fields that only some kinds take; with a script they stand here for these alone. */
const For = ({ settings, children }: { settings: readonly Setting[]; children?: Child }) => (
  // What is hidden must have no layout of its own, which would show it again.
  <div data-kind-section={kindsTaking(settings)} data-keep-fold>
    <div class="form">{children}</div>
  </div>
)

function kindsTaking(settings: readonly Setting[]): string {
  return KINDS.filter(kind => HANDLERS[kind].settings.some(one => settings.includes(one))).join(' ')
}
