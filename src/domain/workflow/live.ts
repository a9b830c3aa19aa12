/** How a workflow stands, and which of its versions new tasks get. */

export type WorkflowStatus = 'draft' | 'active' | 'paused' | 'archived'

/** A workflow as a new task needs it: whether it takes one, and which pinned version it gets. */
export interface LiveVersion {
  workflow: string
  team: string
  /** `ending`: its team is to be deleted. */
  status: WorkflowStatus | 'ending'
  version: number | null
  digest: string | null
}
