/** Golden Liquid, what Ruby's Liquid gives for a thousand templates, against templates here; those of one text only. */
import { expect, test } from 'vitest'
import type { Scope } from '../../../src/domain/template/scope.ts'
import { renderText } from '../../../src/domain/template/template.ts'
import { distinctNames, expectOnlyKnown, type Known, readSuite } from './differences.ts'

interface Case {
  name: string
  template: string
  data: Scope
  results?: string[]
  invalid?: true
}

const suite = readSuite<Case[]>('liquid.json')
const known = readSuite<Known>('liquid.known.json')

test('templates render to what the suite says, but for those listed', () => {
  expect(suite.length).toBeGreaterThan(1000)
  const names = distinctNames(suite.map(({ name }) => name))
  const differs = ({ template, data, results = [] }: Case) => {
    const rendered = renderText(template, data)
    return rendered.ok ? !results.includes(rendered.text) : results.length > 0
  }
  expectOnlyKnown(
    names.filter((_, place) => differs(suite[place]!)),
    known,
  )
})
