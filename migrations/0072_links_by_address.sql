-- How many sign-in links of an address are alive, and what has ended, without looking at all of them.
CREATE INDEX verification_by_email ON verification (value->>'$.email', expiresAt);
CREATE INDEX verification_by_expiry ON verification (expiresAt);
CREATE INDEX session_by_expiry ON session (expiresAt);
