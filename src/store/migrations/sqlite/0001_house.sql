-- Times are ms since 1970 (UTC). `author` is the public id of a person: u<id> or v<token>.

CREATE TABLE users (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    password TEXT NOT NULL,
    role TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- The cookie holds the key; only its hash is kept, so that this table opens no session.
CREATE TABLE sessions (
    key_hash TEXT PRIMARY KEY,
    user_id BIGINT,
    sid TEXT,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX sessions_by_sid ON sessions (sid) WHERE sid IS NOT NULL;
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE rooms (
    id BIGINT PRIMARY KEY,
    epoch TEXT NOT NULL,
    head BIGINT NOT NULL
);

-- What is. A recalled message keeps its row and loses its content.
CREATE TABLE messages (
    id INTEGER PRIMARY KEY,
    room_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    kind SMALLINT NOT NULL,
    format SMALLINT NOT NULL,
    author TEXT NOT NULL,
    nonce TEXT,
    name TEXT NOT NULL,
    avatar TEXT NOT NULL,
    place TEXT NOT NULL,
    address TEXT NOT NULL,
    content TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    recalled_at BIGINT,
    recalled_seq BIGINT,
    UNIQUE (author, nonce)
);
CREATE INDEX messages_by_room ON messages (room_id, id);

-- What happened, one row per change of a room, without holes.
CREATE TABLE events (
    room_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    kind SMALLINT NOT NULL,
    message_id BIGINT NOT NULL,
    by_id TEXT NOT NULL,
    by_name TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (room_id, seq)
) WITHOUT ROWID;
