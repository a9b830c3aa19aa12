/** How an API route is declared: once, as a description that guards the request at run time and appears in the OpenAPI document. */
import type { OpenAPIHono } from '@hono/zod-openapi'
import { z } from '@hono/zod-openapi'
import type { Scope, TeamKey } from '../domain/caller.ts'
import { pathText } from '../domain/json/path-text.ts'
import type { ApiContext, ApiEnv } from './context.ts'
import { iso, lintDocument } from './describe.ts'
import { type ApiProblem, problem } from './errors.ts'
import { operationId } from './operation-id.ts'
import { type Body, KIB, type Read, readBody, readJson } from './request/body.ts'

/** A JSON Schema as the OpenAPI document takes it. */
export type SchemaDocument = Record<string, unknown>
/** One that is made when the document is asked for. */
type LaterDocument = () => SchemaDocument

const JSON_TYPE = 'application/json'
const FORM_TYPE = 'multipart/form-data'
const FORM = /^\s*multipart\/form-data\s*(?:;|$)/i
/** Bodies of routes that name no other limit. */
const USUAL_LIMIT = 256 * KIB

type Answer = { schema?: z.ZodType | LaterDocument; description: string; types?: string[] }

export interface RouteSpec<P extends string, B extends z.ZodType, Q extends z.ZodObject> {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  path: P
  tag: string
  summary: string
  /** The operation's name where method and path make none that reads well. */
  operationId?: string
  description?: string
  /** What the key must be allowed; null for the routes that take any key, or none. */
  scope: Scope | null
  /** A scope is asked for only behind a key; public routes say so. */
  open?: boolean
  query?: Q
  /** A JSON body. An absent one counts as `{}`. */
  body?: B
  /** How that body is documented, where it is checked loosely here and closely by the handler. */
  bodyDocument?: z.ZodType
  /** A body that the handler reads by itself, as documented here. */
  rawBody?: { schema: z.ZodType | LaterDocument; types: string[] }
  /** The same as a form with files, which the handler reads by itself. */
  multipart?: { schema: z.ZodType; take: (c: ApiContext, params: Params<P>) => Promise<Response> }
  limit?: number
  /** Whether an Idempotency-Key is honoured. */
  idempotent?: boolean
  answers: Record<number, Answer>
  /** Statuses beyond those that every route has. */
  errors?: readonly number[]
}

type Params<P extends string> = P extends `${string}{${infer Name}}${infer Rest}`
  ? Record<Name, string> & Params<Rest>
  : unknown

/** A request as its handler gets it: everything that was declared is there and fits. */
interface Request<P extends string, B extends z.ZodType, Q extends z.ZodObject> {
  params: Params<P>
  query: z.output<Q>
  body: z.output<B>
  raw: Body
}

export type Handler<P extends string, B extends z.ZodType, Q extends z.ZodObject> = (
  c: ApiContext,
  request: Request<P, B, Q>,
) => Response | Promise<Response>

export type Routes = OpenAPIHono<ApiEnv>

/** Adds a route: documents it, checks scope, query and body, and hands the handler what it declared. */
export function route<
  P extends string,
  B extends z.ZodType = z.ZodType<undefined>,
  Q extends z.ZodObject = z.ZodObject,
>(routes: Routes, spec: RouteSpec<P, B, Q>, handler: Handler<P, B, Q>): void {
  routes.openAPIRegistry.registerPath(documented(spec) as Parameters<typeof routes.openAPIRegistry.registerPath>[0])
  routes.on([spec.method.toUpperCase()], [spec.path.replaceAll(/\{(.+?)\}/g, ':$1')], async c => {
    const missing = spec.scope === null ? null : lacksScope(c.get('key'), spec.scope)
    if (missing) return problem(c, missing)
    const query = readQuery(c, spec.query)
    if (!query.ok) return problem(c, query.problem)
    if (spec.multipart !== undefined && FORM.test(c.req.header('content-type') ?? ''))
      return spec.multipart.take(c, c.req.param() as Params<P>)
    const body = await readDeclared(c, spec)
    if (!body.ok) return problem(c, body.problem)
    return handler(c, { params: c.req.param() as Params<P>, query: query.value, ...body.value })
  })
}

