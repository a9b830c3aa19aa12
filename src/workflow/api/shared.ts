/** What the routes of workflows share: the team's own workflow, publishing by key, and YAML when it is asked for. */
import { z } from '@hono/zod-openapi'
import { keyActor } from '../../domain/caller.ts'
import type { ApiContext } from '../../http/context.ts'
import { lintDocument } from '../../http/describe.ts'
import { problem } from '../../http/errors.ts'
import { type Body, KIB, type Read, readBody } from '../../http/request/body.ts'
import { type WorkflowRow, workflowById } from '../../records/definitions/workflows.ts'
import { isId } from '../../records/ids.ts'
import { showCallbackSecret } from '../../team/secrets/callback-secret.ts'
import { definitionDocument } from '../describe.ts'
import { DOCUMENT_TYPES, formatOf, YAML_TYPES } from '../document/document.ts'
import { lineFinder } from '../document/lines.ts'
import { firstError, type Lint, type Linted, lintText, publish } from '../publish.ts'
import { showChange } from '../status.ts'

export const TAG = 'Workflows'

export const status = z.enum(['draft', 'active', 'paused', 'archived'])

export const published = z
  .object({
    id: z.string(),
    version: z.int().nullable().openapi({ description: 'Null for a draft of a workflow without a published version.' }),
    lint: z.array(lintDocument),
    callbackSecret: z
      .string()
      .optional()
      .openapi({ description: 'What callbacks are signed with. It is shown this once, when it is made.' }),
  })
  .openapi('Published')

const DEFINITION_LIMIT = 512 * KIB
/** A definition as a request's body. */
export const definitionBody = { schema: definitionDocument, types: DOCUMENT_TYPES }

/** The team's workflow, or null. */
export async function own(c: ApiContext, id: string): Promise<WorkflowRow | null> {
  return isId('wf', id) ? workflowById(c.env.DB, c.get('key').team, id) : null
}

export interface Source {
  text: string
  format: ReturnType<typeof formatOf>
}

/** Reads and lints the definition that a request brings; of YAML each finding has its line. `workflow`: whose it is, if that is made. */
export async function readDefinition(
  c: ApiContext,
  workflow?: string,
): Promise<Read<{ source: Source; linted: Linted }>> {
  const body: Read<Body> = await readBody(c, { limit: DEFINITION_LIMIT, types: DOCUMENT_TYPES })
  if (!body.ok) return body
  const source = { text: body.value.text, format: formatOf(body.value.type) }
  const linted = await lintText(c.env, c.get('key').team, source, workflow)
  if (!linted.ok) return linted
  return { ok: true, value: { source, linted: { ...linted.value, lint: withLines(source, linted.value.lint) } } }
}

function withLines({ text, format }: Source, lint: Lint): Lint {
  if (format !== 'yaml' || lint.length === 0) return lint
  const lineOf = lineFinder(text)
  return lint.map(item => ({ ...item, line: lineOf(item.path) ?? 1 }))
}

/** Whether errors stand in the way of publishing. */
export function blocked(linted: Linted): boolean {
  return linted.definition === null || firstError(linted.lint) !== null
}

/** 422 with the first error, and the whole lint. */
export function refuseDefinition(c: ApiContext, { lint }: Linted): Response {
  const error = firstError(lint)
  const message = error?.message ?? 'This is not a workflow definition.'
  return problem(
    c,
    { kind: 'invalid_definition', message, path: error?.path ?? '', fix: error?.fix, line: error?.line },
    { lint },
  )
}

/** Publishes what was found to be without errors, as the key; `replaced` is the draft that it is done with. */
export async function publishLinted(
  c: ApiContext,
  workflow: string,
  source: Source,
  linted: Linted,
  { note = null, replaced }: { note?: string | null; replaced?: string } = {},
): Promise<Read<number>> {
  const key = c.get('key')
  const { team } = key
  const { definition, agents } = linted
  const { text, format } = source
  const facts = { by: keyActor(key), note, at: Date.now(), draft: replaced }
  const publication = { team, workflow, text, format, definition: definition!, agents, ...facts }
  const version = await publish(c.env.DB, publication)
  await showChange(c.env, team, workflow)
  return version
}

/** The secret that callbacks are signed with, where this publish is the first to name them: it is shown this once. */
export async function newCallbackSecret(
  c: ApiContext,
  workflow: string,
  { definition }: Linted,
): Promise<{ callbackSecret?: string }> {
  if (definition?.callbacks === undefined) return {}
  const key = c.get('key')
  const secret = await showCallbackSecret(c.env, { team: key.team, workflow }, keyActor(key), Date.now())
  return secret === null ? {} : { callbackSecret: secret }
}

export function wantsYaml(c: ApiContext): boolean {
  const accept = (c.req.header('accept') ?? '').toLowerCase()
  return YAML_TYPES.some(type => accept.includes(type))
}

export function yaml(c: ApiContext, text: string): Response {
  return c.body(text, 200, { 'Content-Type': 'application/yaml; charset=utf-8' })
}
