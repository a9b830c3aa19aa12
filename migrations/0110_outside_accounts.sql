-- Accounts at an OpenID Connect provider, found by whoever comes from there. `providerId` names the issuer and our client at it.
CREATE UNIQUE INDEX account_by_provider ON account (providerId, accountId);
