/** Titles and subjects as people see them: whole characters, in one line, and not turned around. */
import { beforeAll, expect, test } from 'vitest'
import { aTeam, aWorkflow, eventually, type Team } from './client.ts'

let team: Team
let titled: string
beforeAll(async () => {
  team = await aTeam()
  titled = await aWorkflow(team, { title: '{{ input.title }}', input: undefined })
})

async function titleOf(body: Record<string, unknown>, of = titled): Promise<string> {
  const made = await team.call('POST', `/workflows/${of}/tasks`, body)
  expect(made.status, made.text).toBe(201)
  const task = (await team.call('GET', `/tasks/${made.body.id}`)).body
  const listed = await eventually(async () => {
    const { items } = (await team.call('GET', `/tasks?workflow=${of}`)).body
    const found = items.find((one: { id: string }) => one.id === task.id)
    expect(found).toBeDefined()
    return found
  })
  expect(listed.title).toBe(task.title)
  return task.title
}

test.each<[string, string, string]>([
  ['an emoji over the end (b27)', `${'a'.repeat(199)}😀 tail`, 'a'.repeat(199)],
  ['a family over the end', `${'a'.repeat(190)}👨‍👩‍👧‍👦 tail`, 'a'.repeat(190)],
  ['a flag over the end, after others', `${'🇩🇪'.repeat(49)}ab🇫🇷 tail`, `${'🇩🇪'.repeat(49)}ab`],
  ['a letter with its mark', `${'a'.repeat(199)}e\u0301 tail`, 'a'.repeat(199)],
  ['an override', 'invoice\u202egnp.exe', 'invoicegnp.exe'],
  ['a hidden text', 'Hi\u{e0049}\u{e0067}\u200b there', 'Hi there'],
  ['line ends', 'one\r\ntwo\u2028three', 'one two three'],
  ['a joined family that fits', 'Trip of 👨‍👩‍👧‍👦', 'Trip of 👨‍👩‍👧‍👦'],
])('a title is cut and cleaned, rendered or given: %s', async (_name, title, shown) => {
  expect(await titleOf({ input: { title } })).toBe(shown)
  if (title.length <= 200) expect(await titleOf({ input: {}, title })).toBe(shown)
})

test('a template’s `truncate` cuts between characters, too', async () => {
  const of = await aWorkflow(team, {
    title: '{{ input.title | truncate: 10 }}|{{ input.title | truncate: 5, "" }}',
    input: undefined,
  })
  expect(await titleOf({ input: { title: 'abcd👨‍👩‍👧‍👦 and on' } }, of)).toBe('abcd...|abcd')
})
