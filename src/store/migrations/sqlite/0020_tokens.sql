-- What lets a program speak for an account: the hash of its key, what it may do, and in which rooms (a JSON list of ids; NULL
-- is all). Its mark is what its sockets are known by.
CREATE TABLE tokens (
    id TEXT NOT NULL PRIMARY KEY,
    key_hash TEXT NOT NULL UNIQUE,
    mark TEXT NOT NULL UNIQUE,
    user_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    rooms TEXT,
    made_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    used_at BIGINT,
    used_place TEXT
) WITHOUT ROWID;
CREATE INDEX tokens_by_user ON tokens (user_id);
CREATE INDEX tokens_by_end ON tokens (expires_at) WHERE expires_at IS NOT NULL;

-- The addresses at which tools speak as a bot, in one room each: the hash of the secret in it.
CREATE TABLE hooks (
    id TEXT NOT NULL PRIMARY KEY,
    key_hash TEXT NOT NULL,
    user_id BIGINT NOT NULL,
    room_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    made_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at BIGINT
) WITHOUT ROWID;
CREATE INDEX hooks_by_user ON hooks (user_id);
CREATE INDEX hooks_by_room ON hooks (room_id);

-- Who has let whom or what in: tokens, bots, hooks, roles from outside.
CREATE TABLE audit (
    id TEXT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    by_id TEXT NOT NULL,
    what TEXT NOT NULL,
    about TEXT NOT NULL,
    detail TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX audit_by_time ON audit (at);

-- Whether a bot has said it.
ALTER TABLE messages ADD COLUMN bot SMALLINT NOT NULL DEFAULT 0;
