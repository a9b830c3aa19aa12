/** Processes beyond this one: ending those an earlier start left behind, by recorded id and only when it still belongs to the process recorded, and noticing that one's own starter is gone. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** Start time, parent and name of a living process, null when there is none: an id is reused, an id with its start time is not. */
function look(pid) {
  try {
    // The command in brackets may hold spaces; what follows it does not. 1 = state, 2 = parent, 20 = start time.
    const [, name, rest] = /\((.*)\) (.*)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))
    const fields = rest.split(' ')
    return fields[0] === 'Z' ? null : { born: fields[19], parent: Number(fields[1]), name }
  } catch {
    if (process.platform === 'linux') return null
  }
  try {
    const out = execFileSync('ps', ['-o', 'ppid=,lstart=,comm=', '-p', String(pid)], { encoding: 'utf8' }).trim()
    const [parent, ...words] = out.split(/\s+/)
    const name = words.slice(5).join(' ').split('/').at(-1)
    return { born: words.slice(0, 5).join(' '), parent: Number(parent), name }
  } catch {
    return null
  }
}

/** What to write down about a process of ours. */
export function identify(pid) {
  const seen = look(pid)
  return seen && { pid, ...seen }
}

export const alive = recorded => Boolean(recorded) && look(recorded.pid)?.born === recorded.born

/** Its parent is gone: whoever started it can no longer end it. */
export const orphaned = recorded => look(recorded.pid)?.parent !== recorded.parent

/** Asks it to stop, insists after `patience` ms, and answers when it is gone. */
export async function end(recorded, patience = 3000) {
  const deadline = Date.now() + patience
  for (let signal = patience ? 'SIGTERM' : 'SIGKILL'; alive(recorded); await sleep(20)) {
    if (signal) {
      try {
        process.kill(recorded.pid, signal)
      } catch {
        // Gone between the look and the signal.
      }
    }
    signal = Date.now() > deadline ? 'SIGKILL' : null
  }
}

const SHELL = /^-?(ba|da|z|k|a|)sh$|^busybox$/

/**
 * Calls `then` once npm, or whatever else stands between it and this process, is gone. npm runs a command in a shell, and
 * hands what it is told to that shell, which dies of it alone. A command that npm did not start may outlive its starter.
 */
export function onAbandoned(then) {
  const starter = process.env.npm_lifecycle_event ? identify(process.ppid) : null
  if (!starter) return
  const viaShell = SHELL.test(starter.name)
  const timer = setInterval(() => {
    if (process.ppid === starter.pid && !(viaShell && orphaned(starter))) return
    clearInterval(timer)
    then()
  }, 500)
  timer.unref()
}
