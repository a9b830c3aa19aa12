/** Published versions as tasks pin them: text and parse are cached per isolate by digest, which no publish changes. */
import { BoundedCache } from '../domain/bounded-cache.ts'
import { chunks } from '../domain/chunks.ts'
import type { Pinned } from '../domain/workflow/definition.ts'
import type { LiveVersion } from '../domain/workflow/live.ts'
import { pinnedText, pinnedTexts } from '../records/definitions/workflows.ts'

export interface PinnedVersion {
  text: string
  digest: string
  pinned: Pinned
}

const MAX_CACHED = 64
const cached = new BoundedCache<PinnedVersion>(MAX_CACHED)

/** The pinned version that new tasks of this workflow get; null when nothing is published. */
export async function livePinned(db: D1Database, live: LiveVersion): Promise<PinnedVersion | null> {
  if (live.version === null || live.digest === null) return null
  return pinnedVersion(db, live.team, live.workflow, live.version, live.digest)
}

/** One version's pinned text and its parse. */
async function pinnedVersion(
  db: D1Database,
  team: string,
  workflow: string,
  version: number,
  digest: string,
): Promise<PinnedVersion | null> {
  // The digest covers workflow and version, so a hit can only be this very version.
  const hit = cached.peek(digest)
  if (hit) return hit
  const text = await pinnedText(db, team, workflow, version)
  return text === null ? null : keep(digest, text)
}

/** Texts read in one query: the largest definitions together are far below what an answer may hold. */
const AT_ONCE = 20

/** Many at once, by digest, for whoever starts tasks of many workflows; those that are not there are left out. */
export async function pinnedVersions(
  db: D1Database,
  lives: Pick<LiveVersion, 'workflow' | 'version' | 'digest'>[],
): Promise<Map<string, PinnedVersion>> {
  const found = new Map<string, PinnedVersion>()
  const missing = new Map<string, { workflow: string; version: number }>()
  for (const { workflow, version, digest } of lives) {
    if (version === null || digest === null) continue
    const hit = cached.peek(digest)
    if (hit) found.set(digest, hit)
    else missing.set(digest, { workflow, version })
  }
  for (const some of chunks([...missing.values()], AT_ONCE)) {
    const rows = await pinnedTexts(db, some)
    for (const { digest, pinned } of rows) found.set(digest, keep(digest, pinned))
  }
  return found
}

function keep(digest: string, text: string): PinnedVersion {
  return cached.keep(digest, { text, digest, pinned: JSON.parse(text) as Pinned })
}
