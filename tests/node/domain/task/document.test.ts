/** A task as a document: it tells what was chosen and nothing more, hides what no model is told, and runs nothing that stands in it. */
import { describe, expect, test } from 'vitest'
import type { Json } from '../../../../src/domain/json/json.ts'
import { compareRuns } from '../../../../src/domain/task/told/document/compare.ts'
import { documentOf } from '../../../../src/domain/task/told/document/document.ts'
import type { DocumentChoice } from '../../../../src/domain/task/told/document/telling.ts'
import { documentName, documentText } from '../../../../src/domain/task/told/document/text.ts'
import { storyOf } from '../../../../src/domain/task/told/story.ts'
import { eventViews } from '../../../../src/domain/task/told/view.ts'
import { ANA, aTask, type Journey, onboarding } from '../../../support/task-builders.ts'

const ALL: DocumentChoice = { detail: 'full', inputs: true, log: true, people: true }
const LEAST: DocumentChoice = { detail: 'summary', inputs: false, log: false, people: false }
const IBAN = 'DE89370400440532013000'

/** A task whose input, outputs, note, comment and title say things that not everybody is to read. */
function aStory(input: Json = { company: 'Acme', iban: IBAN }, over = {}) {
  const task = aTask(onboarding({ title: '{{ input.company }}', ...over }), { input })
  task.answer({ found: 'BACKGROUND' })
  task.answer('DRAFT for INPUT-WORD')
  task.do({ type: 'comment', text: 'COMMENT', mentions: [] }, ANA)
  task.do({ type: 'decide', handoff: 'rejected', note: 'NOTE' }, ANA)
  task.answer('SECOND-DRAFT')
  task.decide('approved')
  return storyIn(task)
}

function storyIn(task: Journey) {
  return storyOf(task.state, task.rows, task.definition, task.now, digest => task.blobs.get(digest)!)
}

const textOf = (choice: DocumentChoice, format: 'md' | 'json' | 'csv', story = aStory()) =>
  documentText(documentOf(story, choice), format)

describe('what was chosen', () => {
  test('all of it: each visit with its output, decisions by whom and why, comments, input, result and every event', () => {
    const story = aStory()
    const document = documentOf(story, ALL)
    expect(document.steps.map(({ visit, key, output }) => [visit, key, output])).toEqual([
      [1, 'research', { found: 'BACKGROUND' }],
      [2, 'draft', 'DRAFT for INPUT-WORD'],
      [3, 'approve', undefined],
      [4, 'draft', 'SECOND-DRAFT'],
      [5, 'approve', undefined],
    ])
    expect(document.steps[2]).toMatchObject({
      step: 'Approve the mail',
      decisions: [{ handoff: 'rejected', by: 'Ana', note: 'NOTE' }],
      next: 'Draft the welcome mail',
    })
    expect(document).toMatchObject({ status: 'done', step: null, input: { iban: IBAN } })
    expect(document.comments).toMatchObject([{ by: 'Ana', text: 'COMMENT' }])
    expect(document.log?.map(({ seq }) => seq)).toEqual(story.events.map(({ seq }) => seq))
    const markdown = documentText(document, 'md')
    for (const part of ['BACKGROUND', 'DRAFT for INPUT-WORD', 'NOTE', 'COMMENT', 'SECOND-DRAFT', IBAN, '## Log'])
      expect(markdown).toContain(part)
  })

  test('the least: no output on the way, no note, no comment, no input, nobody by name, and no log', () => {
    for (const format of ['md', 'json'] as const) {
      const text = textOf(LEAST, format)
      for (const part of ['BACKGROUND', 'INPUT-WORD', 'NOTE', 'COMMENT', IBAN, 'Ana', 'ana@', 'key_signup'])
        expect([format, part, text.includes(part)]).toEqual([format, part, false])
      for (const part of ['Approve the mail', 'approved', 'a person']) expect(text).toContain(part)
    }
    expect(JSON.parse(textOf(LEAST, 'json'))).not.toHaveProperty('log')
  })

  test('a log without what came in has facts alone, neither prompts nor outputs', () => {
    for (const choice of [
      { ...ALL, inputs: false },
      { ...ALL, people: false },
      { ...ALL, detail: 'summary' as const },
    ]) {
      const text = textOf(choice, 'csv')
      for (const part of [IBAN, 'BACKGROUND', 'Background', 'INPUT-WORD', 'NOTE', 'COMMENT', 'ana@'])
        expect([part, text.includes(part)]).toEqual([part, false])
      expect(text).toContain('""handoff"":""rejected""')
    }
  })

  test('costs and tokens are those of the task, summed by step', () => {
    const story = aStory()
    const { cost, tokens, steps } = documentOf(story, LEAST)
    expect({ cost, ...tokens }).toEqual({
      cost: story.view.usage.cost,
      input: story.view.usage.inputTokens,
      output: story.view.usage.outputTokens,
    })
    const known = steps.map(step => step.cost)
    if (known.every(each => each !== null)) expect(known.reduce((a, b) => a! + b!, 0)).toBeCloseTo(cost!, 6)
    else expect(cost).toBeNull()
  })
})

