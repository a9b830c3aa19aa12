/** A task and its log as the OpenAPI document shows them. */
import { z } from '@hono/zod-openapi'
import { STATUSES } from '../../domain/task/state.ts'
import { RUN_STANDINGS } from '../../domain/task/told/views.ts'
import { anyJson, iso, originDocument } from '../../http/describe.ts'

const actorDocument = z.object({
  kind: z.enum(['system', 'person', 'key', 'link']),
  id: z.string().optional(),
  name: z.string().optional(),
  from: originDocument,
})

const explained = { message: z.string(), fix: z.string() }

/** A file as its task shows it, with what is known of its text. */
export const filedDocument = z
  .object({
    id: z.string(),
    name: z.string(),
    type: z.string().openapi({ description: 'The media type, as its content says.' }),
    bytes: z.int(),
    sha256: z.string(),
    text: z.enum(['reading', 'read', 'none']).openapi({
      description:
        'Whether its text is there for templates: it is read after the file came, and a step that may name it waits.',
    }),
    why: z.object({ code: z.string(), message: z.string() }).nullable().openapi({ description: 'Why it has no text.' }),
    from: z.string().openapi({ description: 'The way that it came.' }),
    by: actorDocument,
  })
  .openapi('File')

export const taskDocument = z
  .object({
    id: z.string(),
    url: z.string(),
    workflow: z.string(),
    version: z.int(),
    title: z.string(),
    key: z.string().nullable().openapi({ description: 'Its business key, by which `POST /events` finds it.' }),
    duplicateOf: z.string().nullable().openapi({
      description: 'The earlier task of its workflow with this key, where `duplicates` is `flag`.',
    }),
    status: z.enum(STATUSES),
    step: z.string().nullable(),
    visit: z.int().openapi({ description: 'Counts from 1; send it back to act on this visit and no other.' }),
    input: anyJson,
    outputs: z.record(z.string(), anyJson).openapi({ description: 'Step → the latest output.' }),
    files: z.array(filedDocument),
    result: anyJson,
    error: z.object({ code: z.string(), message: z.string(), step: z.string().nullable() }).nullable(),
    stuck: z.object({ cause: z.string(), ...explained }).nullable(),
    held: z.object({ reason: z.string(), ...explained, until: iso.nullable() }).nullable(),
    undo: z
      .array(
        z.object({
          run: z.int(),
          name: z.string().optional(),
          handoff: z.string(),
          kind: z.string(),
          by: actorDocument,
          until: iso,
        }),
      )
      .optional()
      .openapi({
        description: 'Decisions that can be taken back until then, by `/undo`; nothing comes of them before.',
      }),
    skipped: z.array(z.string()).optional().openapi({
      description: 'The steps that went on as approved without being looked at, as only some are; left out: none.',
    }),
    runs: z
      .array(
        z.object({
          run: z.int(),
          name: z.string(),
          status: z.enum(RUN_STANDINGS),
          error: z.object({ code: z.string(), message: z.string() }).nullable(),
        }),
      )
      .optional()
      .openapi({ description: 'How each branch or item of the step stands, where it works on several.' }),
    children: z
      .array(
        z.object({
          id: z.string(),
          url: z.string(),
          workflow: z.string(),
          name: z.string().openapi({ description: 'What its workflow was called when it was started.' }),
          title: z.string().nullable().openapi({ description: 'null: the index does not know it yet.' }),
          key: z.string().nullable().openapi({ description: 'Its business key; null: it has none.' }),
          status: z.enum(STATUSES),
          visit: z.int().openapi({ description: 'The visit of this task that started it.' }),
          run: z.int(),
          waits: z.boolean().openapi({ description: 'Whether the step waits for it, or did.' }),
        }),
      )
      .optional()
      .openapi({
        description: 'The tasks that its `workflow` steps started, oldest first, the latest 500; left out: none.',
      }),
    why: z.string().openapi({ description: 'Why it is where it is, and the one act that unblocks it.' }),
    usage: z.object({
      inputTokens: z.int(),
      outputTokens: z.int(),
      cost: z.number().nullable().openapi({ description: 'USD; null: unknown.' }),
    }),
    createdAt: iso,
    updatedAt: iso,
    finishedAt: iso.nullable(),
  })
  .openapi('Task')

export const taskItem = taskDocument
  .pick({
    id: true,
    url: true,
    workflow: true,
    version: true,
    title: true,
    key: true,
    status: true,
    step: true,
    visit: true,
    why: true,
  })
  .extend({
    usage: z.object({ cost: z.number().nullable() }),
    createdAt: iso,
    updatedAt: iso,
    finishedAt: iso.nullable(),
  })
  .openapi('TaskItem')

export const startedDocument = z
  .object({ id: z.string(), status: z.enum(STATUSES), url: z.string() })
  .openapi('StartedTask')

export const eventDocument = z
  .object({
    seq: z.int().openapi({ description: 'From 1, without gaps.' }),
    at: iso,
    type: z.string(),
    actor: actorDocument,
    step: z.string().nullable(),
    data: z.record(z.string(), anyJson),
  })
  .openapi('Event')

/** Which visit a command is meant for. */
export const visit = z
  .int()
  .min(1)
  .optional()
  .openapi({ description: 'The visit that it is meant for; left out: the one that is open.' })
