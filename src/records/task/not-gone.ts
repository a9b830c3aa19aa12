/** A task that was deleted stays so: what every statement asks that writes what a task tells. */

/** SQL: that the task of this team was not deleted; both are expressions. */
export function notGone(team: string, task: string): string {
  return `NOT EXISTS (SELECT 1 FROM gone_tasks g WHERE g.team = ${team} AND g.task = ${task})`
}
