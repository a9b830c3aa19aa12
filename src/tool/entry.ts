/** A tool as the API shows it, the team’s own and the built-in ones alike. */
import { z } from '@hono/zod-openapi'
import { httpSchema } from '../domain/call/http-call.ts'
import type { ToolSettings } from '../domain/tools/settings.ts'
import { effectOf, toolSchema } from '../domain/tools/tool.ts'
import { anyJson, iso, isoTime } from '../http/describe.ts'
import type { ToolRow } from '../records/definitions/tools.ts'
import type { GivenTool } from './given.ts'

/** As the schemas that check them, with words for what JSON alone says. */
const httpDocument = httpSchema.extend({ body: anyJson.optional() })
const parameters = z.record(z.string(), z.unknown()).openapi({ description: 'A JSON Schema of an object.' })
export const toolDocument = toolSchema.extend({ parameters, http: httpDocument })

const effect = z.enum(['read', 'write'])
const ask = z.union([z.boolean(), z.string()]).openapi({ description: 'Whether a person allows each call: or CEL.' })
export const toolEntry = z
  .object({
    key: z.string(),
    description: z.string(),
    builtin: z.boolean(),
    server: z.string().nullable().openapi({ description: 'The MCP server that it is of.' }),
    parameters,
    http: httpDocument
      .optional()
      .openapi({ description: 'The call that it makes; built-in tools and those of MCP servers have none.' }),
    effect,
    ask,
    undoCost: z.number().nullable().openapi({ description: 'What undoing a call costs, in USD.' }),
    recipients: z.literal('any').optional().openapi({ description: '`send_email`: it may go to anybody.' }),
    version: z
      .int()
      .nullable()
      .openapi({ description: 'null: it is built in. Of a server’s: counts what was accepted.' }),
    createdAt: iso.nullable(),
    updatedAt: iso.nullable(),
  })
  .openapi('Tool')

export function ownEntry({ key, version, tool, createdAt, updatedAt }: ToolRow) {
  const { description, parameters, http, ask = false, undoCost = null } = tool
  const times = { createdAt: isoTime(createdAt), updatedAt: isoTime(updatedAt) }
  return {
    key,
    description,
    builtin: false,
    server: null,
    parameters,
    http,
    effect: effectOf(tool),
    ask,
    undoCost,
    version,
    ...times,
  }
}

export function givenEntry(tool: GivenTool, settings: ToolSettings = {}) {
  const { name, description, parameters, effect: usual, server, version } = tool
  const { effect = usual, ask = false, undoCost = null, recipients } = settings
  const rules = { effect, ask, undoCost, ...(recipients && { recipients }) }
  const about = { key: name, description, builtin: server === null, server, parameters, version }
  return { ...about, ...rules, createdAt: null, updatedAt: null }
}
