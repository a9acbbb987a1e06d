-- Links for a new password, and who an account was before.

-- The link holds the code; only its hash is kept, so that this table opens no account. An account
-- has one at most. `by_id` is the public id of who made it, empty for the operator.
CREATE TABLE password_links (
    user_id BIGINT PRIMARY KEY,
    code_hash TEXT NOT NULL UNIQUE,
    by_id TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

-- The public id of the visitor whose browser made the account: what the visitor said is its owner's.
ALTER TABLE users ADD COLUMN visitor TEXT;

-- Nobody invites any more who is not there.
DELETE FROM invitations WHERE by_id IN (SELECT 'u' || id FROM users WHERE deleted_at IS NOT NULL);
