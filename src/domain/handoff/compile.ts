/** CEL as Baton speaks it: parsed once, type-checked, and with each operation charged to the work it may do. */
import { Environment } from '@marcbachmann/cel-js'
import { BoundedCache } from '../bounded-cache.ts'
import type { Json } from '../json/json.ts'
import { BODY_LIMITS, guardJson } from '../json/json-guard.ts'
import { compilePattern, compileSteps, type Pattern } from '../pattern/linear-regex.ts'
import { ASK_ROOTS, CONDITION_ROOTS, DELIVERY_ROOTS, EVENT_ROOTS, VALUE_ROOTS } from '../template/scope.ts'
import type { Work } from './cost.ts'
import { mistakeIn, reservedFieldIn } from './mistakes.ts'
import { type CheckedNode, childrenOf, emptyIn, objectionTo, pathsOf, patternsOf } from './syntax.ts'
import { registerTimes, requireInRange, requireTime } from './times.ts'

/** Longest condition, as the definition schema has it. */
const MAX_EXPRESSION = 2000

/** A condition that can be run. */
export interface Compiled {
  paths: string[][]
  /** Throws what cel-js throws; charges `work` as it goes. */
  run(variables: Record<string, Json>, work: Work): unknown
}

/** What an expression is about, and so the names it may use. A `value` may come to anything, all others to true or false. */
export type Subject = 'visit' | 'delivery' | 'call' | 'event' | 'value'

interface Language {
  roots: readonly string[]
  /** Whether it must come to true or false. */
  decides: boolean
  /** Made when it is first needed: most isolates speak one or none of these languages. */
  readonly environment: Environment
  compiled: BoundedCache<Compiled | Error>
}

const languages: Record<Subject, Language> = {
  visit: languageOf(CONDITION_ROOTS),
  delivery: languageOf(DELIVERY_ROOTS),
  call: languageOf(ASK_ROOTS),
  event: languageOf(EVENT_ROOTS),
  value: languageOf(VALUE_ROOTS, false),
}

/** Compiles a condition, or gives the error that says why not. Kept per isolate. */
export function compile(expression: string, subject: Subject = 'visit'): Compiled | Error {
  if (expression.length > MAX_EXPRESSION) return new Error(`it is longer than ${MAX_EXPRESSION} characters`)
  const language = languages[subject]
  return language.compiled.get(expression, () => {
    try {
      return compileNew(expression, language)
    } catch (error) {
      const { summary, message } = error as Error & { summary?: string }
      return new Error(summary ?? message)
    }
  })
}

function compileNew(expression: string, { roots, environment, decides }: Language): Compiled {
  const parsed = parse(expression, environment)
  const root = parsed.ast as CheckedNode
  const objection = objectionTo(root) ?? mistakeIn(root, expression, roots)
  if (objection !== null) throw new Error(objection)
  for (const empty of emptyIn(root)) loosen(empty, environment)
  const checked = parsed.check()
  if (!checked.valid) throw checked.error
  if (decides && checked.type !== 'bool' && !checked.type?.startsWith('dyn')) {
    throw new Error(`it comes to a value of type ${checked.type}, which is neither true nor false`)
  }
  const meter: Meter = { work: null, patterns: compiledOnce(patternsOf(root)) }
  instrument(root, meter, new Set())
  return {
    paths: pathsOf(root, roots),
    run: (variables, work) => metered(meter, work, () => parsed(variables) as unknown),
  }
}

function parse(expression: string, environment: Environment): ReturnType<Environment['parse']> {
  try {
    return environment.parse(expression)
  } catch (error) {
    const reserved = reservedFieldIn(expression)
    throw reserved === null ? error : new Error(reserved)
  }
}

/** Makes `[]` a `dyn([])`: cel-js finds too many operators for items of which it knows no type, or none, and throws. */
function loosen(empty: CheckedNode, environment: Environment): void {
  const { op, args, meta } = environment.parse(empty.op === 'list' ? 'dyn([])' : 'dyn({})').ast as CheckedNode
  Object.assign(empty, { op, args })
  Object.assign(empty.meta, meta)
}

/** Where the nodes of one expression find the budget of the evaluation under way; evaluation is synchronous. */
interface Meter {
  work: Work | null
  /** The patterns that the expression itself holds. */
  patterns: Map<string, Pattern>
}

function compiledOnce(patterns: string[]): Map<string, Pattern> {
  return new Map(patterns.map(pattern => [pattern, compiledOrThrow(pattern)]))
}

function metered(meter: Meter, work: Work, evaluate: () => unknown): unknown {
  meter.work = work
  try {
    return evaluate()
  } finally {
    meter.work = null
  }
}

/**
 * Wraps what the type checker gave each node to evaluate with. cel-js has no hook to count at, and a budget by time would
 * never end in production. `matches` is replaced outright: cel-js's own is the exponential engine.
 */
