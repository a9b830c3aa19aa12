/** The checker of a run with faults: from what clients recorded and what Baton tells afterwards, everything that is not as promised. Pure. */
import type { AuditEntry, Task, TaskEvent, TaskItem } from './api-client.ts'

/** One request that a client made, and what came of it. */
export interface Sent {
  /** The Idempotency-Key; also the task's title, so that a list tells whose task it is. */
  key: string
  sentAt: number
  endedAt: number
  /** null: the connection broke before an answer. */
  status: number | null
  task?: string
  duplicate?: boolean
}

/** What Baton tells of one task at the end. */
export interface Found {
  task: Task
  events: TaskEvent[]
  audit: AuditEntry[]
}

/** Where tasks of a workflow must have come, and by which steps. */
export interface Course {
  status: string
  steps: string[]
  last: string
}

/** What is wrong with the answers that clients got: not 202, a key with two tasks, a task with two keys, made twice. */
export function wrongAnswers(history: Sent[]): string[] {
  if (history.length === 0) return ['nobody asked for anything']
  const wrong: string[] = []
  const keyOf = new Map<string, string>()
  for (const [key, sent] of byKey(history)) {
    const answered = sent.filter(each => each.status !== null)
    for (const each of answered) if (each.status !== 202) wrong.push(`${key}: answered ${each.status}`)
    const accepted = answered.filter(each => each.status === 202)
    if (accepted.length === 0) wrong.push(`${key}: never accepted`)
    const tasks = new Set(accepted.map(each => each.task ?? 'none'))
    if (tasks.size > 1) wrong.push(`${key}: made ${tasks.size} tasks: ${[...tasks].join(', ')}`)
    const first = accepted.filter(each => each.duplicate !== true)
    if (first.length > 1) wrong.push(`${key}: answered ${first.length} times as if it were the first`)
    for (const task of tasks) {
      const other = keyOf.get(task)
      if (other !== undefined) wrong.push(`${key} and ${other} share the task ${task}`)
      keyOf.set(task, key)
    }
  }
  return wrong
}

/** What is wrong with the list: a task that was accepted is not in it, or one is in it that nobody was answered. */
export function wrongList(history: Sent[], listed: TaskItem[]): string[] {
  const accepted = acceptedTasks(history)
  if (accepted.size === 0) return ['no task was accepted']
  const ids = new Set(listed.map(item => item.id))
  return [
    ...[...accepted].filter(([, task]) => !ids.has(task)).map(([key, task]) => `${key}: ${task} is not listed`),
    ...listed.filter(item => accepted.get(item.title) !== item.id).map(item => `${item.id}: nobody was told of it`),
    ...(ids.size < listed.length ? [`${listed.length - ids.size} tasks are listed twice`] : []),
  ]
}

/** What is wrong with a task: where it came, its log, its audit. */
export function wrongTask({ task, events, audit }: Found, course: Course): string[] {
  const wrong: string[] = []
  const say = (what: string) => wrong.push(`${task.title} (${task.id}): ${what}`)
  if (task.status !== course.status) say(`is ${task.status} at ${task.step}: ${task.why}`)
  if (events.some((event, i) => event.seq !== i + 1)) say(`its log has gaps: ${events.map(e => e.seq).join(' ')}`)
  const entered = events.filter(event => event.type === 'entered')
  const path = entered.map(event => `${event.data.visit}:${event.step}`).join(' ')
  const expected = course.steps.map((step, i) => `${i + 1}:${step}`).join(' ')
  if (path !== expected) say(`entered ${path} instead of ${expected}`)
  for (const type of ['created', course.last]) {
    const times = events.filter(event => event.type === type).length
    if (times !== 1) say(`${times} × ${type}`)
  }
  for (const name of twice(events.filter(event => event.type === 'reported').map(({ data }) => attemptOf(data))))
    say(`reported twice: ${name}`)
  for (const name of twice(events.filter(event => event.type === 'claimed').map(({ data }) => attemptOf(data)))) {
    if (!lapsedBetween(events, name)) say(`claimed twice: ${name}`)
  }
  wrong.push(...wrongAudit(task, events, audit))
  return wrong
}

