/** A process with all its descendants: found by id, killed by id, and known again although ids are reused. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

export interface Process {
  pid: number
  parent: number
  /** When it began, in the platform's own words: with the id, it names one process for ever. */
  born: string
}

/** The process with this id and everything below it, parents first. */
export function treeOf(pid: number): Process[] {
  const all = running()
  const tree = all.filter(each => each.pid === pid)
  for (const each of tree) tree.push(...all.filter(other => other.parent === each.pid))
  return tree
}

/** SIGKILL to each of them, none asked. */
export function killAll(processes: Process[]): void {
  for (const { pid } of processes) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // Gone by itself in this moment.
    }
  }
}

/** Those of these processes that are still there. Of none at all nothing can be said. */
export function stillRunning(processes: Process[]): Process[] {
  if (processes.length === 0) throw new Error('no process was watched')
  const now = new Set(running().map(nameOf))
  return processes.filter(each => now.has(nameOf(each)))
}

const nameOf = ({ pid, born }: Process) => `${pid} ${born}`

function running(): Process[] {
  return process.platform === 'linux' ? fromProc() : fromPs()
}

function fromProc(): Process[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(name => {
      try {
        // The command in brackets may hold spaces; what follows it does not. 0 = state, 1 = parent, 19 = start time.
        const fields = readFileSync(`/proc/${name}/stat`, 'utf8')
          .replace(/^.*\) /s, '')
          .split(' ')
        return fields[0] === 'Z' ? [] : [{ pid: Number(name), parent: Number(fields[1]), born: fields[19]! }]
      } catch {
        return []
      }
    })
}

function fromPs(): Process[] {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,lstart='], { encoding: 'utf8' })
    .split('\n')
    .map(line => line.trim().split(/\s+/))
    .filter(([pid, , stat]) => pid && !stat?.startsWith('Z'))
    .map(([pid, parent, , ...born]) => ({ pid: Number(pid), parent: Number(parent), born: born.join(' ') }))
}