function instrument(node: CheckedNode, meter: Meter, seen: Set<CheckedNode>): void {
  if (seen.has(node)) return
  seen.add(node)
  for (const child of childrenOf(node)) instrument(child, meter, seen)
  const handle = node.handle
  if (handle === undefined) return
  const called = node.op === 'rcall' || node.op === 'call' ? node.args[0] : null
  const evaluate = called === 'matches' ? (args: unknown) => matchesLinearly(args, meter) : handle
  const body = node.op === ('comprehension' as string) ? bodySize(node) : 0
  node.handle = (...args) => {
    charge(node, args, body, meter.work!)
    const [given] = args
    if (called === 'timestamp' && Array.isArray(given) && typeof given[0] === 'string') requireTime(given[0])
    const value = evaluate(...args)
    if (value instanceof Date) requireInRange(value)
    return value
  }
}

function charge(node: CheckedNode, [first, second]: unknown[], body: number, work: Work): void {
  switch (node.op as string) {
    case 'call':
    case 'rcall':
      work.call(String((node.args as unknown[])[0]), first as unknown[])
      break
    case 'comprehension':
      work.use(body * (1 + (Array.isArray(first) ? first.length : Object.keys(first ?? {}).length)))
      break
    case '.':
    case '[]':
    case '?:':
    case '!_':
    case '-_':
      work.use(1)
      break
    default:
      work.walk(first)
      work.walk(second)
  }
}

/** The nodes a loop goes through for each item. Charged for all items at once: `exists` would go on after an error thrown inside. */
function bodySize(loop: CheckedNode): number {
  const { step } = loop.args as unknown as { step: CheckedNode }
  return sizeOf(step)
}

function sizeOf(node: CheckedNode): number {
  return childrenOf(node).reduce((sum, child) => sum + sizeOf(child), 1)
}

/** A pattern that comes out of a value is compiled anew, and charged for that, too. */
function matchesLinearly(args: unknown, { work, patterns }: Meter): boolean {
  const [text, pattern] = args as unknown[]
  if (typeof text !== 'string' || typeof pattern !== 'string') throw new Error('matches() needs a text and a pattern')
  if (!patterns.has(pattern)) work!.steps(compileSteps(pattern))
  const regex = patterns.get(pattern) ?? compiledOrThrow(pattern)
  work!.steps(regex.steps(text))
  return regex.test(text)
}

function compiledOrThrow(pattern: string): Pattern {
  const compiled = compilePattern(pattern)
  if (compiled instanceof Error) throw compiled
  return compiled
}

function languageOf(roots: readonly string[], decides = true): Language {
  let made: Environment | undefined
  return {
    roots,
    decides,
    get environment() {
      made ??= assemble(roots)
      return made
    },
    compiled: new BoundedCache<Compiled | Error>(500, 200_000),
  }
}

function assemble(roots: readonly string[]): Environment {
  const env = new Environment({
    homogeneousAggregateLiterals: false,
    limits: { maxAstNodes: 500, maxDepth: 32, maxListElements: 200, maxMapEntries: 50, maxCallArguments: 5 },
  })
  for (const root of roots) env.registerVariable(root, 'dyn')
  registerMixedArithmetic(env)
  registerTimes(env)
  registerJson(env)
  // The method's twin; both are replaced where they are called.
  env.registerFunction('matches(string, string): bool', () => {
    throw new Error('matches() was not replaced')
  })
  return env
}

/** `parse_json`, as templates have it: JSON that came as a text, held to the limits of bodies; any other value stays as it is. */
function registerJson(env: Environment): void {
  const read = (value: unknown): unknown => {
    if (typeof value !== 'string') return value
    const found = guardJson(value, BODY_LIMITS, 'text')
    if (!found.ok) throw new Error(`parse_json() cannot read this text: ${found.message.replace(/\.$/, '')}`)
    return found.value
  }
  env.registerFunction('parse_json(dyn): dyn', read)
}

/** JSON's numbers are doubles and CEL's whole literals are ints; CEL has no arithmetic between the two, people do. */
function registerMixedArithmetic(env: Environment): void {
  const operations: Record<string, (a: number, b: number) => number> = {
    '+': (a, b) => a + b,
    '-': (a, b) => a - b,
    '*': (a, b) => a * b,
    '/': (a, b) => a / nonZero(b),
    '%': (a, b) => a % nonZero(b),
  }
  for (const [sign, compute] of Object.entries(operations)) {
    const handler = (a: number | bigint, b: number | bigint) => compute(Number(a), Number(b))
    for (const [left, right] of [
      ['double', 'int'],
      ['int', 'double'],
    ]) {
      env.registerOperator(`${left} ${sign} ${right}: double`, handler)
    }
  }
  env.registerOperator('double % double: double', (a: number, b: number) => a % nonZero(b))
}

function nonZero(divisor: number): number {
  if (divisor === 0) throw new Error('division by zero')
  return divisor
}
