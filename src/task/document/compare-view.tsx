/** Two runs side by side, as a table: a row for each thing, with a word where they differ. */
import type { Child } from 'hono/jsx'
import type { Json } from '../../domain/json/json.ts'
import type { Compared, Comparison } from '../../domain/task/told/document/compare.ts'
import type { TaskView } from '../../domain/task/told/views.ts'
import { Button } from '../../http/components/button.tsx'
import { TextField } from '../../http/components/field.tsx'
import { Money } from '../../http/components/value/money.tsx'
import { duration } from '../../http/components/value/time.tsx'
import { Value } from '../../http/components/value/value.tsx'

interface Props {
  own: TaskView
  other: TaskView | null
  named: string
  others: { id: string; title: string }[]
  comparison: Comparison | null
  wrong?: string
}

export const ComparePage = ({ own, other, named, others, comparison, wrong }: Props) => (
  <article class="stack">
    <header class="page-head">
      <div>
        <p>
          <a href={`/tasks/${own.id}`} hx-ignore>
            {own.title}
          </a>
        </p>
        <h1>Compare with another run</h1>
      </div>
    </header>
    <form class="form" method="get" action={`/tasks/${own.id}/compare`}>
      <TextField
        label="Another task of this workflow"
        name="with"
        required
        value={named}
        error={wrong}
        list="others"
        autocomplete="off"
        hint="Its id, as “Copy ID” on its page gives it."
      />
      <datalist id="others">
        {others.map(({ id, title }) => (
          <option value={id} label={title} />
        ))}
      </datalist>
      <div class="form-actions">
        <Button look="primary">Compare</Button>
      </div>
    </form>
    {comparison !== null && other !== null && <Runs own={own} other={other} comparison={comparison} />}
  </article>
)

const Runs = ({ own, other, comparison }: { own: TaskView; other: TaskView; comparison: Comparison }) => {
  const { facts, route, input, outputs, result } = comparison
  const asValue = (value: Json) => <Value value={value} />
  return (
    <section class="table-scroll" aria-label="The two runs" tabindex={0}>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">What</th>
            {[own, other].map(({ id, title }) => (
              <th scope="col">
                <a href={`/tasks/${id}`} hx-ignore>
                  {title}
                </a>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Row of={facts.status} />
          <Row of={facts.version} show={version => `Version ${version}`} />
          <Row of={facts.cost} show={cost => <Money usd={cost} />} />
          <Row of={facts.ms} show={ms => duration(ms)} />
          <Row of={route} show={steps => steps.map(step => <div>{step}</div>)} />
          <Row of={input} show={asValue} />
          {outputs.map(output => (
            <Row of={output} show={asValue} />
          ))}
          <Row of={result} show={asValue} />
        </tbody>
      </table>
    </section>
  )
}

function Row<T extends Json>({ of, show = String }: { of: Compared<T>; show?: (value: NonNullable<T>) => Child }) {
  return (
    <tr>
      <th scope="row" hx-ignore>
        {of.name}
        {!of.same && <div class="secondary small">differs</div>}
      </th>
      {[of.a, of.b].map(value => (
        <td hx-ignore>{value === null ? '–' : show(value as NonNullable<T>)}</td>
      ))}
    </tr>
  )
}
