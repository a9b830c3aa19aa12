/** The page of models and prices: a default, what has no price, and all prices; owners and admins change them. */
import { dollars, UNPRICED_CALL_COST } from '../../domain/money.ts'
import { Button } from '../../http/components/button.tsx'
import { Popover } from '../../http/components/dialog.tsx'
import { Notice } from '../../http/components/feedback.tsx'
import { TextField } from '../../http/components/field.tsx'
import { HeadWithActions } from '../../http/components/table.tsx'
import { Time } from '../../http/components/value/time.tsx'
import { Settings } from '../settings-frame.tsx'
import type { ModelPrices, ModelUse, PriceLine } from './prices.ts'

/** What was sent and is wrong. */
export interface PriceForm {
  given: Record<string, string>
  wrong: { path: string; message: string }
}

interface ModelsProps {
  prices: ModelPrices
  /** null: the server's. */
  usual: string | null
  told: PriceForm | undefined
  admin: boolean
  now: number
}

export const ModelsPage = ({
  prices: { lines, unpriced, offered, usable, dearest },
  usual,
  told,
  admin,
  now,
}: ModelsProps) => (
  <Settings at="prices">
    <header class="page-head">
      <div>
        <h1>Prices</h1>
        <p>
          Which model answers where nothing names one, and what models cost you. A changed price holds from then on.
        </p>
      </div>
    </header>
    <div class="stack">
      <UsualForm usual={usual} usable={usable} told={told} admin={admin} />
      {unpriced.length > 0 && <Unpriced unpriced={unpriced} dearest={dearest} />}
      <section class="table-scroll" aria-label="Prices" tabindex={0}>
        <table class="table">
          <HeadWithActions names={['Model', 'Input', 'Cached input', 'Output', 'Used by']} />
          <tbody>
            {[...unpriced.map(({ name }) => name), ...offered].map((name, index) => (
              <UnpricedLine name={name} id={`no-price-${index}`} admin={admin} />
            ))}
            {lines.map((line, index) => (
              <Line line={line} id={`price-${index}`} admin={admin} now={now} />
            ))}
          </tbody>
        </table>
      </section>
      <p class="secondary small">In USD for a million tokens.</p>
      {admin && <NewPrice told={told} />}
    </div>
  </Settings>
)

type UsualProps = Pick<ModelsProps, 'usual' | 'told' | 'admin'> & Pick<ModelPrices, 'usable'>

const UsualForm = ({ usual, usable, told, admin }: UsualProps) => (
  <form class="panel form narrow" method="post" action="/settings/prices/usual">
    <TextField
      label="Default model"
      name="usual"
      value={told?.given.usual ?? usual ?? ''}
      error={told?.wrong.path === 'usual' ? told.wrong.message : undefined}
      placeholder="The server’s default"
      maxlength={200}
      readonly={!admin}
      required={false}
      list="usable-models"
      hint="Of steps, agents and workflows that name none. Holds for tasks that begin from now on."
    />
    <datalist id="usable-models">
      {usable.map(name => (
        <option value={name} />
      ))}
    </datalist>
    {admin && (
      <div>
        <Button>Save</Button>
      </div>
    )}
  </form>
)

const Unpriced = ({ unpriced, dearest }: Pick<ModelPrices, 'unpriced' | 'dearest'>) => (
  <div id="unpriced">
    <Notice state="waiting" icon="alert">
      <strong>In use without a price</strong>
      <ul hx-ignore>
        {unpriced.map(({ name, uses }) => (
          <li>
            <code>{name}</code> <Uses uses={uses} />
          </li>
        ))}
      </ul>
      <p>
        What they cost shows as unknown. A call counts {dollars(UNPRICED_CALL_COST)} against a task’s limit, and as one
        of {dearest}, the dearest with a price, against the team’s budget.
      </p>
    </Notice>
  </div>
)

const Uses = ({ uses }: { uses: ModelUse[] }) => (
  <>
    {uses.map((use, index) => (
      <>
        {index > 0 && ', '}
        <a href={use.href}>{use.name}</a>
      </>
    ))}
  </>
)

