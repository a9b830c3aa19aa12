/** The worst definitions of many parts: templates, conditions and names that are each small and dear together. */
import { lintDefinition } from '../../../../src/domain/workflow/lint.ts'
import type { CostCase } from '../../../support/cpu-time.ts'
import { fill } from './fill.ts'

/** What is refused for its size was not looked at. */
function linted(...given: Parameters<typeof lintDefinition>): void {
  const { lint } = lintDefinition(...given)
  const { code } = lint.find(item => item.code === 'too_large' || item.code === 'bad_value') ?? {}
  if (code !== undefined) throw new Error(`it was not looked at: ${code}`)
}

const KNOWN = { agents: [], members: ['ana@acme.test'], models: ['demo'] }
/** As much as a definition may hold beside its hundred steps. */
const LARGEST = 215 * 1024
const STEPS = 100

/** A hundred steps, each with as much of the part as makes the largest definition; `round` makes each text another one. */
const inPrompts = (part: string, round: number, count = STEPS) => ({
  baton: 1,
  name: 'Many',
  steps: Array.from({ length: count }, (_, at) => ({
    key: `s${at}`,
    prompt: `${round} ${at} ${fill(part, LARGEST / count).slice(0, 16_000)}`,
    handoffs: [{ to: 'complete' }],
  })),
})

const TEMPLATES: Record<string, string> = {
  variables: '{{ input.a }}',
  'variables with filters': '{{ input.a | upcase | downcase | strip }}',
  'paths into lists': '{{ input.a[0].b["c"].d }}',
  'paths of many parts': `{{ input${'.a'.repeat(200)} }}`,
  'filters of many arguments': `{{ input.a | append: ${'b, '.repeat(50)}c }}`,
  conditions: '{% if input.a %}{% endif %}',
  'conditions of many parts': `{% if input.a ${'or input.b '.repeat(50)}%}{% endif %}`,
  'conditions that do not end': '{% if input.a %}',
  loops: '{% for a in input.b %}{{ a }}{% endfor %}',
  'loops in loops': '{% for a in input.b %}',
  cases: '{% case input.a %}{% when 1 %}{% endcase %}',
  assignments: '{% assign a = input.b %}',
  captures: '{% capture a %}b{% endcapture %}',
  'opening braces': '{{',
  'opening tags': '{%',
  'closing braces': '}}',
  comments: '{% comment %}',
  raws: '{% raw %}',
  texts: 'word ',
}

const CONDITIONS: Record<string, string> = {
  comparisons: 'output.score > 1',
  'many parts': `output.a == 1${' || output.b == 2'.repeat(2)}`,
  calls: 'output.a.all(x, x > 1)',
  patterns: 'output.a.matches("^[a-z]{1,50}$")',
  'no condition': '((((((((',
}

const inHandoffs = (condition: string, round: number) => ({
  baton: 1,
  name: 'Many',
  steps: Array.from({ length: STEPS }, (_, at) => ({
    key: `s${at}`,
    prompt: 'x',
    handoffs: Array.from({ length: 15 }, (_, n) => ({
      if: `${condition} || ${round} == ${at * 20 + n}`,
      to: 'complete',
    })),
  })),
})

const inOutputs = (schema: object) => ({
  baton: 1,
  name: 'Many',
  steps: Array.from({ length: STEPS }, (_, at) => ({
    key: `s${at}`,
    prompt: 'x',
    output: schema,
    handoffs: [{ to: 'complete' }],
  })),
})

const fields = Object.fromEntries(
  Array.from({ length: 25 }, (_, at) => [`f${at}`, { type: 'string', pattern: `^[a-z]{1,${at + 1}}$` }]),
)

const cases: CostCase[] = [
  ...Object.entries(TEMPLATES).map(
    ([kind, part]): CostCase => ({
      name: `templates of ${kind}`,
      run: round => linted(inPrompts(part, round), KNOWN),
    }),
  ),
  ...Object.entries(CONDITIONS).map(
    ([kind, part]): CostCase => ({
      name: `conditions of ${kind}`,
      run: round => linted(inHandoffs(part, round), KNOWN),
    }),
  ),
  {
    name: 'schemas with patterns',
    run: () => linted(inOutputs({ type: 'object', properties: fields }), KNOWN),
  },
  {
    name: 'steps that go to each other',
    run: () =>
      linted(
        {
          baton: 1,
          name: 'Many',
          steps: Array.from({ length: STEPS }, (_, at) => ({
            key: `s${at}`,
            prompt: 'x',
            handoffs: Array.from({ length: 20 }, (_, n) => ({ when: `l${n}`, to: `s${(at * 7 + n) % STEPS}` })),
          })),
        },
        KNOWN,
      ),
  },
  {
    name: 'names that nobody knows',
    run: () =>
      linted(
        {
          baton: 1,
          name: 'Many',
          steps: Array.from({ length: STEPS }, (_, at) => ({
            key: `s${at}`,
            agent: `nobody_${at}`,
            instructions: 'x',
            handoffs: Array.from({ length: 20 }, (_, n) => ({ when: `l${n}`, to: `nowhere_${at}_${n}` })),
          })),
        },
        { ...KNOWN, agents: Array.from({ length: 200 }, (_, at) => `somebody_${at}`) },
      ),
  },
]
export default cases

export function warmUp(): void {
  for (let round = 0; round < 3; round++) {
    for (const part of Object.values(TEMPLATES)) linted(inPrompts(part, -round - 1, 3), KNOWN)
    for (const part of Object.values(CONDITIONS)) linted(inHandoffs(part, -1), KNOWN)
  }
}
