/** The kind `parallel` in the editor: its branches, each a form of its own, and when the step goes on. */
import type { Branch } from '../../../domain/handler/parts/branch.ts'
import { keyFor } from '../../../domain/workflow/edit.ts'
import { KEY_PATTERN } from '../../../domain/workflow/parts.ts'
import { Select, TextField } from '../../../http/components/field.tsx'
import { mistake, type Values, wordOf } from '../../forms/form-values.ts'
import { BranchFields, branchOffers, branchValues, lineOfBranch, previewOfBranch, readBranch } from './branch.tsx'
import type { FieldsProps, HandlerPages } from './pages.ts'

const MOST = 20
const startOf = (place: number) => `b${place}-`

export const parallel: HandlerPages<'parallel'> = {
  name: 'Parallel',
  about: 'branches side by side, then on together',
  offers: () => [{ value: 'parallel', label: 'Parallel: branches side by side' }],
  begin: offer =>
    offer === 'parallel'
      ? {
          parallel: {
            branches: {
              first: { prompt: 'Look at this.\n\n{{ input }}' },
              second: { prompt: 'Look at this.\n\n{{ input }}' },
            },
          },
        }
      : null,
  Fields,
  marks: ['parallel_join'],
  values: ({ parallel: { branches, join } }) => ({
    parallel_join: join,
    ...Object.assign(
      {},
      ...Object.entries(branches).map(([name, branch], place) => ({
        [`${startOf(place)}key`]: name,
        ...branchValues(branch, startOf(place)),
      })),
    ),
    ...(Object.keys(branches).length < MOST
      ? {
          [`${startOf(Object.keys(branches).length)}key`]: undefined,
          [`${startOf(Object.keys(branches).length)}offer`]: undefined,
        }
      : {}),
  }),
  read: (values, before) => {
    const join = joinOf(wordOf(values, 'parallel_join'))
    if (join === null) return mistake('parallel_join', 'Say all, any, or how many must be done, such as 2.')
    const old = Object.values(before.parallel.branches)
    const branches: Record<string, Branch> = {}
    for (let place = 0; place <= MOST; place++) {
      const start = startOf(place)
      const given = wordOf(values, `${start}key`)
      if (given === undefined) continue
      const key = KEY_PATTERN.test(given) ? given : keyFor(given, Object.keys(branches))
      if (Object.hasOwn(branches, key)) return mistake(`${start}key`, `There are two branches “${key}”.`)
      const read = readBranch(values, start, given, old[place])
      if (!read.ok) return read
      branches[key] = read.branch
    }
    const count = Object.keys(branches).length
    if (count < 2 || count > MOST) return mistake(`${startOf(0)}key`, `A step has 2 to ${MOST} branches.`)
    return { ok: true, own: { parallel: join === undefined ? { branches } : { branches, join } } }
  },
  sends: {
    whose: 'What its branches get',
    render: ({ parallel: { branches } }, scope, token, around) => {
      const parts: string[] = []
      for (const [name, branch] of Object.entries(branches)) {
        const rendered = previewOfBranch(branch, scope, token, around)
        if (!rendered.ok) return { ok: false, message: `${name}: ${rendered.message}` }
        parts.push(`— ${name} —\n${rendered.text}`)
      }
      return { ok: true, text: parts.join('\n\n') }
    },
  },
  line: ({ parallel: { branches } }) =>
    Object.entries(branches)
      .map(([name, branch]) => `${name}: ${lineOfBranch(branch)}`)
      .join(' ∥ '),
}

function joinOf(text: string | undefined): 'all' | 'any' | number | undefined | null {
  if (text === undefined || text === 'all' || text === 'any') return text
  const count = Number(text)
  return Number.isInteger(count) && count >= 1 && count <= MOST ? count : null
}

/** The branches that the form shows: those of the step, or those that were sent. */
function shownBranches(values: Values, branches: Record<string, Branch>): { name: string; branch: Branch }[] {
  const old = Object.values(branches)
  return Array.from({ length: MOST }, (_, place) => {
    const start = startOf(place)
    const kind = values[`${start}was`]
    if (kind === undefined) return null
    const branch = old[place] ?? {}
    return { name: values[`${start}key`] ?? '', branch: Object.hasOwn(branch, kind) ? branch : { [kind]: {} } }
  }).filter(one => one !== null)
}

function Fields({ view, error }: FieldsProps) {
  const shown = shownBranches(view.values, view.step.parallel?.branches ?? {})
  const next = startOf(shown.length)
  return (
    <>
      {shown.map(({ name, branch }, place) => {
        const start = startOf(place)
        return (
          <fieldset class="stack-tight branch-form">
            <legend class="field-label" hx-ignore>
              Branch {place + 1}
              {name && `: ${name}`}
            </legend>
            <div class="form">
              <TextField
                label={`Name of branch ${place + 1}`}
                aria-required="true"
                name={`${start}key`}
                value={view.values[`${start}key`]}
                maxlength={40}
                error={error(`${start}key`)}
                hint="Later steps read it under this name. Empty it to take the branch away."
              />
              <BranchFields view={view} error={error} branch={branch} start={start} />
            </div>
          </fieldset>
        )
      })}
      {shown.length < MOST && (
        <fieldset class="stack-tight branch-form">
          <legend class="field-label">New branch</legend>
          <div class="edit-pair">
            <TextField
              label={`Name of branch ${shown.length + 1}`}
              name={`${next}key`}
              value={view.values[`${next}key`]}
              maxlength={40}
              error={error(`${next}key`)}
            />
            <Select
              label="Who does it"
              name={`${next}offer`}
              value={view.values[`${next}offer`]}
              options={branchOffers(view.agents)}
              error={error(`${next}offer`)}
            />
          </div>
          <p class="field-hint">Its fields appear when you save the step.</p>
        </fieldset>
      )}
      <TextField
        label="Goes on when"
        name="parallel_join"
        value={view.values.parallel_join}
        maxlength={3}
        list="joins"
        placeholder="all"
        error={error('parallel_join')}
        hint="all are done (unless set), any one is, or a number of them, such as 2."
      />
      <datalist id="joins">
        <option value="all" />
        <option value="any" />
        <option value="2" />
      </datalist>
    </>
  )
}
