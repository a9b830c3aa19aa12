/** The shapes of definitions as the OpenAPI document shows them, made from the schema that checks them. */
import { z as zod } from 'zod'
import { definitionSchema } from '../domain/workflow/definition.ts'
import type { SchemaDocument } from '../http/route.ts'

let definition: SchemaDocument | undefined

/** The definition's JSON Schema: editors can point at it, too. Made once, when it is first asked for. */
export function definitionDocument(): SchemaDocument {
  if (definition === undefined) {
    const { $schema: _dialect, ...schema } = zod.toJSONSchema(definitionSchema, { unrepresentable: 'any' })
    definition = schema as SchemaDocument
  }
  return definition
}

/** A workflow as it is read: its definition's keys beside what is known of it. A draft may lack or add any key. */
export const workflowDocument = (): SchemaDocument => ({
  type: 'object',
  properties: {
    ...(definitionDocument().properties as object),
    id: { type: 'string' },
    version: { type: ['integer', 'null'], description: 'Null: nothing is published.' },
    status: { type: 'string', enum: ['draft', 'active', 'paused', 'archived'] },
  },
  required: ['id', 'version', 'status'],
})

/** One version as it is read: the same, and what was on record when it was published. */
export const versionDocument = (): SchemaDocument => ({
  type: 'object',
  properties: {
    ...(workflowDocument().properties as object),
    version: { type: 'integer' },
    agents: {
      type: 'object',
      additionalProperties: { type: 'integer' },
      description: 'The version of each agent that it names.',
    },
    digest: { type: 'string', description: 'SHA-256 of what its tasks pin.' },
    note: { type: ['string', 'null'] },
    createdAt: { type: 'string', format: 'date-time' },
    createdBy: { type: 'string' },
  },
  required: ['id', 'version', 'status', 'agents', 'digest', 'note', 'createdAt', 'createdBy'],
})
