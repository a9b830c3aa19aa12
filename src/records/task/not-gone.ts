/** A task that was deleted stays so: what every statement asks that writes what a task tells. */

/** SQL: that neither the task nor its team was deleted; both are expressions. A team's own mark names no task. */
export function notGone(team: string, task: string): string {
  return `NOT EXISTS (SELECT 1 FROM gone_tasks g WHERE g.team = ${team} AND g.task IN (${task}, ''))`
}

/** SQL: that the team was not. */
export function teamNotGone(team: string): string {
  return `NOT EXISTS (SELECT 1 FROM gone_tasks g WHERE g.team = ${team} AND g.task = '')`
}
