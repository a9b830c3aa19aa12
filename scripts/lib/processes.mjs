/** Ending the processes an earlier start left behind: by recorded id, and only when the id still belongs to the process recorded. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** Start time and parent of a living process, null when there is none: an id is reused, an id with its start time is not. */
function look(pid) {
  try {
    // The command in brackets may hold spaces; what follows it does not. 1 = state, 2 = parent, 20 = start time.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return fields[0] === 'Z' ? null : { born: fields[19], parent: Number(fields[1]) }
  } catch {
    if (process.platform === 'linux') return null
  }
  try {
    const out = execFileSync('ps', ['-o', 'ppid=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()
    const [parent, ...born] = out.split(/\s+/)
    return { born: born.join(' '), parent: Number(parent) }
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
