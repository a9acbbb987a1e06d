-- Edits; and every change, not only a new message, under its sender's nonce.

-- What the house knows of itself, by name.
CREATE TABLE house (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- A nonce is its sender's for ever: rows here are never removed.
ALTER TABLE events ADD COLUMN nonce TEXT;
UPDATE events SET nonce = (SELECT nonce FROM messages WHERE id = events.message_id) WHERE kind = 1;
CREATE UNIQUE INDEX events_by_nonce ON events (by_id, nonce) WHERE nonce IS NOT NULL;

-- `rev` is the seq of the newest change, `seq` when there was none.
CREATE TABLE messages_now (
    id INTEGER PRIMARY KEY,
    room_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    rev BIGINT NOT NULL,
    kind SMALLINT NOT NULL,
    format SMALLINT NOT NULL,
    author TEXT NOT NULL,
    name TEXT NOT NULL,
    avatar TEXT NOT NULL,
    place TEXT NOT NULL,
    address TEXT NOT NULL,
    content TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    edited_at BIGINT,
    recalled_at BIGINT
);
INSERT INTO messages_now
    SELECT id, room_id, seq, coalesce(recalled_seq, seq), kind, format, author, name, avatar, place,
        address, content, created_at, NULL, recalled_at
    FROM messages;
DROP TABLE messages;
ALTER TABLE messages_now RENAME TO messages;
CREATE INDEX messages_by_room ON messages (room_id, id);
