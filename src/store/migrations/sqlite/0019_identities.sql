-- Who somebody is elsewhere, such as at the site that this server is part of: an account is found by issuer and subject, never
-- by a name. Whoever was let in before `not_before` signs in there again; who is blocked does not come in.
CREATE TABLE identities (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    not_before BIGINT NOT NULL,
    blocked_at BIGINT,
    linked_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
) WITHOUT ROWID;
CREATE INDEX identities_by_user ON identities (user_id);
CREATE INDEX identities_by_block ON identities (blocked_at) WHERE blocked_at IS NOT NULL;

-- Tokens that have let somebody in and let nobody in again, until they have expired.
CREATE TABLE spent (
    issuer TEXT NOT NULL,
    jti TEXT NOT NULL,
    until BIGINT NOT NULL,
    PRIMARY KEY (issuer, jti)
) WITHOUT ROWID;
CREATE INDEX spent_by_end ON spent (until);

-- How a session began, the site inside whose page it is, and what the issuer calls it.
ALTER TABLE sessions ADD COLUMN via TEXT;
ALTER TABLE sessions ADD COLUMN host TEXT;
ALTER TABLE sessions ADD COLUMN outer_sid TEXT;

-- What an account is (0 a person's, 1 a bot's), and who made it.
ALTER TABLE users ADD COLUMN kind SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN made_by BIGINT;