/** Whether the key lacks the scope. */
export function lacksScope(key: TeamKey, scope: Scope): ApiProblem | null {
  return key.scopes.has(scope) ? null : { kind: 'forbidden', scope }
}

function readQuery<Q extends z.ZodObject>(c: ApiContext, schema: Q | undefined): Read<z.output<Q>> {
  if (schema === undefined) return { ok: true, value: {} as z.output<Q> }
  return fits(schema, c.req.query()) as Read<z.output<Q>>
}

const NO_BODY: Body = { text: '', bytes: new Uint8Array(), type: null }

async function readDeclared<P extends string, B extends z.ZodType, Q extends z.ZodObject>(
  c: ApiContext,
  spec: RouteSpec<P, B, Q>,
): Promise<Read<{ body: z.output<B>; raw: Body }>> {
  if (spec.body === undefined) return { ok: true, value: { body: undefined as z.output<B>, raw: NO_BODY } }
  const raw = await readBody(c, { limit: spec.limit ?? USUAL_LIMIT, types: [JSON_TYPE] })
  if (!raw.ok) return raw
  const value: Read<unknown> = raw.value.bytes.length === 0 ? emptyBody(spec.body) : readJson(raw.value.text)
  if (!value.ok) return value
  const body = fits(spec.body, value.value)
  return body.ok ? { ok: true, value: { body: body.value, raw: raw.value } } : body
}

/** No body at all stands for `{}` where nothing in it is required. */
function emptyBody(schema: z.ZodType): Read<unknown> {
  if (schema.safeParse({}).success) return { ok: true, value: {} }
  return readJson('')
}

/** Checks a value against a schema; the first thing that is wrong is named with its path. */
export function fits<S extends z.ZodType>(schema: S, value: unknown): Read<z.output<S>> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return { ok: true, value: parsed.data }
  const issue = parsed.error.issues[0]!
  const at = pathText(issue.path)
  const problem: ApiProblem = {
    kind: 'invalid',
    message: at === '' ? issue.message : `${at}: ${issue.message}`,
    path: at,
  }
  return { ok: false, problem }
}

/** What a refusal says beside its sentence; which of it is there depends on `code`. */
const details = {
  scope: z.string().optional().openapi({ description: '`missing_scope`: the scope that the key lacks.' }),
  status: z.string().optional().openapi({ description: '`wrong_status`: how the task stands.' }),
  allowed: z.array(z.string()).optional().openapi({ description: '`wrong_status`: the commands that it takes.' }),
  by: z.unknown().optional().openapi({ description: '`already_decided`: who decided.' }),
  at: iso.optional().openapi({ description: '`already_decided`: when.' }),
  handoff: z.string().optional().openapi({ description: '`already_decided`: what was chosen.' }),
  visit: z.int().optional().openapi({ description: '`already_decided`, `moved_on`: the visit.' }),
  step: z.string().nullish().openapi({ description: '`moved_on`: where the task is now.' }),
  seen: z.string().optional().openapi({ description: '`content_changed`: the digest that was sent.' }),
  digest: z.string().optional().openapi({ description: '`content_changed`: the digest of what is there now.' }),
  labels: z.array(z.string()).optional().openapi({ description: '`unknown_label`: the choices that there are.' }),
  steps: z.array(z.string()).optional().openapi({ description: '`unknown_step`: the steps that there are.' }),
  fields: z
    .array(z.object({ path: z.string(), message: z.string() }))
    .optional()
    .openapi({ description: '`invalid_fields`: what is wrong with which field; an empty path is the whole.' }),
  assignees: z.array(z.unknown()).optional().openapi({ description: '`not_assigned`: who may decide.' }),
  line: z.int().optional().openapi({ description: 'The line of the YAML that was sent, from 1.' }),
  version: z.int().optional().openapi({ description: 'A version that is there already, or that won.' }),
}

