-- MCP servers as sources of tools: where each is, and what it says of its tools beside what a person has accepted of it.
CREATE TABLE mcp_servers (
  team TEXT NOT NULL, key TEXT NOT NULL, url TEXT NOT NULL, headers TEXT NOT NULL, created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL, updated_by TEXT NOT NULL,
  -- When its list was last read in full; what stood in the way of the last attempt; what of the list is left out.
  checked_at INTEGER, error TEXT, failed_at INTEGER, left_out TEXT NOT NULL DEFAULT '[]',
  PRIMARY KEY (team, key)
) WITHOUT ROWID;
CREATE TABLE mcp_tools (
  team TEXT NOT NULL, server TEXT NOT NULL, name TEXT NOT NULL,
  -- What the server says now, NULL where it no longer lists it; and what a person has accepted last, with its number.
  told TEXT, digest TEXT, chosen INTEGER NOT NULL DEFAULT 0, version INTEGER NOT NULL DEFAULT 0, accepted TEXT,
  accepted_digest TEXT, accepted_at INTEGER, accepted_by TEXT,
  PRIMARY KEY (team, server, name)
) WITHOUT ROWID;
