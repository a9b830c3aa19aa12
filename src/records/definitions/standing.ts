/** How a workflow stands towards new tasks: as it is set, unless its team is to be deleted. */

/** SQL: the status of the workflow under this alias. */
export function statusOf(workflow: string): string {
  return `CASE WHEN EXISTS (SELECT 1 FROM team_ends e WHERE e.team = ${workflow}.team) THEN 'ending' ELSE ${workflow}.status END AS status`
}
