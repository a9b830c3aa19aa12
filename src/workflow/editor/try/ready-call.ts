/** A call that is about to be tried: what is said of it before it is sent, and how the very same is then sent. */
import { literalHost } from '../../../domain/call/address.ts'
import { isRead } from '../../../domain/call/http-call.ts'
import { renderCall } from '../../../domain/call/render.ts'
import { secretsMarked, secretsNamed, withoutMarks } from '../../../domain/call/secret-marks.ts'
import { curlOf, isShownCall, requestText, shownCall } from '../../../domain/call/shown.ts'
import { type Person, personActor } from '../../../domain/caller.ts'
import type { Json } from '../../../domain/json/json.ts'
import { may, onlyFor } from '../../../domain/permissions.ts'
import type { Scope } from '../../../domain/template/scope.ts'
import { renderValue } from '../../../domain/template/template.ts'
import { BUILT_IN_TOOLS, type BuiltIn } from '../../../domain/tools/built-in.ts'
import { effectOf } from '../../../domain/tools/tool.ts'
import type { Env } from '../../../env.ts'
import { type NotTried, type Trial, tryCall, tryTool } from '../../../execution/tools/try.ts'
import { currentTools, toolByKey } from '../../../records/definitions/tools.ts'
import { noteTriedCall } from '../../../records/definitions/tried-calls.ts'
import { sha256Hex } from '../../../records/ids.ts'
import { KEY_OF_RUN } from '../handlers/http.tsx'
import type { Came, ShownTrial } from './call-trial.ts'
import type { CallingWork } from './tried-work.ts'

export interface ReadyCall {
  shown: Omit<ShownTrial, 'task'>
  /** Sends it, on record. */
  send(): Promise<Came | NotTried>
}

interface Place {
  env: Env
  person: Person
  /** The workflow's name and the step's key, for the record. */
  workflow: string
  step: string
}

/** Gets the call ready, or says what stands in the way. Throws only when Baton's own storage fails. */
export async function readyTrial(work: CallingWork, scope: Scope, place: Place): Promise<ReadyCall | NotTried> {
  return work.tool === undefined ? readyHttp(work, scope, place) : readyTool(work.tool, work.with ?? {}, scope, place)
}

async function readyHttp({ http }: CallingWork, scope: Scope, place: Place): Promise<ReadyCall | NotTried> {
  if (http === undefined) return { problem: 'The step calls no address yet.' }
  const rendered = renderCall(http, scope, crypto.randomUUID().replaceAll('-', ''))
  if (!rendered.ok) return { problem: rendered.message }
  const { call } = rendered
  const { method, url, query, headers, body = null, token } = call
  const parts = { method, url, query, headers, body, key: call.key }
  const host = literalHost(url) ?? url
  const sent = shownCall(call, KEY_OF_RUN)
  return {
    shown: {
      to: host,
      secrets: secretsMarked([query, headers, body], token),
      reads: isRead(call),
      text: requestText(sent),
      curl: curlOf(sent),
      digest: await sha256Hex(JSON.stringify(withoutMarks(parts, token))),
    },
    send: async () => {
      const { env, person, workflow, step } = place
      const about = { team: person.team.id, workflow, step, call: `${method} ${host}` }
      await noteTriedCall(env.DB, about, personActor(person), Date.now())
      return tryCall(env, person.team.id, call)
    },
  }
}

/** A try asks nobody, whatever the tool's rule: so only those may who may try tools out. */
async function readyTool(
  name: string,
  args: { [name: string]: Json },
  scope: Scope,
  { env, person }: Place,
): Promise<ReadyCall | NotTried> {
  if (!may(person, 'tools.try')) return { problem: `${onlyFor('tools.try')}.` }
  const team = person.team.id
  const rendered = renderValue(args, scope)
  if (!rendered.ok) return { problem: rendered.message }
  const own = await toolByKey(env.DB, team, name)
  const version = own?.version ?? (await currentTools(env.DB, team))[name] ?? null
  const trial: Trial = own === null ? { name, version } : { tool: own.tool }
  const by = personActor(person)
  const told = await tryTool(env, team, trial, rendered.value, { by, only: true })
  if ('problem' in told) return told
  const { request } = told
  const overHttp = isShownCall(request) ? request : null
  const builtIn = Object.values<BuiltIn>(BUILT_IN_TOOLS).find(tool => tool.name === name)
  return {
    shown: {
      to: (overHttp && literalHost(overHttp.url)) ?? name,
      secrets: secretsNamed(request),
      reads: own === null ? builtIn?.effect === 'read' : effectOf(own.tool) === 'read',
      text: overHttp === null ? `${name}\n\n${JSON.stringify(rendered.value, null, 2)}` : requestText(overHttp),
      curl: overHttp && curlOf(overHttp),
      digest: await sha256Hex(JSON.stringify([name, version, rendered.value, request])),
    },
    send: async () => {
      const came = await tryTool(env, team, trial, rendered.value, { by })
      if ('problem' in came) return came
      const { ok, status, ms, result } = came
      return { ok, problem: null, status, ms, headers: {}, body: result }
    },
  }
}
