/** How a workflow stands, as a tag. */

import type { WorkflowStatus } from '../domain/workflow/live.ts'
import { Tag } from '../http/components/badge.tsx'

export const WORKFLOW_LABEL: Record<WorkflowStatus, string> = {
  draft: 'Draft',
  active: 'Live',
  paused: 'Paused',
  archived: 'Archived',
}

export const WorkflowBadge = ({ status }: { status: WorkflowStatus }) => <Tag>{WORKFLOW_LABEL[status]}</Tag>
