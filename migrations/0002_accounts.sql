-- Accounts: what better-auth keeps beside 0001's organization, user and member. Its dates are ISO texts.
CREATE TABLE session (
  id TEXT PRIMARY KEY, token TEXT NOT NULL UNIQUE, userId TEXT NOT NULL REFERENCES user (id) ON DELETE CASCADE, expiresAt TEXT NOT NULL,
  createdAt TEXT NOT NULL, updatedAt TEXT NOT NULL, ipAddress TEXT, userAgent TEXT, activeOrganizationId TEXT
);
CREATE INDEX session_by_user ON session (userId);

-- Nobody has a password or an outside account; better-auth still asks for the table.
CREATE TABLE account (
  id TEXT PRIMARY KEY, accountId TEXT NOT NULL, providerId TEXT NOT NULL, userId TEXT NOT NULL REFERENCES user (id) ON DELETE CASCADE,
  accessToken TEXT, refreshToken TEXT, idToken TEXT, accessTokenExpiresAt TEXT, refreshTokenExpiresAt TEXT, scope TEXT, password TEXT,
  createdAt TEXT NOT NULL, updatedAt TEXT NOT NULL
);
CREATE INDEX account_by_user ON account (userId);

-- Sign-in links: `identifier` is the SHA-256 of a link's token.
CREATE TABLE verification (id TEXT PRIMARY KEY, identifier TEXT NOT NULL, value TEXT NOT NULL, expiresAt TEXT NOT NULL, createdAt TEXT NOT NULL, updatedAt TEXT NOT NULL);
CREATE INDEX verification_by_identifier ON verification (identifier);

CREATE TABLE invitation (
  id TEXT PRIMARY KEY, organizationId TEXT NOT NULL REFERENCES organization (id) ON DELETE CASCADE, email TEXT NOT NULL, role TEXT,
  status TEXT NOT NULL, expiresAt TEXT NOT NULL, createdAt TEXT NOT NULL, inviterId TEXT NOT NULL REFERENCES user (id) ON DELETE CASCADE
);
CREATE INDEX invitation_by_team ON invitation (organizationId);
CREATE INDEX invitation_by_email ON invitation (email);

CREATE INDEX member_by_user ON member (userId);

-- Local mode only: mail that is kept for the page /outbox instead of being sent.
CREATE TABLE outbox (id INTEGER PRIMARY KEY, recipient TEXT NOT NULL, subject TEXT NOT NULL, text TEXT NOT NULL, at INTEGER NOT NULL);
