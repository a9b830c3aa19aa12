/** Baton's API as a program outside of it uses it: nothing but HTTP, nothing of src. */
import type { Baton } from './baton.ts'

export interface TaskItem {
  id: string
  title: string
  status: string
  step: string | null
  why: string
  createdAt: string
}

export interface Task extends TaskItem {
  workflow: string
  visit: number
  outputs: Record<string, unknown>
  result: unknown
  error: { code: string; message: string; step: string | null } | null
  stuck: { cause: string; message: string; fix: string } | null
  held: { reason: string; message: string; fix: string; until: string | null } | null
  usage: { inputTokens: number; outputTokens: number; cost: number | null }
  finishedAt: string | null
}

export interface TaskEvent {
  seq: number
  at: string
  type: string
  step: string | null
  data: EventData
}

/** What tests read of an event; which of it is there depends on its type. */
export interface EventData {
  visit?: number
  run?: number
  attempt?: number
  lease?: string
  /** A lease's end, or until when it is held; in ms since the epoch. */
  until?: number
  at?: number
  why?: string
  cause?: string
  /** Why it is held. */
  reason?: string
  step?: string
  outcome?: unknown
  usage?: { model: string; calls: number } | null
}

export interface AuditEntry {
  seq: number
  at: string
  types: string[]
}

export type Address = Pick<Baton, 'url' | 'apiKey'>

export interface Api {
  get<T>(path: string): Promise<T>
  post<T>(path: string, body: unknown): Promise<T>
  /** Publishes a workflow; answers its id. */
  publish(definition: unknown): Promise<string>
  workflowNamed(name: string): Promise<string>
  /** Starts a task; answers its id. */
  start(workflow: string, input: unknown): Promise<string>
  task(id: string): Promise<Task>
  /** The whole log, oldest first. */
  events(id: string): Promise<TaskEvent[]>
  /** The whole audit of a task, oldest first. */
  audit(id: string): Promise<AuditEntry[]>
  /** Every task of a workflow, from the index: no task's own object is asked. */
  tasks(workflow: string): Promise<TaskItem[]>
  /** Reads a task until it is as wanted. */
  until(id: string, reached: (task: Task) => boolean, ms?: number): Promise<Task>
}

/** A client with the key of every scope. It keeps to the rate limit as an honest client does: told to wait, it waits. */
export function apiOf({ url, apiKey }: Address): Api {
  async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    for (;;) {
      const response = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
        body: body === undefined ? undefined : JSON.stringify(body),
      })
      const text = await response.text()
      if (response.status === 429) await pause(Number(response.headers.get('retry-after') ?? 1) * 1000)
      else if (response.ok) return JSON.parse(text) as T
      else throw new Error(`${method} ${path}: ${response.status} ${text}`)
    }
  }
  const get = <T>(path: string) => call<T>('GET', path)
  const post = <T>(path: string, body: unknown) => call<T>('POST', path, body)

  async function all<T>(path: string): Promise<T[]> {
    const items: T[] = []
    let cursor = ''
    for (;;) {
      const page = await get<{ items: T[]; next: string | null }>(`${path}${path.includes('?') ? '&' : '?'}${cursor}`)
      items.push(...page.items)
      if (page.next === null) return items
      cursor = `cursor=${page.next}`
    }
  }

  const task = (id: string) => get<Task>(`/tasks/${id}`)
  return {
    get,
    post,
    task,
    publish: async definition => (await post<{ id: string }>('/workflows', definition)).id,
    workflowNamed: async name => {
      const found = (await all<{ id: string; name: string }>('/workflows')).find(workflow => workflow.name === name)
      if (!found) throw new Error(`There is no workflow "${name}"`)
      return found.id
    },
    start: async (workflow, input) => (await post<{ id: string }>(`/workflows/${workflow}/tasks`, { input })).id,
    events: id => all<TaskEvent>(`/tasks/${id}/events`),
    audit: async id => (await all<AuditEntry>(`/audit?task=${id}`)).reverse(),
    tasks: workflow => all<TaskItem>(`/tasks?workflow=${workflow}`),
    until: async (id, reached, ms = 30_000) => {
      const deadline = Date.now() + ms
      for (;;) {
        const found = await task(id)
        if (reached(found)) return found
        if (Date.now() > deadline) throw new Error(`Task ${id} is still ${found.status} at ${found.step}: ${found.why}`)
        await pause(100)
      }
    },
  }
}

export const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** Runs `act` for each item, a few side by side. */
export async function eachOf<T, R>(items: T[], act: (item: T) => Promise<R>, sideBySide = 8): Promise<R[]> {
  const results: R[] = []
  let next = 0
  const lane = async () => {
    for (let at = next++; at < items.length; at = next++) results[at] = await act(items[at]!)
  }
  await Promise.all(Array.from({ length: sideBySide }, lane))
  return results
}
