-- What lets a program speak for an account: the hash of its key, what it may do, and in which rooms (a JSON list of ids; NULL
-- is all). Its mark is what its sockets are known by.
CREATE TABLE tokens (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    key_hash TEXT COLLATE "C" NOT NULL UNIQUE,
    mark TEXT COLLATE "C" NOT NULL UNIQUE,
    user_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    rooms TEXT,
    made_by TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    used_at BIGINT,
    used_place TEXT
);
CREATE INDEX tokens_by_user ON tokens (user_id);
CREATE INDEX tokens_by_end ON tokens (expires_at) WHERE expires_at IS NOT NULL;

-- The addresses at which tools speak as a bot, in one room each: the hash of the secret in it.
CREATE TABLE hooks (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    key_hash TEXT COLLATE "C" NOT NULL,
    user_id BIGINT NOT NULL,
    room_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    made_by TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX hooks_by_user ON hooks (user_id);
CREATE INDEX hooks_by_room ON hooks (room_id);

-- Who has let whom or what in: tokens, bots, hooks, roles from outside.
CREATE TABLE audit (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    by_id TEXT COLLATE "C" NOT NULL,
    what TEXT NOT NULL,
    about TEXT COLLATE "C" NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX audit_by_time ON audit (at);

-- Whether a bot has said it.
ALTER TABLE messages ADD COLUMN bot BIGINT NOT NULL DEFAULT 0;
