/** The tool `ask_person`: a question whose answer is the result. It is never called: the task waits for the person. */
import { BUILT_IN_TOOLS } from '../../../domain/tools/built-in.ts'
import { failed, type Tool } from '../tool.ts'

export const askPerson: Tool = {
  spec: BUILT_IN_TOOLS.ask_person,
  effect: BUILT_IN_TOOLS.ask_person.effect,
  safe: true,
  asks: args => {
    const { question, options } = args as { question: string; options?: string[] }
    return { kind: 'question', why: question, options }
  },
  ready: async () => failed('tool_failed', 'A question is put to a person, not called.'),
}
