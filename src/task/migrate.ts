/** Moving a task to another version of its workflow: the one command that the API and a publish give. */
import type { Command } from '../domain/task/commands.ts'
import type { VersionRow } from '../records/definitions/workflows.ts'

type Migrate = Extract<Command, { type: 'migrate' }>

/** The command that moves a task to `step` of this version; with `visit`, only while that visit is open. */
export function migration(
  version: Pick<VersionRow, 'pinned' | 'digest'>,
  to: { step: string; visit?: number },
): Migrate {
  return { type: 'migrate', pinned: version.pinned, digest: version.digest, step: to.step, visit: to.visit }
}
