/** The Worker's bindings and settings, as wrangler.toml and the environment give them, and how its Durable Objects are reached. */
import type { BoardVerbs } from './board/rpc.ts'
import type { GateVerbs } from './gate/rpc.ts'
import type { TaskVerbs } from './task/rpc.ts'

export interface Env {
  DB: D1Database
  TASKS: DurableObjectNamespace<TaskVerbs & Rpc.DurableObjectBranded>
  BOARDS: DurableObjectNamespace<BoardVerbs & Rpc.DurableObjectBranded>
  GATES: DurableObjectNamespace<GateVerbs & Rpc.DurableObjectBranded>
  STEPS_0: Queue<LaneMessage>
  STEPS_1: Queue<LaneMessage>
  STEPS_2: Queue<LaneMessage>
  STEPS_3: Queue<LaneMessage>
  KEY_LIMIT: RateLimit
  TEAM_LIMIT: RateLimit
  SIGN_IN_LIMIT: RateLimit
  /** Public forms, by address of the sender; status links, by task; calls that are tried, by person. */
  FORM_LIMIT: RateLimit
  /** Files of tasks; absent until a bucket is bound (README, “Deploy”). */
  FILES?: R2Bucket
  /** Sends mail; absent until it is configured (wrangler.toml says how). */
  EMAIL?: SendEmail
  /** ≥ 32 bytes; every key of Baton's is derived from it by purpose. */
  BATON_SECRET: string
  /** Comma list of earlier secrets: they verify and decrypt, and sign nothing. */
  BATON_SECRET_OLD?: string
  /** Public origin, used in every link; the Host header is never trusted for one. */
  BATON_URL: string
  OPENAI_API_KEY?: string
  OPENAI_BASE_URL?: string
  /** Cloudflare's models; absent until it is bound (wrangler.toml says how). */
  AI?: WorkersAi
  /** Brave's search API, for the tool `search_web`; without it there is no such tool. */
  BATON_SEARCH_KEY?: string
  /** The default model; without a key and a base URL it is `demo`. */
  BATON_MODEL?: string
  BATON_MAIL_FROM?: string
  BATON_MAIL_DOMAIN?: string
  /** The host whose Authentication-Results on incoming mail count; unless set, Cloudflare Email Routing's. */
  BATON_MAIL_HOST?: string
  /** Turnstile on public forms: set both, or none. */
  BATON_TURNSTILE_SITE_KEY?: string
  BATON_TURNSTILE_SECRET?: string
  /** Where its tokens are checked; only tests set it. */
  BATON_TURNSTILE_VERIFY?: string
  /** Signing in by an OpenID Connect provider: set the first three, or none (README, “Environment”). */
  BATON_OIDC_ISSUER?: string
  BATON_OIDC_CLIENT_ID?: string
  BATON_OIDC_CLIENT_SECRET?: string
  /** Comma list of the mail domains that may; unless set, any. */
  BATON_OIDC_DOMAINS?: string
  /** What its button calls it. */
  BATON_OIDC_LABEL?: string
  /** `1` in local mode: the sign-in link, the outbox, and batches let go of early. */
  BATON_LOCAL?: string
  /** Local mode: what the start script proves itself with when it asks for the seed. */
  BATON_LOCAL_TOKEN?: string
}

/** What is asked of the binding of Workers AI. */
export interface WorkersAi {
  run(model: string, inputs: Record<string, unknown>, options?: { signal?: AbortSignal }): Promise<unknown>
}

/** What a lane carries: ids, never content. `v` lets version N and N−1 understand each other. */
export interface StepMessage {
  v: 1
  /** The Task DO's name, `team:task`. */
  task: string
  visit: number
  run: number
  attempt: number
}

/** What a lane carries besides: a callback that is due. */
export interface CallbackMessage {
  v: 1
  team: string
  callback: string
}

/** And an event from outside that is for many tasks. */
export interface EventMessage {
  v: 1
  team: string
  event: string
}

/** And a file of a task whose text is to be read. */
export interface ReadingMessage {
  v: 1
  team: string
  task: string
  file: string
}

export type LaneMessage = StepMessage | CallbackMessage | EventMessage | ReadingMessage

/** The Task DO of this team's task. Another team's id names another, empty object. */
export function taskStub(env: Pick<Env, 'TASKS'>, team: string, task: string): TaskVerbs {
  return env.TASKS.getByName(`${team}:${task}`) as unknown as TaskVerbs
}

/** The Board DO of this team's workflow. */
export function boardStub(env: Pick<Env, 'BOARDS'>, team: string, workflow: string): BoardVerbs {
  return env.BOARDS.getByName(`${team}:${workflow}`) as unknown as BoardVerbs
}

/** The Gate of this team. */
export function gateStub(env: Pick<Env, 'GATES'>, team: string): GateVerbs {
  return env.GATES.getByName(team) as unknown as GateVerbs
}