describe('what no model is told', () => {
  const redact = ['input.iban']

  test('it is hidden in every format, as a field and as an echo in outputs, notes, comments, title and log', () => {
    const task = aTask(onboarding({ title: 'Pay {{ input.iban }}', redact }), {
      input: { company: 'Acme', iban: IBAN },
    })
    task.answer({ found: `It is ${IBAN}` })
    task.answer(`Draft with ${IBAN}`)
    task.do({ type: 'comment', text: `See ${IBAN}`, mentions: [] }, ANA)
    task.do({ type: 'decide', handoff: 'rejected', note: `Not ${IBAN}` }, ANA)
    for (const format of ['md', 'json', 'csv'] as const) {
      const text = textOf(ALL, format, storyIn(task))
      expect([format, text.includes(IBAN)]).toEqual([format, false])
      expect(text).toContain('redacted: iban')
    }
    expect(documentName(documentOf(storyIn(task), ALL), 'md')).not.toContain(IBAN)
  })

  test('the value of an input that was replaced on the way stays hidden, too', () => {
    const task = aTask(onboarding({ redact }), { input: { company: 'Acme', iban: IBAN } })
    task.answer({ found: `Old ${IBAN}` })
    task.do({ type: 'move', step: 'draft', input: { company: 'Acme', iban: 'GB33BUKB20201555555555' } }, ANA)
    expect(textOf(ALL, 'json', storyIn(task))).not.toContain(IBAN)
  })

  test('of a large value only its size is told, as an echo might be cut off in its beginning', () => {
    const story = aStory(undefined, { redact })
    const large = { $blob: 'a'.repeat(64), bytes: 99_999, head: `DE8937040044` }
    const events = story.events.map(event =>
      event.type === 'joined' ? { ...event, data: { ...event.data, output: large } } : event,
    )
    const text = documentText(documentOf({ ...story, events, view: { ...story.view, outputs: {} } }, ALL), 'json')
    expect(text).toContain('99999 bytes')
    expect(text).not.toContain('DE8937')
  })
})

describe('texts that would be more than text', () => {
  test('Markdown: titles, names and notes are one line without markup, values stand in fences that they cannot close', () => {
    const story = aStory({ company: '# <script>alert(1)</script>\n[x](javascript:1)' })
    const steps = { ...story.view.outputs, draft: '```\n# escaped\n````' }
    const text = textOf(ALL, 'md', { ...story, view: { ...story.view, outputs: steps } })
    expect(text.split('\n')[0]).toBe('# \\# \\<script\\>alert(1)\\</script\\> \\[x\\](javascript:1)')
    expect(text).toContain('`````text\n```\n# escaped\n````\n`````')
  })

  test('CSV: a name that begins a formula does not, and there is one row for each event', () => {
    const task = aTask(onboarding())
    task.do({ type: 'comment', text: 'x', mentions: [] }, { kind: 'person', id: 'a@b.test', name: '=cmd|x' })
    const csv = textOf(ALL, 'csv', storyIn(task))
    expect(csv).toContain("'=cmd|x")
    expect(csv.trimEnd().split('\r\n')).toHaveLength(eventViews(task.rows, null).length + 1)
  })

  test('file names hold no path and no device, and are not empty', () => {
    const name = (title: string) => documentName({ title, id: 'tsk_1' }, 'md')
    expect(name('../../etc/passwd')).toBe('etc passwd.md')
    expect(name('con')).toBe('_con.md')
    expect(name('..')).toBe('tsk_1.md')
    expect(name('a"b\r\nc\u202e')).not.toMatch(/["\r\n\u202e]/)
    expect(name('x'.repeat(5000)).length).toBeLessThan(100)
  })
})

describe('two runs side by side', () => {
  const run = (company: string, decisions: string[]) => {
    const task = aTask(onboarding(), { input: { company } })
    task.answer({ found: 'Much' })
    for (const decision of decisions) {
      task.answer(`For ${company}`)
      task.now += 60_000
      task.decide(decision)
    }
    return documentOf(storyIn(task), { ...ALL, log: false })
  }

  test('what is the same and what differs: input, way, outputs by step, cost, time', () => {
    const [one, other] = [run('Acme', ['approved']), run('Nimbus', ['rejected', 'approved'])]
    const { facts, route, input, outputs, result } = compareRuns(one, other, 0)
    expect([facts.status.same, facts.version.same, facts.ms]).toMatchObject([
      true,
      true,
      { a: 60_000, b: 120_000, same: false },
    ])
    expect([route.a?.length, route.b?.length, route.same]).toEqual([3, 5, false])
    expect([input.same, result.same]).toEqual([false, one.result === other.result])
    expect(outputs.map(({ name, same }) => [name, same])).toEqual([
      ['Research the company', true],
      ['Draft the welcome mail', false],
    ])
  })

  test('a run is like itself; of one that has not come as far, what it lacks is empty', () => {
    const done = run('Acme', ['approved'])
    const all = compareRuns(done, done, 0)
    expect([all.input, all.route, all.result, ...all.outputs].every(({ same }) => same)).toBe(true)
    const early = run('Acme', [])
    const draft = compareRuns(early, done, Date.parse(early.createdAt) + 5).outputs[1]
    expect(draft).toMatchObject({ a: null, b: 'For Acme', same: false })
    expect(compareRuns(early, done, Date.parse(early.createdAt) + 5).facts.ms.a).toBe(5)
  })
})