interface LineProps extends Pick<ModelsProps, 'admin' | 'now'> {
  line: PriceLine
  id: string
}

const Line = ({ line: { name, price, own, uses }, id, admin, now }: LineProps) => (
  <tr>
    <th scope="row" hx-ignore>
      <code>{name}</code>
      {own !== null && (
        <div class="small secondary">
          Set <Time at={own.updatedAt} now={now} /> by {own.updatedBy}
        </div>
      )}
    </th>
    <td class="number">{rate(price.input)}</td>
    <td class="number">{price.cached === undefined ? '' : rate(price.cached)}</td>
    <td class="number">{rate(price.output)}</td>
    <td class="small" hx-ignore>
      <Uses uses={uses} />
    </td>
    <td class="number">
      {admin && (
        <>
          <Button type="button" size="small" popovertarget={id} aria-label={`Change the price of ${name}`}>
            Change
          </Button>
          <Popover id={id} title={`The price of ${name}`}>
            <form class="form" method="post" action="/settings/prices">
              <input type="hidden" name="model" value={name} />
              <PriceFields id={id} given={{ input: price.input, output: price.output, cached: price.cached }} />
              <div>
                <Button look="primary">Set the price</Button>
              </div>
            </form>
            {own !== null && (
              <form class="section" method="post" action="/settings/prices/delete">
                <input type="hidden" name="model" value={name} />
                <Button icon="trash">Take your own price away</Button>
              </form>
            )}
          </Popover>
        </>
      )}
    </td>
  </tr>
)

const UnpricedLine = ({ name, id, admin }: { name: string; id: string; admin: boolean }) => (
  <tr>
    <th scope="row" hx-ignore>
      <code>{name}</code>
    </th>
    <td class="secondary" colspan={4}>
      No price yet
    </td>
    <td class="number">
      {admin && (
        <>
          <Button type="button" size="small" popovertarget={id} aria-label={`Set a price for ${name}`}>
            Set
          </Button>
          <Popover id={id} title={`The price of ${name}`}>
            <form class="form" method="post" action="/settings/prices">
              <input type="hidden" name="model" value={name} />
              <PriceFields id={id} given={{}} />
              <div>
                <Button look="primary">Set the price</Button>
              </div>
            </form>
          </Popover>
        </>
      )}
    </td>
  </tr>
)

function rate(usd: number): string {
  return `$${usd}`
}

interface FieldsProps {
  id: string
  given: Partial<Record<'input' | 'output' | 'cached', string | number>>
  wrong?: PriceForm['wrong']
}

const PriceFields = ({ id, given, wrong }: FieldsProps) => {
  const field = (name: 'input' | 'output' | 'cached') => ({
    name,
    id: `${id}-${name}`,
    value: given[name] === undefined ? '' : String(given[name]),
    error: wrong?.path === name ? wrong.message : undefined,
    inputmode: 'decimal' as const,
    autocomplete: 'off',
  })
  return (
    <>
      <TextField label="Input" {...field('input')} required hint="USD for a million tokens." />
      <TextField label="Output" {...field('output')} required />
      <TextField label="Cached input" {...field('cached')} hint="Empty: as much as other input." />
    </>
  )
}

const NewPrice = ({ told }: Pick<ModelsProps, 'told'>) => (
  <form class="panel form section narrow" method="post" action="/settings/prices">
    <h2>Another model’s price</h2>
    <TextField
      label="Model"
      name="model"
      required
      maxlength={200}
      value={told?.given.model}
      error={told?.wrong.path === 'model' ? told.wrong.message : undefined}
      hint="Its name as steps write it."
      autocomplete="off"
    />
    <PriceFields id="new" given={told?.given ?? {}} wrong={told?.wrong} />
    <div class="form-actions">
      <Button look="primary" icon="plus">
        Set the price
      </Button>
    </div>
  </form>
)