/** The audit has one entry for each row of the log, which covers one or more events. */
function wrongAudit(task: Task, events: TaskEvent[], audit: AuditEntry[]): string[] {
  const told = audit.flatMap(entry => entry.types.map((type, i) => `${entry.seq + i} ${type} ${entry.at}`))
  const logged = events.map(event => `${event.seq} ${event.type} ${event.at}`)
  return told.join('\n') === logged.join('\n')
    ? []
    : [`${task.title} (${task.id}): its audit differs from its log:\n${told.join('\n')}\n—\n${logged.join('\n')}`]
}

const attemptOf = ({ visit, run, attempt }: TaskEvent['data']) => `${visit}.${run}.${attempt}`

/** A second claim of an attempt is right only when the first one's lease lapsed before. */
function lapsedBetween(events: TaskEvent[], name: string): boolean {
  const turns = events.filter(({ type, data }) => /^(claimed|lapsed)$/.test(type) && attemptOf(data) === name)
  return turns.every(({ type }, i) => type === (i % 2 === 0 ? 'claimed' : 'lapsed'))
}

/** Whether the engine gave a task up for the one reason it may: the same call died three times in a row. */
export function diedThrice(events: TaskEvent[]): boolean {
  const stuck = events.findIndex(event => event.type === 'stuck')
  if (stuck < 0 || events[stuck]!.data.cause !== 'keeps_dying') return false
  const turns = events.slice(0, stuck).filter(event => /^(claimed|lapsed)$/.test(event.type))
  const last = turns.slice(-6)
  return (
    last.map(event => event.type).join(' ') === 'claimed lapsed claimed lapsed claimed lapsed' &&
    last.every(event => attemptOf(event.data) === attemptOf(last[0]!.data))
  )
}

function twice(names: string[]): string[] {
  return [...new Set(names.filter((name, i) => names.indexOf(name) !== i))]
}

/** Key → its task, for every key that was answered 202. */
export function acceptedTasks(history: Sent[]): Map<string, string> {
  return new Map(history.flatMap(({ key, status, task }) => (status === 202 && task ? [[key, task] as const] : [])))
}

function byKey(history: Sent[]): Map<string, Sent[]> {
  const groups = new Map<string, Sent[]>()
  for (const each of history) groups.set(each.key, [...(groups.get(each.key) ?? []), each])
  return groups
}

/** One kill, as the clients saw it. */
export interface Kill {
  at: number
  /** When Baton answered again. */
  served: number
}

/** How many requests a kill cut off. */
export function cutBy({ at }: Kill, history: Sent[]): number {
  return history.filter(each => each.status === null && each.sentAt <= at && at < each.endedAt).length
}

/** What a kill met: tasks under way, and of them those in the middle of a call. */
export interface Hit {
  underWay: number
  midCall: number
  /** How long after Baton served again each task went on, in ms; those that the next kill met first are counted there. */
  recovery: number[]
  /** How long after that, and after its lease had ended: what no lease explains. */
  late: number[]
}

/** Reads from the logs what a kill met; `next` is the kill after it. */
export function hitOf(logs: TaskEvent[][], { at, served }: Kill, next: Kill | undefined): Hit {
  const hit: Hit = { underWay: 0, midCall: 0, recovery: [], late: [] }
  for (const events of logs) {
    const before = events.filter(event => Date.parse(event.at) <= at)
    const last = before.at(-1)
    const then = events[before.length]
    if (last === undefined || then === undefined) continue
    hit.underWay++
    const leased = last.type === 'claimed'
    if (leased) hit.midCall++
    const wentOn = Date.parse(then.at)
    if (next !== undefined && wentOn > next.at) continue
    hit.recovery.push(wentOn - served)
    hit.late.push(wentOn - Math.max(served, leased ? Number(last.data.until) : 0))
  }
  return hit
}

/** The value that so many per cent of the others do not exceed. */
export function percentile(values: number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN
}
