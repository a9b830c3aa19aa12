/** The tool `read_context`: what an agent knows, whole by name, or the passages that fit a query. */
import { knownBy } from '../../../domain/knowledge.ts'
import { bestPassages } from '../../../domain/text/passages.ts'
import { BUILT_IN_TOOLS } from '../../../domain/tools/built-in.ts'
import { knowledgeOf, passagesFor } from '../../../records/definitions/knowledge.ts'
import { failed, type Tool } from '../tool.ts'

/** Passages of a query's answer. */
const MOST = 6
/** A text that is longer is told by its passages: a tool's result ends at 64 KiB. */
const WHOLE = 60_000

export const readContext: Tool = {
  spec: BUILT_IN_TOOLS.read_context,
  effect: BUILT_IN_TOOLS.read_context.effect,
  safe: true,
  asks: () => null,
  ready: async (args, { agent, env, team }) => {
    const { name, query } = args as { name?: string; query?: string }
    const files = agent?.context ?? []
    const keys = [...knownBy(agent?.knowledge, 'searched'), ...knownBy(agent?.knowledge, 'always')]
    const known = await knowledgeOf(env.DB, team, keys)
    const names = [...files.map(file => file.name), ...known.map(row => row.knowledge.name)]
    if (names.length === 0)
      return failed('tool_failed', 'There are no context files: an agent has them, and this one has none.')
    if (name === undefined) {
      if (query === undefined)
        return failed('bad_arguments', `Give a \`query\`, or the \`name\` of a file: ${names.join(', ')}.`)
      const found = await passagesFor(env.DB, team, keys, query, MOST)
      const cited = found.map(({ key, name: source, page, ...rest }) => ({
        ...{ name: source, file: key, ...(page !== null && { page }) },
        ...rest,
      }))
      return async () => ({ kind: 'done', result: [...cited, ...bestPassages(files, query)].slice(0, MOST) })
    }
    const wanted = name.trim().toLowerCase()
    const file = files.find(each => each.name === name) ?? files.find(each => each.name.toLowerCase() === wanted)
    if (file !== undefined) return async () => ({ kind: 'done', result: { name: file.name, text: file.text } })
    const row = known.find(({ key, knowledge }) => key === wanted || knowledge.name.toLowerCase() === wanted)
    if (row === undefined)
      return failed('tool_failed', `There is no context file “${name}”. There are: ${names.join(', ')}.`)
    const { key, version, knowledge } = row
    if (knowledge.text.length > WHOLE)
      return failed(
        'tool_failed',
        `“${knowledge.name}” is too long to be read whole: it has ${knowledge.text.length} characters. Give a \`query\` instead.`,
      )
    return async () => ({ kind: 'done', result: { name: knowledge.name, file: key, version, text: knowledge.text } })
  },
}
