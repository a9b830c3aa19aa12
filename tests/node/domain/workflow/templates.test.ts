/** Every template: no finding of the lint, and nothing lost through file, forms and rewriting. */
import { describe, expect, test } from 'vitest'
import { agentValues, readAgent } from '../../../../src/agent/agent-form.ts'
import { agentSchema } from '../../../../src/domain/agent.ts'
import { validate } from '../../../../src/domain/schema/validate.ts'
import { builtInsOf } from '../../../../src/domain/tools/built-in.ts'
import type { Definition } from '../../../../src/domain/workflow/definition.ts'
import { applyEdit } from '../../../../src/domain/workflow/edit.ts'
import { lintDefinition } from '../../../../src/domain/workflow/lint.ts'
import { readDocument } from '../../../../src/workflow/document/document.ts'
import { rewriteYaml } from '../../../../src/workflow/document/rewrite.ts'
import { readBundle, writeBundle } from '../../../../src/workflow/exchange/bundle.ts'
import { readHandoffs, valuesOf } from '../../../../src/workflow/forms/handoff-form.ts'
import { readSettings, settingsValues } from '../../../../src/workflow/forms/settings-form.ts'
import { readStep, stepValues } from '../../../../src/workflow/forms/step-form.ts'
import { TEMPLATES } from '../../../../src/workflow/templates/templates.ts'
import { notEmpty } from '../../../support/not-empty.ts'

const parse = (text: string): Definition => {
  const read = readDocument(text, 'yaml')
  if (!read.ok) throw new Error(JSON.stringify(read.problem))
  return read.value as Definition
}

test('there are fourteen', () => expect(new Set(TEMPLATES.map(one => one.slug)).size).toBe(14))

describe.each(TEMPLATES.map(template => [template.slug, template] as const))('%s', (_slug, template) => {
  const definition = parse(template.text)

  test('has nothing for the lint to find, and a sample that fits its input', () => {
    const toolNames = builtInsOf({}).map(tool => tool.name)
    const known = {
      agents: template.agents.map(agent => agent.key),
      members: [],
      models: [],
      toolNames,
      secrets: new Map(),
    }
    for (const { tools = [] } of template.agents) for (const tool of tools) expect(toolNames).toContain(tool)
    expect(lintDefinition(definition, known).lint).toEqual([])
    expect(validate(definition.input!, template.sample)).toEqual([])
    for (const agent of template.agents) expect(agentSchema.safeParse(agent).success).toBe(true)
    const models = [definition.defaults?.model, ...template.agents.map(agent => agent.model)]
    expect(new Set(models)).toEqual(new Set(['demo']))
  })

  test('has a branch and a person', () => {
    expect(definition.steps.some(step => (step.handoffs ?? []).length > 1)).toBe(true)
    expect(definition.steps.some(step => step.human)).toBe(true)
  })

  test('comes through the file and back, comments and all', () => {
    const read = readBundle(writeBundle({ text: template.text, agents: template.agents }))
    if (!read.ok) throw new Error(read.message)
    expect(parse(read.bundle.text)).toEqual(definition)
    expect(read.bundle.agents).toEqual(template.agents)
    const comments = (text: string) => [...text.matchAll(/^ *# (.*)$/gm)].map(match => match[1])
    for (const comment of notEmpty(comments(template.text))) expect(comments(read.bundle.text)).toContain(comment)
  })

  test('comes through every form of the editor unchanged', () => {
    const settings = readSettings(settingsValues(definition), definition)
    if (!settings.ok) throw new Error(settings.message)
    let edited = applyEdit(definition, { do: 'updateWorkflow', fields: settings.fields })
    for (const step of definition.steps) {
      const read = readStep(stepValues(step), step)
      if (!read.ok) throw new Error(`${step.key}.${read.field}: ${read.message}`)
      const routes = readHandoffs(valuesOf(step.handoffs ?? []), step, definition)
      if (!routes.ok || !edited.ok) throw new Error('refused')
      edited = applyEdit(edited.definition, { do: 'updateStep', key: step.key, step: read.step })
      if (!edited.ok) throw new Error(JSON.stringify(edited.refusal))
      edited = applyEdit(edited.definition, { do: 'setHandoffs', key: step.key, handoffs: routes.handoffs })
    }
    expect(edited).toEqual({ ok: true, definition })
    expect(rewriteYaml(template.text, definition)).toEqual({ text: template.text, kept: true })
  })

  test('keeps the author’s spelling of every line that an edit does not touch', () => {
    const { text } = rewriteYaml(template.text, { ...definition, name: 'Another name' })
    expect(text).toBe(template.text.replace(/^name: .*$/m, 'name: Another name'))
    const last = definition.steps.at(-1)!
    const edited = applyEdit(definition, { do: 'updateStep', key: last.key, step: { ...last, name: 'Last of all' } })
    if (!edited.ok) throw new Error('refused')
    const before = template.text.split('\n')
    const changed = rewriteYaml(template.text, edited.definition).text.split('\n')
    expect(changed.filter((line, place) => line !== before[place])).toEqual(['    name: Last of all'])
  })

  test('keeps its comments when one step is renamed, and says the same then', () => {
    const [step] = definition.steps
    const edited = applyEdit(definition, { do: 'updateStep', key: step!.key, step: { ...step!, key: 'renamed' } })
    if (!edited.ok) throw new Error('refused')
    const written = rewriteYaml(template.text, edited.definition)
    expect(written.kept).toBe(true)
    expect(parse(written.text)).toEqual(edited.definition)
  })

  test('has agents that come through their form', () => {
    const { agents } = template
    const read = agents.map(agent => readAgent(agentValues(agent), agent.key))
    expect(read).toEqual(agents.map(agent => ({ ok: true, agent })))
  })
})

test('a file brings what agents know, whatever stands in it, and names what is too long for it', () => {
  const text = 'name: x\nsteps: []\n'
  const odd = { key: 'odd', name: 'Odd: "x"', text: 'one\ftwo\n# three\n  - four: {{ five }}\t\u2028', months: 3 }
  const long = (key: string) => ({ key, name: key, text: 'words '.repeat(49_999).trim() })
  const file = writeBundle({ text, agents: [], knowledge: [odd, long('first'), long('second')] })
  expect(file).toContain('by hand first: second\n')
  const read = readBundle(file)
  expect(read.ok && read.bundle.knowledge).toEqual([odd, long('first')])
  expect(readBundle(file.replace('months: 3', 'months: 99'))).toMatchObject({
    ok: false,
    message: expect.stringContaining('knowledge[0] months'),
  })
})
