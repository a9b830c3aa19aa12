/** The tool `read_context`: an agent's own context files, whole by name, or the passages that fit a query. */
import { bestPassages } from '../../../domain/text/passages.ts'
import { BUILT_IN_TOOLS } from '../../../domain/tools/built-in.ts'
import { failed, type Tool } from '../tool.ts'

export const readContext: Tool = {
  spec: BUILT_IN_TOOLS.read_context,
  effect: BUILT_IN_TOOLS.read_context.effect,
  safe: true,
  asks: () => null,
  ready: async (args, { agent }) => {
    const { name, query } = args as { name?: string; query?: string }
    const files = agent?.context ?? []
    if (files.length === 0)
      return failed('tool_failed', 'There are no context files: an agent has them, and this one has none.')
    if (name === undefined) {
      if (query === undefined)
        return failed('bad_arguments', `Give a \`query\`, or the \`name\` of a file: ${namesOf(files)}.`)
      return async () => ({ kind: 'done', result: bestPassages(files, query) })
    }
    const wanted = name.trim().toLowerCase()
    const file = files.find(each => each.name === name) ?? files.find(each => each.name.toLowerCase() === wanted)
    return file === undefined
      ? failed('tool_failed', `There is no context file “${name}”. There are: ${namesOf(files)}.`)
      : async () => ({ kind: 'done', result: { name: file.name, text: file.text } })
  },
}

function namesOf(files: { name: string }[]): string {
  return files.map(file => file.name).join(', ')
}
