/** Liquid as Baton speaks it: which tags and filters there are, and where each of them is charged to the budget. */
import {
  AssignTag,
  Context,
  defaultOperators,
  type Emitter,
  type FilteredValueToken,
  ForTag,
  Liquid,
  type Operators,
  Output,
  TablerowTag,
  Tag,
  type Template,
  toValue,
  toValueSync,
  type ValueToken,
} from 'liquidjs'
import { BoundedCache } from '../bounded-cache.ts'
import type { Budget } from './budget.ts'
import { FILTERS } from './filters.ts'
import { checkRange, inspectTemplates } from './inspect.ts'
import { pathsIn } from './paths.ts'
import { print } from './print.ts'

/** Longest template, in UTF-16 units: a step's prompt may be this long (definition schema). */
const MAX_TEMPLATE = 64 * 1024
/** Output, comment and flow tags. Nothing that reads files, counts across renders or names another template. */
const TAGS = ['capture', 'case', 'comment', 'if', 'raw', 'unless', 'break', 'continue', 'echo', 'liquid', '#']

/** A parsed template, with what reading it needs to know. */
export interface Parsed {
  templates: Template[]
  /** The one `{{ … }}` it consists of, when it is just that. */
  only: Output | null
}

class StrictAssign extends AssignTag {
  /** liquidjs lets `assign` take a missing variable as null under `lenientIf`; here it is an error like anywhere else. */
  override *render(ctx: Context): Generator<unknown, void, unknown> {
    const tag = this as unknown as { key: string; value: Output['value'] }
    ;(ctx.bottom() as Record<string, unknown>)[tag.key] = yield tag.value.value(ctx, false)
  }
}

class BoundedFor extends ForTag {
  override *render(ctx: Context, emitter: Emitter): Generator<unknown, string | undefined, Template[]> {
    yield chargeCollection(this.collection, ctx)
    return (yield* super.render(ctx, emitter)) as string | undefined
  }
}

class BoundedTablerow extends TablerowTag {
  override *render(ctx: Context, emitter: Emitter): Generator<unknown, void, unknown> {
    yield chargeCollection(this.collection, ctx)
    yield* super.render(ctx, emitter)
  }
}

/**
 * A rendering's variables. liquidjs counts an object's keys for `.size` each time it is asked, so that is charged; and it
 * does not tell a loop which one it stands in.
 */
class BoundedContext extends Context {
  override push(scope: object): number {
    if (Object.hasOwn(scope, 'forloop')) {
      const { forloop } = scope as { forloop: { parentloop?: unknown } }
      forloop.parentloop = this.#loops.findLast(loop => loop !== null) ?? null
      this.#loops.push(forloop)
    } else this.#loops.push(null)
    return super.push(scope)
  }

  override pop(): object | undefined {
    this.#loops.pop()
    return super.pop()
  }

  /** Of each layer of names the loop that it is of. */
  readonly #loops: (object | null)[] = []

  override readProperty(...[obj, key]: Parameters<Context['readProperty']>): unknown {
    const value: unknown = obj
    if (key === 'size' && typeof value === 'object' && value !== null && !Array.isArray(value)) {
      this.memoryLimit.use(4 * Object.keys(value).length)
    }
    return super.readProperty(obj, key)
  }

  override spawn(scope: object = {}): Context {
    const { memoryLimit, renderLimit, liquid } = this
    return new BoundedContext(scope, this.opts, { sync: true }, { memoryLimit, renderLimit, liquid })
  }
}

/** Collects text, charging each piece before it is joined on. */
class BoundedEmitter implements Emitter {
  buffer = ''
  readonly #budget: Budget

  constructor(budget: Budget) {
    this.#budget = budget
  }

