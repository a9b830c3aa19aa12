/** The kind `map` in the editor: the list, what is done with each item, how many at a time, and what a failure means. */
import type { Branch } from '../../../domain/handler/parts/branch.ts'
import { renderValue } from '../../../domain/template/template.ts'
import type { Step } from '../../../domain/workflow/definition.ts'
import { Select, TextField } from '../../../http/components/field.tsx'
import { compact, inOrder, mistake, wholeOf, wordOf } from '../../forms/form-values.ts'
import { itemVariables } from '../../variables.ts'
import { BranchFields, branchValues, lineOfBranch, previewOfBranch, readBranch } from './branch.tsx'
import type { FieldsProps, HandlerPages } from './pages.ts'

const START = 'each-'
const ORDER = ['over', 'as', 'do', 'concurrency', 'onError', 'join']

export const map: HandlerPages<'map'> = {
  name: 'Map',
  about: 'the same work for each item of a list',
  offers: () => [{ value: 'map', label: 'Map: the same work for each item of a list' }],
  begin: offer =>
    offer === 'map' ? { map: { over: '{{ input.items }}', do: { prompt: 'Look at this.\n\n{{ item }}' } } } : null,
  Fields,
  marks: ['map_over', 'map_as', 'map_concurrency', 'map_join'],
  values: ({ map: { over, as, do: work, concurrency, onError, join } }) => ({
    map_over: over,
    map_as: as,
    map_concurrency: concurrency,
    map_on_error: onError,
    map_join: join,
    ...branchValues(work as Branch, START),
  }),
  read: (values, before) => {
    const over = wordOf(values, 'map_over')
    if (over === undefined) return mistake('map_over', 'Say which list, such as {{ input.items }}.')
    const as = wordOf(values, 'map_as')
    if (as !== undefined && !/^[a-z][a-z0-9_]{0,39}$/.test(as))
      return mistake('map_as', 'A name of small letters, digits and _.')
    const concurrency = wholeOf(wordOf(values, 'map_concurrency'))
    if (concurrency === null || (concurrency ?? 1) > 50)
      return mistake('map_concurrency', 'Give a whole number from 1 to 50.')
    const enough = wordOf(values, 'map_join')
    const join = enough === 'all' ? ('all' as const) : wholeOf(enough)
    if (join === null || (typeof join === 'number' && join > 200))
      return mistake('map_join', 'Say all, or how many must be done, 200 at most.')
    const onError = wordOf(values, 'map_on_error') as 'fail' | 'keep' | undefined
    const work = readBranch(values, START, 'Each item', before.map.do as Branch)
    if (!work.ok) return work
    const own: NonNullable<Step['map']> = compact({ over, as, do: work.branch, concurrency, onError, join })
    return { ok: true, own: { map: inOrder(own, before.map, ORDER) } }
  },
  sends: {
    whose: 'What is sent for the first item',
    render: ({ map: { over, as = 'item', do: work } }, scope, token, around) => {
      const list = renderValue(over, scope)
      if (!list.ok) return list
      if (!Array.isArray(list.value)) return { ok: false, message: 'The list is not a list here.' }
      const [item] = list.value
      if (item === undefined) return { ok: false, message: 'The list is empty here.' }
      return previewOfBranch(work as Branch, { ...scope, [as]: item, index: 0 }, token, around)
    },
  },
  line: ({ map: { over, do: work } }) => `For each of ${over}: ${lineOfBranch(work as Branch)}`,
}

function Fields({ view, error }: FieldsProps) {
  const { values } = view
  const kind = values[`${START}was`]
  const before = (view.step.map?.do ?? {}) as Branch
  const branch = kind === undefined || Object.hasOwn(before, kind) ? before : ({ [kind]: {} } as Branch)
  return (
    <>
      <TextField
        label="For each of"
        name="map_over"
        value={values.map_over}
        aria-required="true"
        maxlength={2000}
        error={error('map_over')}
        hint="A list of 200 items at most, such as {{ input.items }} or {{ steps.split.output.parts }}."
      />
      <TextField
        label="An item is called"
        name="map_as"
        value={values.map_as}
        maxlength={40}
        placeholder="item"
        error={error('map_as')}
        hint="Texts below read it as {{ item }}, and its place as {{ index }}."
      />
      <fieldset class="stack-tight branch-form">
        <legend class="field-label">What is done with each</legend>
        <div class="form">
          <BranchFields
            view={{
              ...view,
              items: [...itemVariables(values.map_over ?? '', values.map_as ?? 'item', view.definition), 'index'],
            }}
            error={error}
            branch={branch}
            start={START}
          />
        </div>
      </fieldset>
      <div class="edit-pair">
        <TextField
          label="At a time"
          name="map_concurrency"
          value={values.map_concurrency}
          inputmode="numeric"
          placeholder="5"
          error={error('map_concurrency')}
          hint="5, unless set; 50 at most."
        />
        <TextField
          label="Goes on when so many are done"
          name="map_join"
          value={values.map_join}
          placeholder="all"
          error={error('map_join')}
          hint="All, unless set."
        />
      </div>
      <Select
        label="When an item fails"
        name="map_on_error"
        value={values.map_on_error ?? ''}
        options={[
          { value: '', label: 'The step fails, unless set' },
          { value: 'fail', label: 'The step fails' },
          { value: 'keep', label: 'Its error is kept in its place, and the others go on' },
        ]}
      />
    </>
  )
}