const errorSchema = z
  .object({
    error: z.object({
      code: z.string().openapi({ description: 'Stable; programs may rely on it.' }),
      message: z.string(),
      hint: z.string().optional(),
      path: z.string().optional().openapi({ description: 'Where in the request it is wrong.' }),
      requestId: z.string(),
      ...details,
    }),
    lint: z.array(lintDocument).optional().openapi({ description: 'With `invalid_definition`: all that was found.' }),
    ok: z.boolean().optional().openapi({ description: '`/health` only: false.' }),
    checks: z.unknown().optional().openapi({ description: '`/health` only: what does not answer.' }),
  })
  .openapi('Error')

const ERRORS: Record<number, string> = {
  400: 'The body or a header cannot be read: malformed JSON, not UTF-8, a byte order mark, empty.',
  401: 'No key, or one that is malformed, unknown, revoked or expired; `code` says which.',
  403: 'The key lacks the scope that the route needs.',
  404: 'Unknown, or of another team: the two are not told apart.',
  408: 'The body did not arrive in time.',
  409: 'Refused as things stand; `code` and `message` say why.',
  413: 'The body is too large.',
  415: 'The body is of a type that is not read here, or compressed.',
  422: 'Read, but wrong; `path` says where.',
  429: 'Too many requests; Retry-After says how long to wait.',
  500: 'Our mistake; the requestId finds it in the log.',
  503: 'Storage cannot be reached now; nothing was accepted. Retry-After says how long to wait.',
}

const TEXT = z.string()
const IDEMPOTENT = z.object({ 'Idempotency-Key': z.string().max(255).optional() })

/** A route for the OpenAPI document. What takes time is worked out when the document is asked for, not when an isolate starts. */
function documented<P extends string, B extends z.ZodType, Q extends z.ZodObject>(spec: RouteSpec<P, B, Q>) {
  const names = [...spec.path.matchAll(/\{(.+?)\}/g)].map(match => match[1]!)
  const bodied = spec.body !== undefined || spec.rawBody !== undefined
  const statuses = new Set([
    ...(spec.open ? [] : [401, 429]),
    ...(spec.scope === null ? [] : [403]),
    ...(names.length > 0 ? [404] : []),
    ...(bodied ? [400, 408, 413, 415, 422] : []),
    ...(spec.query ? [422] : []),
    ...(spec.idempotent ? [400] : []),
    ...(spec.errors ?? []),
    500,
    503,
  ])
  const errors = [...statuses].map(status => [
    status,
    { description: ERRORS[status]!, content: { [JSON_TYPE]: { schema: errorSchema } } },
  ])
  const answers = Object.entries(spec.answers).map(([status, answer]) => [status, documentedAnswer(answer)])
  return {
    method: spec.method,
    path: spec.path,
    operationId: spec.operationId ?? operationId(spec.method, spec.path),
    tags: [spec.tag],
    summary: spec.summary,
    description:
      spec.scope === null
        ? spec.description
        : [spec.description, `Scope: \`${spec.scope}\`.`].filter(Boolean).join('\n\n'),
    security: spec.open ? [] : [{ key: [] }],
    'x-scope': spec.scope ?? undefined,
    request: {
      ...(names.length > 0 && { params: z.object(Object.fromEntries(names.map(name => [name, TEXT]))) }),
      ...(spec.query && { query: spec.query }),
      ...(spec.idempotent && { headers: IDEMPOTENT }),
      ...(bodied && { body: documentedBody(spec) }),
    },
    responses: Object.fromEntries([...answers, ...errors]),
  }
}

function documentedAnswer(answer: Answer) {
  if (answer.schema === undefined) return { description: answer.description }
  return { description: answer.description, content: documentedContent(answer.types, answer.schema) }
}

function documentedBody<P extends string, B extends z.ZodType, Q extends z.ZodObject>(spec: RouteSpec<P, B, Q>) {
  return {
    get required() {
      return spec.body?.safeParse({}).success !== true
    },
    content: {
      ...documentedContent(spec.rawBody?.types, spec.rawBody?.schema ?? spec.bodyDocument ?? spec.body!),
      ...(spec.multipart && documentedContent([FORM_TYPE], spec.multipart.schema)),
    },
  }
}

function documentedContent(types = [JSON_TYPE], schema: z.ZodType | LaterDocument) {
  const entry = {
    get schema() {
      return typeof schema === 'function' ? schema() : schema
    },
  }
  return Object.fromEntries(types.map(type => [type, entry]))
}
