/** What a template is: a workflow's text with its agents and a task to try it with. */
import type { Agent } from '../../domain/agent.ts'
import type { JsonObject } from '../../domain/json/json.ts'

export interface Template {
  /** In addresses: `/templates/:slug`. */
  slug: string
  icon:
    | 'send'
    | 'file'
    | 'edit'
    | 'comment'
    | 'users'
    | 'shield'
    | 'calendar'
    | 'columns'
    | 'activity'
    | 'workflow'
    | 'check'
  /** YAML. It names no person: people are asked by their role. */
  text: string
  agents: Agent[]
  /** An input that goes all the way to a decision or the end. */
  sample: JsonObject
}
