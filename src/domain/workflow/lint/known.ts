/** What a team has, as far as the lint asks: names that a definition may use. */

import type { KnownProviders } from '../../models/provider.ts'

/** A workflow of the team, as far as others start it. */
export interface KnownWorkflow {
  id: string
  name: string
  /** Whether a version of it is published. */
  live: boolean
  /** Ids of the workflows that its live version starts. */
  starts: readonly string[]
}

export interface Known {
  /** Keys of agents. */
  agents: string[]
  /** What the agents may use, by their key; one that is not here is not judged. */
  tools?: ReadonlyMap<string, readonly string[]>
  /** Names of all tools of the team; absent: they are not judged. */
  toolNames?: readonly string[]
  /** Of the tools of MCP servers those that cannot be called now: the server changed them, or lists them no more. */
  heldTools?: ReadonlyMap<string, 'changed' | 'gone'>
  /** Keys of the team's skills, and those that its agents name; absent: they are not judged. */
  skills?: readonly string[]
  agentSkills?: ReadonlyMap<string, readonly string[]>
  /** The hosts that each secret may go to, by name; absent: they are not judged. */
  secrets?: ReadonlyMap<string, readonly string[]>
  /** The team's workflows, but for those in the archive, oldest first; absent: they are not judged. */
  workflows?: readonly KnownWorkflow[]
  /** The workflow that is linted; no id: it is not made yet. */
  self?: { id?: string; name?: string }
  /** Whether http and loopback may be called, as in local mode. */
  local?: boolean
  /** Addresses of members. */
  members: string[]
  /** Addresses that belonged to members and count as nobody. */
  former?: string[]
  /** Who answers for models besides the environment's provider; absent: it is not judged. */
  providers?: KnownProviders
  /** Models that the team has a price for itself. */
  priced?: readonly string[]
  /** Models that are offered, to choose from. */
  models: string[]
}
