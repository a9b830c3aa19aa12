/** Two runs side by side: one thing after the other, with a word where they differ. */
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
  const titles: [string, string] = [own.title, other.title]
  const asValue = (value: Json) => <Value value={value} />
  return (
    <section class="stack" aria-label="The two runs">
      <p class="row" hx-ignore>
        <span>{own.title}</span>
        <span class="secondary">beside</span>
        <a href={`/tasks/${other.id}`}>{other.title}</a>
      </p>
      <Row titles={titles} of={facts.status} />
      <Row titles={titles} of={facts.version} show={version => `Version ${version}`} />
      <Row titles={titles} of={facts.cost} show={cost => <Money usd={cost} />} />
      <Row titles={titles} of={facts.ms} show={ms => duration(ms)} />
      <Row titles={titles} of={route} show={steps => steps.map(step => <div>{step}</div>)} />
      <Row titles={titles} of={input} show={asValue} />
      {outputs.map(output => (
        <Row titles={titles} of={output} show={asValue} />
      ))}
      <Row titles={titles} of={result} show={asValue} />
    </section>
  )
}

interface RowProps<T extends Json> {
  titles: [string, string]
  of: Compared<T>
  show?: (value: NonNullable<T>) => Child
}

/** Side by side where there is room, else one above the other: so each says whose it is. */
function Row<T extends Json>({ titles, of, show = String }: RowProps<T>) {
  return (
    <section class="stack-tight" hx-ignore>
      <h2>
        {of.name}
        {!of.same && <span class="secondary small"> differs</span>}
      </h2>
      <div class="branches">
        {[of.a, of.b].map((value, index) => (
          <div class="panel stack-tight">
            <p class="secondary small">{titles[index]}</p>
            <div>{value === null ? '–' : show(value as NonNullable<T>)}</div>
          </div>
        ))}
      </div>
    </section>
  )
}
