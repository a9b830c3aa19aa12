/** What a request asks of a task's document, by query or form, and the document as an answer. */
import { z } from '@hono/zod-openapi'
import { SHOWS } from '../../domain/embed.ts'
import type { TaskDocument } from '../../domain/task/told/document/document.ts'
import { DETAILS, type DocumentChoice } from '../../domain/task/told/document/telling.ts'
import {
  DOCUMENT_FORMATS,
  type DocumentFormat,
  documentName,
  documentText,
} from '../../domain/task/told/document/text.ts'
import { disposition } from '../../files/serve.ts'

const yesOrNo = (fallback: 'yes' | 'no') => z.enum(['yes', 'no']).default(fallback)

export const documentQuery = z.object({
  format: z
    .enum(DOCUMENT_FORMATS)
    .default('md')
    .openapi({ description: '`md`: Markdown, `json`, or `csv`: its events alone.' }),
  detail: z.enum(DETAILS).default('full').openapi({
    description: '`full`: outputs, reasoning, notes and comments, too.',
  }),
  inputs: yesOrNo('yes').openapi({ description: 'What came in, and what the log holds of it.' }),
  log: yesOrNo('no').openapi({ description: 'The events; CSV always has them.' }),
})

/** What a link to the task is to show, and for how many days. */
export const shareForm = z.object({
  detail: z.enum(DETAILS),
  inputs: z.enum(['yes', 'no']),
  days: z.enum(['1', '7', '30']),
})
export type ShareAsked = z.output<typeof shareForm>

/** What a status within another page is to show, and for how many days. */
export const statusForm = z.object({
  days: z.enum(['1', '7', '30', '365']),
  'show.title': z.literal('on').optional(),
  'show.step': z.literal('on').optional(),
  'show.times': z.literal('on').optional(),
})
export type StatusAsked = z.output<typeof statusForm>

/** What a form of a status chose, as it is stored. */
export function showsOf(asked: StatusAsked): string {
  return SHOWS.filter(one => asked[`show.${one}`] === 'on').join(' ')
}

const DOCUMENT_TYPES: Record<DocumentFormat, string> = {
  md: 'text/markdown; charset=utf-8',
  json: 'application/json; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
}

/** What was chosen. */
export function choiceOf({ format, detail, inputs, log }: z.output<typeof documentQuery>): DocumentChoice {
  return { detail, inputs: inputs === 'yes', log: log === 'yes' || format === 'csv', people: true }
}

/** The document as a file that is saved. */
export function documentAnswer(document: TaskDocument, format: DocumentFormat): Response {
  return new Response(documentText(document, format), {
    headers: {
      'Content-Type': DOCUMENT_TYPES[format],
      'Content-Disposition': disposition('attachment', documentName(document, format)),
    },
  })
}
