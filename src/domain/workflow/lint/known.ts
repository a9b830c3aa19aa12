/** What a team has, as far as the lint asks: names that a definition may use. */

export interface Known {
  /** Keys of agents. */
  agents: string[]
  /** What the agents may use, by their key; one that is not here is not judged. */
  tools?: ReadonlyMap<string, readonly string[]>
  /** Names of all tools of the team; absent: they are not judged. */
  toolNames?: readonly string[]
  /** Keys of the team's skills, and those that its agents name; absent: they are not judged. */
  skills?: readonly string[]
  agentSkills?: ReadonlyMap<string, readonly string[]>
  /** The hosts that each secret may go to, by name; absent: they are not judged. */
  secrets?: ReadonlyMap<string, readonly string[]>
  /** Whether http and loopback may be called, as in local mode. */
  local?: boolean
  /** Addresses of members. */
  members: string[]
  /** Addresses that belonged to members and count as nobody. */
  former?: string[]
  /** Models that can be used; any with a list price count as known, too. */
  models: string[]
}
