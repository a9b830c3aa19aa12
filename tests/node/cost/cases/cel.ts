/** The worst conditions: what 2,000 characters of CEL can make of an output of 256 KiB. */
import { checkCondition, evaluateCondition } from '../../../../src/domain/handoff/condition.ts'
import type { Json } from '../../../../src/domain/json/json.ts'
import type { CostCase } from '../../../support/cpu-time.ts'
import { withOutput } from '../../domain/scope.ts'

const long = 'a'.repeat(255 * 1024)
const half = 'é'.repeat(60 * 1024)
const list = <T>(count: number, item: (index: number) => T): T[] => Array.from({ length: count }, (_, at) => item(at))
const numbers = list(19_000, at => at)
const words = list(15_000, at => `word ${at}`)
const rows = list(2000, at => ({ a: at, b: `row ${at}`, c: [1, 2, 3] }))
const anyOf = (part: string, times: number) => list(times, () => part).join(' || ')

const KINDS: Record<string, [condition: string, output: Json]> = {
  'a pattern of a thousand letters': ['output.matches("\\\\p{L}{1,1000}$")', long],
  'a pattern of a thousand letters, as long as is let through': [
    'output.matches("\\\\p{L}{1,1000}$")',
    'é'.repeat(3000),
  ],
  'a pattern for each item': ['output.all(x, x.matches("(\\\\p{L}|\\\\d){1,400}$"))', words],
  'a pattern out of the output': ['output.all(x, "abc".matches(x))', list(900, at => `${'\\p{L}'.repeat(50)}${at}`)],
  'large patterns out of the output': ['output.all(x, "abc".matches(x))', list(900, at => `(a{1,30}){1,30}${at}`)],
  'alternatives out of the output': [
    'output.all(x, "abc".matches(x) || true)',
    list(500, at => `(${'\\p{L}|'.repeat(80)}${at}){1,8}`),
  ],
  'patterns one after the other': [anyOf('output.matches("(a|b){1,90}c$")', 50), long],
  'loops in each other': ['output.all(x, output.all(y, x + y >= 0))', numbers],
  'loops in each other over fields': ['output.exists(x, output.exists(y, x.a == y.a + 3000))', rows],
  'loops side by side': [anyOf('output.exists(x, x == -1)', 50), numbers],
  'mapped and mapped again': ['output.map(x, [x, x]).map(y, [y, y]).filter(z, z[0][0] > 1).size() > 5', numbers],
  'lists compared': ['output.all(x, output == output)', numbers],
  'lists compared in parts': [
    anyOf('output.rows == output.others', 60),
    { rows, others: [...rows.slice(0, -1), null] },
  ],
  'a value in a list': ['output.all(x, !(x in output) || true)', list(3000, at => `w${at}`)],
  'objects in a list': ['output.all(x, x in output)', rows],
  'joined texts': ['output.map(x, output).map(x, x.join(",")).size() > 0', list(300, at => `word ${at}`)],
  'texts put together': [anyOf('(output + output + output).size() == 1', 60), long],
  'texts searched': [anyOf(`output.contains("${'a'.repeat(20)}b")`, 50), long],
  'texts searched for texts': [
    anyOf('output.a.contains(output.b)', 70),
    { a: long.slice(0, 130_000), b: `${long.slice(0, 65_000)}b` },
  ],
  'JSON in a text, again and again': [
    anyOf('parse_json(output) == 1', 70),
    JSON.stringify(list(15_000, at => ({ a: at }))).slice(0, 250_000),
  ],
  'small JSON in a text, again and again': [
    anyOf('parse_json(output.a).x == 1', 70),
    { a: JSON.stringify(rows.slice(0, 1500)) },
  ],
  'JSON in every item': ['output.all(x, parse_json(x).a != 1)', list(9000, at => `{"a": "x${at}"}`)],
  'texts split': [anyOf('output.split("a").size() == 1', 60), long],
  'texts in lower case': [anyOf('output.lowerAscii() == "b"', 60), long],
  'texts trimmed': [anyOf('output.trim() == "b"', 60), ' '.repeat(255 * 1024)],
  'texts ended': [anyOf('output.endsWith("b")', 90), long],
  'sizes of texts': [anyOf('output.size() == 1', 100), half],
  'sizes of objects': [anyOf('output.size() == 1', 100), Object.fromEntries(list(15_000, at => [`k${at}`, at]))],
  durations: ['duration(output) == duration("1s")', '1'.repeat(200_000)],
  'durations of many': ['output.all(x, duration(x) == duration("1s") || true)', list(10_000, at => `${at}h${at}m`)],
  times: ['output.all(x, timestamp(x) != timestamp("2026-01-01T00:00:00Z"))', list(8000, () => '2026-02-03T04:05:06Z')],
  'times in a zone': [
    'output.all(x, timestamp(x).getHours("America/Nuuk") >= 0)',
    list(8000, () => '2026-02-03T04:05:06Z'),
  ],
  'numbers from texts': ['output.all(x, double(x) >= 0.0)', list(8000, at => `${at}${'1'.repeat(20)}`)],
  'a number from a long text': [anyOf('int(output) == 1', 60), '1'.repeat(200_000)],
  'texts from numbers': ['output.all(x, string(x).size() > 0)', numbers],
  'bytes of a text': [anyOf('bytes(output).size() == 1', 60), long],
  'types of values': ['output.all(x, type(x) == type(1.0))', numbers],
  'many keys': ['output.all(k, output[k] == 1)', Object.fromEntries(list(15_000, at => [`k${at}`, 1]))],
  'a list made in a loop': ['output.map(x, [x, x, x, x, x, x, x, x]).size() > 0', numbers],
  'a mapping made in a loop': ['output.map(x, {"a": x, "b": x, "c": x}).size() > 0', numbers],
  'errors in a loop': ['output.exists(x, x.nope == 1)', rows],
  'errors of texts in a loop': ['output.exists(x, int(x) == 1)', words],
}

const cases: CostCase[] = Object.entries(KINDS).map(([name, [condition, output]]) => {
  const scope = withOutput(output)
  return { name, run: round => evaluateCondition(`${condition}${' '.repeat(round)}`, scope) }
})
const wordy = (part: string) => part.repeat(Math.floor(1990 / part.length))
const written: CostCase[] = [
  `${wordy('(')}1`,
  wordy('['),
  wordy('!'),
  wordy('-'),
  wordy('"'),
  `${wordy('a.')}b`,
  `${wordy('1+')}1`,
  `${wordy('true?1:')}1`,
  `[${wordy('1,')}1]`,
  `output.matches("${'a{1000}'.repeat(73)}")`,
  wordy('output.all(x,'),
].map(text => ({ name: `${text.slice(0, 12)}…`, run: round => checkCondition(`${text}${' '.repeat(round)}`) }))
export default [...cases, ...written]

export function warmUp(): void {
  const scope = withOutput([1, 2, 3])
  for (let round = 0; round < 300; round++)
    evaluateCondition(`output.all(x, x + ${round} > 0) && "a".contains("b")`, scope)
}