  write(value: unknown): void {
    const text = print(value, this.#budget)
    this.#budget.write(text.length)
    this.buffer += text
  }
}

const weights = new WeakMap<Template, number>()
const liquid = assemble()
const parsed = new BoundedCache<Parsed | Error>(200, 1_000_000)

/** Parses a template, or gives the error that says why not. Kept per isolate. */
export function parse(text: string): Parsed | Error {
  if (text.length > MAX_TEMPLATE) return new Error('the template is longer than 64 KiB')
  return parsed.get(text, () => {
    try {
      return parseNew(text)
    } catch (error) {
      return /call stack/.test((error as Error).message)
        ? new Error('the template is nested too deeply')
        : (error as Error)
    }
  })
}

/** Renders to text. Throws what liquidjs throws, and OverBudget. */
export function run(template: Parsed, variables: object, budget: Budget): string {
  const emitter = new BoundedEmitter(budget)
  toValueSync(liquid.renderer.renderTemplates(template.templates, context(variables, budget), emitter))
  return emitter.buffer
}

/** Renders to text, with the text of each `{{ … }}` put through `encode`. Throws as `run` does, and for any tag. */
export function runEncoded(
  template: Parsed,
  variables: object,
  budget: Budget,
  encode: (text: string) => string,
): string {
  return template.templates
    .map(part => {
      if (part instanceof Tag) throw new Error('an address can hold `{{ }}`, and no tags')
      if (!(part instanceof Output)) return run({ templates: [part], only: null }, variables, budget)
      const text = encode(print(evaluate(part, variables, budget), budget))
      budget.write(text.length)
      return text
    })
    .join('')
}

/** The value of a template's one `{{ … }}`, its type kept. */
export function evaluate(output: Output, variables: object, budget: Budget): unknown {
  budget.use(weights.get(output) ?? 1)
  return toValueSync(output.value.value(context(variables, budget), false))
}

/** The paths a template reads that it did not itself assign, without what is computed at run time. */
export function pathsOf(template: Parsed): string[][] {
  return pathsIn(template.templates)
}

/** The options that templates are read with. */
export function optionsOf(): Liquid['options'] {
  return liquid.options
}

function parseNew(text: string): Parsed {
  const templates = liquid.parse(text)
  inspectTemplates(templates, (template, weight) => weights.set(template, weight))
  const first = templates[0]
  return { templates, only: templates.length === 1 && first instanceof Output ? first : null }
}

function context(variables: object, budget: Budget): Context {
  const limits = { memoryLimit: budget, renderLimit: budget } as unknown as { memoryLimit: Context['memoryLimit'] }
  return new BoundedContext(
    Object.assign(Object.create(null), variables),
    liquid.options,
    { sync: true },
    { ...limits, liquid },
  )
}

function assemble(): Liquid {
  const engine = new Liquid({
    strictVariables: true,
    strictFilters: true,
    ownPropertyOnly: true,
    lenientIf: true,
    // A date must not depend on where the Worker or the test runs.
    timezoneOffset: 0,
    locale: 'en-US',
    operators: chargedOperators(),
  })
  const kept = TAGS.map(name => [name, engine.tags[name]!] as const)
  for (const name of Object.keys(engine.tags)) delete engine.tags[name]
  for (const [name, tag] of kept) engine.registerTag(name, tag)
  engine.registerTag('assign', StrictAssign)
  engine.registerTag('for', BoundedFor)
  engine.registerTag('tablerow', BoundedTablerow)
  for (const name of Object.keys(engine.filters)) engine.unregisterFilter(name)
  for (const [name, filter] of Object.entries(FILTERS)) engine.registerFilter(name, filter)
  chargeBlocks(engine)
  return engine
}

/** Every block rendered passes here: it is charged for the tokens it will evaluate, and captured text is bounded too. */
function chargeBlocks(engine: Liquid): void {
  const render = engine.renderer.renderTemplates.bind(engine.renderer)
  engine.renderer.renderTemplates = (templates, ctx, emitter) => {
    const budget = ctx.memoryLimit as unknown as Budget
    for (const template of templates) budget.use(weights.get(template) ?? 1)
    return render(templates, ctx, emitter ?? new BoundedEmitter(budget))
  }
}

/** liquidjs's operators, charged for the values they compare. Lists have no order, so that `<` and its like are false for them. */
function chargedOperators(): Operators {
  const operators: Operators = { ...defaultOperators }
  for (const name of ['==', '!=', '<', '<=', '>', '>=', 'contains']) {
    const compare = defaultOperators[name]!
    operators[name] = function* (left: unknown, right: unknown, ctx: Context) {
      const budget = ctx.memoryLimit as unknown as Budget
      // What is not there is in no list, not even in one with nothing in some place.
      if (name === 'contains' && (toValue(right) ?? null) === null) return false
      if (/[<>]/.test(name) && (Array.isArray(left) || Array.isArray(right))) return false
      if (name === 'contains' && typeof left === 'string') budget.search(left, String(right))
      else budget.walk([left, right])
      // Each item is compared by a call of its own.
      if (name === 'contains' && Array.isArray(left)) budget.use(2 * left.length)
      return (yield compare(left, right, ctx)) as boolean
    }
  }
  return operators
}

function* chargeCollection(token: ValueToken | FilteredValueToken, ctx: Context): Generator<unknown, void, unknown> {
  const collection = yield* checkRange(token, ctx)
  if (typeof collection !== 'object' || collection === null) return
  // Fields become a list of pairs first.
  ctx.memoryLimit.use(Array.isArray(collection) ? collection.length : 8 * Object.keys(collection).length)
}
