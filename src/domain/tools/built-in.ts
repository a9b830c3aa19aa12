/** The tools that every team has, with no set-up: what each is for and what it takes. */
import type { JsonSchema } from '../json/json.ts'
import type { ToolSpec } from '../messages.ts'
import type { Effect } from './tool.ts'

export interface BuiltIn extends ToolSpec {
  effect: Effect
}

const text = (description: string, maxLength: number): JsonSchema => ({
  type: 'string',
  minLength: 1,
  maxLength,
  description,
})

function takes(required: string[], properties: Record<string, JsonSchema>): JsonSchema {
  return { type: 'object', additionalProperties: false, required, properties }
}

export const BUILT_IN_TOOLS = {
  send_email: {
    name: 'send_email',
    description:
      'Sends one e-mail as plain text. It reaches addresses that occur in the task’s input, the people of the task and the members of the team.',
    effect: 'write' as const,
    parameters: takes(['to', 'subject', 'text'], {
      to: text('One address.', 254),
      subject: text('The subject, in one line.', 300),
      text: text('The whole mail, as it is to be read.', 100_000),
    }),
  },
  post_slack: {
    name: 'post_slack',
    description: 'Posts a message to the team’s Slack channel.',
    effect: 'write' as const,
    parameters: takes(['text'], { text: text('The message.', 10_000) }),
  },
  fetch_page: {
    name: 'fetch_page',
    description: 'Reads a public web page: its title and its text.',
    effect: 'read' as const,
    parameters: takes(['url'], { url: text('An address that begins with https://.', 2000) }),
  },
  search_web: {
    name: 'search_web',
    description: 'Searches the public web and lists what it finds: titles, addresses and a few words of each.',
    effect: 'read' as const,
    parameters: takes(['query'], { query: text('What to look for.', 400) }),
  },
  start_task: {
    name: 'start_task',
    description: 'Starts a task in a workflow of this team.',
    effect: 'write' as const,
    parameters: takes(['workflow', 'input'], {
      workflow: text('The workflow’s id, or its exact name.', 120),
      input: { type: 'object', description: 'What the workflow’s input schema asks for.' },
    }),
  },
  find_tasks: {
    name: 'find_tasks',
    description:
      'Finds earlier tasks of this team by words of their titles, keys, inputs and results, the latest first.',
    effect: 'read' as const,
    parameters: takes(['query'], { query: text('Words to look for.', 200) }),
  },
  read_context: {
    name: 'read_context',
    description:
      'Reads one of this agent’s context files by its name, or the passages that fit a query best, with their page.',
    effect: 'read' as const,
    parameters: takes([], { query: text('What to look for.', 400), name: text('The name of a file.', 120) }),
  },
  ask_person: {
    name: 'ask_person',
    description:
      'Asks the person responsible a question; their answer is the result. The work waits until they answer.',
    effect: 'write' as const,
    parameters: takes(['question'], {
      question: text('The question, with all that is needed to answer it.', 4000),
      options: {
        type: 'array',
        maxItems: 8,
        uniqueItems: true,
        items: text('One answer to choose from.', 80),
        description: 'Answers to choose from; absent: any text.',
      },
    }),
  },
} satisfies Record<string, BuiltIn>

/** Those that there are here: the web is searched only where a key for it is set. */
export function builtInsOf({ BATON_SEARCH_KEY: key }: { BATON_SEARCH_KEY?: string }): BuiltIn[] {
  const { search_web, ...others } = BUILT_IN_TOOLS
  return [...Object.values(others), ...(key?.trim() ? [search_web] : [])]
}
