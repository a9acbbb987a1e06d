-- What an SQLite database has after its first seventeen migrations, whose comments say what the columns mean; and
-- what several servers need that share one database.
--
-- Whole numbers are BIGINT, times ms since 1970 (UTC). What is looked up, compared or ordered is `COLLATE "C"`: by
-- bytes, as in SQLite, and whatever the locale of the database is.

-- SQLite's functions of these names.
CREATE FUNCTION instr(text TEXT, part TEXT) RETURNS BIGINT
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS 'SELECT CAST(strpos(text, part) AS BIGINT)';
-- In plpgsql, because the planner looks into what is written in SQL, takes it for a hundred rows, and reads whole
-- tables to join them.
CREATE FUNCTION json_each(list TEXT) RETURNS TABLE (value TEXT)
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE ROWS 8
    AS 'BEGIN RETURN QUERY SELECT each.value FROM json_array_elements_text(CAST(list AS JSON)) each; END';

-- An item of a list by its place: '$[1]'.
CREATE FUNCTION json_extract(list TEXT, place TEXT) RETURNS TEXT
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS 'SELECT CAST(list AS JSON) ->> CAST(substr(place, 3, length(place) - 3) AS INTEGER)';

CREATE TABLE house (
    name TEXT COLLATE "C" PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE users (
    id BIGINT PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    name_key TEXT COLLATE "C" NOT NULL UNIQUE,
    password TEXT NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    hue BIGINT,
    preferences TEXT NOT NULL DEFAULT '{}',
    deleted_at BIGINT,
    erased_at BIGINT,
    visitor TEXT COLLATE "C",
    name_look TEXT COLLATE "C",
    keep_files BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX users_to_erase ON users (id) WHERE deleted_at IS NOT NULL AND erased_at IS NULL;
CREATE INDEX users_in_charge ON users (id, role) WHERE role <> 'member';
CREATE INDEX users_by_look ON users (name_look);

CREATE TABLE sessions (
    key_hash TEXT COLLATE "C" PRIMARY KEY,
    user_id BIGINT,
    sid TEXT COLLATE "C",
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    device TEXT,
    place TEXT,
    seen_at BIGINT
);
CREATE INDEX sessions_by_user ON sessions (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX sessions_by_sid ON sessions (sid) WHERE sid IS NOT NULL;
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE password_links (
    user_id BIGINT PRIMARY KEY,
    code_hash TEXT COLLATE "C" NOT NULL UNIQUE,
    by_id TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

-- A row changes with each group of messages. Half of a page is left for its next versions, and no index has what
-- changes, so that a change touches no index and what it leaves is soon space again.
CREATE TABLE rooms (
    id BIGINT PRIMARY KEY,
    epoch TEXT NOT NULL,
    head BIGINT NOT NULL,
    kind BIGINT NOT NULL DEFAULT 0,
    name TEXT NOT NULL DEFAULT '',
    name_key TEXT COLLATE "C" NOT NULL DEFAULT '',
    topic TEXT NOT NULL DEFAULT '',
    notice TEXT NOT NULL DEFAULT '',
    read_only BIGINT NOT NULL DEFAULT 0,
    mute_all BIGINT NOT NULL DEFAULT 0,
    slow BIGINT NOT NULL DEFAULT 0,
    archived BIGINT NOT NULL DEFAULT 0,
    people TEXT COLLATE "C",
    said BIGINT NOT NULL DEFAULT 0,
    said_at BIGINT,
    name_look TEXT COLLATE "C",
    begins_seq BIGINT NOT NULL DEFAULT 0,
    begins_said BIGINT NOT NULL DEFAULT 0
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 200);
CREATE UNIQUE INDEX rooms_by_people ON rooms (people) WHERE people IS NOT NULL;
CREATE UNIQUE INDEX rooms_by_name ON rooms (name_key) WHERE kind = 1;
CREATE INDEX rooms_by_look ON rooms (name_look);

CREATE TABLE deleted_rooms (
    room_id BIGINT PRIMARY KEY,
    by_id TEXT COLLATE "C" NOT NULL,
    deleted_at BIGINT NOT NULL
);

CREATE TABLE members (
    room_id BIGINT NOT NULL,
    person TEXT COLLATE "C" NOT NULL,
    role BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    since BIGINT NOT NULL,
    read_seq BIGINT NOT NULL,
    read_said BIGINT NOT NULL,
    notify BIGINT NOT NULL,
    favourite BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (room_id, person)
);
CREATE INDEX members_by_person ON members (person);

CREATE TABLE muted (
    room_id BIGINT NOT NULL,
    person TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (room_id, person)
);
CREATE INDEX muted_by_person ON muted (person);

CREATE TABLE invitations (
    code TEXT COLLATE "C" PRIMARY KEY,
    room_id BIGINT NOT NULL,
    by_id TEXT COLLATE "C" NOT NULL,
    by_name TEXT NOT NULL,
    uses BIGINT,
    used BIGINT NOT NULL,
    expires_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX invitations_by_room ON invitations (room_id);

-- Handed out one by one under the lock of a room, ids grow in it with the seqs; a cache for each connection would
-- mix them up.
CREATE SEQUENCE message_ids CACHE 1;
CREATE TABLE messages (
    id BIGINT PRIMARY KEY DEFAULT nextval('message_ids'),
    room_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    rev BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    format BIGINT NOT NULL,
    author TEXT COLLATE "C" NOT NULL,
    name TEXT NOT NULL,
    avatar TEXT NOT NULL,
    place TEXT NOT NULL,
    address TEXT NOT NULL,
    content TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    edited_at BIGINT,
    recalled_at BIGINT,
    mentions TEXT COLLATE "C" NOT NULL DEFAULT '',
    html TEXT,
    reply_to BIGINT,
    pinned_at BIGINT,
    files BIGINT NOT NULL DEFAULT 0
);
ALTER SEQUENCE message_ids OWNED BY messages.id;
CREATE INDEX messages_by_room ON messages (room_id, id);
CREATE INDEX messages_by_author ON messages (author, id);
CREATE INDEX messages_pinned ON messages (room_id, pinned_at) WHERE pinned_at IS NOT NULL;
CREATE INDEX messages_recalled ON messages (room_id, seq) WHERE recalled_at IS NOT NULL;
CREATE INDEX messages_calling ON messages (room_id, seq, author, mentions) WHERE mentions <> '';

CREATE TABLE clock_steps (id BIGINT PRIMARY KEY);

CREATE TABLE versions (
    message_id BIGINT NOT NULL,
    rev BIGINT NOT NULL,
    at BIGINT NOT NULL,
    format BIGINT NOT NULL,
    content TEXT NOT NULL,
    html TEXT,
    PRIMARY KEY (message_id, rev)
);

CREATE TABLE reactions (
    room_id BIGINT NOT NULL,
    message_id BIGINT NOT NULL,
    emoji TEXT COLLATE "C" NOT NULL,
    person TEXT COLLATE "C" NOT NULL,
    name TEXT NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (room_id, message_id, emoji, person)
);
CREATE INDEX reactions_by_person ON reactions (person);
CREATE INDEX reactions_in_order ON reactions (room_id, message_id, emoji, seq);

CREATE TABLE emoji (
    room_id BIGINT NOT NULL,
    message_id BIGINT NOT NULL,
    emoji TEXT COLLATE "C" NOT NULL,
    place BIGINT NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (room_id, message_id, emoji)
);

-- `stamp` is the transaction that wrote a row. A server asks for those of the transactions that it could not see
-- when it asked before, and so misses none, in whatever order they ended.
CREATE TABLE events (
    room_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    message_id BIGINT NOT NULL,
    by_id TEXT COLLATE "C" NOT NULL,
    by_name TEXT NOT NULL,
    at BIGINT NOT NULL,
    nonce UUID,
    detail TEXT,
    stamp BIGINT NOT NULL DEFAULT CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT),
    PRIMARY KEY (room_id, seq)
);
CREATE UNIQUE INDEX events_by_nonce ON events (by_id, nonce) WHERE nonce IS NOT NULL;
CREATE INDEX events_aside ON events (message_id, at) WHERE kind <> 1;
CREATE INDEX events_by_stamp ON events (stamp);

CREATE TABLE nonces (
    by_id TEXT COLLATE "C" NOT NULL,
    nonce UUID NOT NULL,
    room_id BIGINT NOT NULL,
    message_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (by_id, nonce)
);
CREATE INDEX nonces_by_room ON nonces (room_id);
CREATE INDEX nonces_by_time ON nonces (at);

CREATE TABLE files (
    id TEXT COLLATE "C" PRIMARY KEY,
    owner TEXT COLLATE "C" NOT NULL,
    nonce UUID,
    state BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    size BIGINT NOT NULL,
    got BIGINT NOT NULL,
    stored BIGINT NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    why TEXT,
    detail TEXT NOT NULL,
    room_id BIGINT,
    message_id BIGINT,
    place BIGINT,
    created_at BIGINT NOT NULL,
    touched_at BIGINT NOT NULL,
    UNIQUE (owner, nonce)
);
CREATE INDEX files_by_message ON files (message_id, place) WHERE message_id IS NOT NULL;
CREATE INDEX files_by_room ON files (room_id, message_id) WHERE message_id IS NOT NULL;
CREATE INDEX files_by_kind ON files (room_id, kind, message_id, place) WHERE state = 3;
CREATE INDEX files_by_age ON files (created_at, id) WHERE state = 3;
CREATE INDEX file_bytes_by_kind ON files (kind, stored) WHERE state = 3;
CREATE INDEX files_loose ON files (state, touched_at) WHERE state IN (0, 1, 2, 5, 6);
CREATE INDEX files_loose_by_owner ON files (owner) WHERE state IN (0, 1, 2, 6);
CREATE INDEX files_by_size ON files (owner, stored, id) WHERE state IN (3, 7);
CREATE INDEX files_by_sending ON files (owner, message_id, id) WHERE state IN (3, 7);
CREATE INDEX files_doomed ON files (id) WHERE state = 4;

CREATE TABLE file_use (
    owner TEXT COLLATE "C" PRIMARY KEY,
    bytes BIGINT NOT NULL,
    files BIGINT NOT NULL
);

-- One row for each message, under its id as in SQLite's index. The pending list is emptied by the program, so that
-- whoever sends a message never does: that is why it may grow so large (in kB).
CREATE TABLE search (
    rowid BIGINT PRIMARY KEY,
    words TEXT COLLATE "C" NOT NULL
);
CREATE INDEX search_by_word ON search
    USING gin (array_to_tsvector(array_remove(string_to_array(words, ' '), '')))
    WITH (gin_pending_list_limit = 65536);
-- The rows that are asked for (a tsquery) with ids from `low` to before `high`, the newest first. By both indexes
-- together: left to itself the planner goes through all rows with a word, or through all ids; and it must know how
-- many ids there are.
CREATE FUNCTION proposed(asked TEXT, low BIGINT, high BIGINT) RETURNS TABLE (rowid BIGINT)
    LANGUAGE plpgsql STABLE STRICT ROWS 100
    SET enable_seqscan = off SET enable_indexscan = off SET plan_cache_mode = force_custom_plan
    AS $$ BEGIN RETURN QUERY SELECT s.rowid FROM search s
        WHERE array_to_tsvector(array_remove(string_to_array(s.words, ' '), '')) @@ CAST(asked AS TSQUERY)
        AND s.rowid >= low AND s.rowid < high ORDER BY s.rowid DESC; END $$;

-- What all servers must learn and what is no event of a room, such as a session that ended: `body` is JSON.
CREATE TABLE notices (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    body TEXT NOT NULL,
    at BIGINT NOT NULL,
    stamp BIGINT NOT NULL DEFAULT CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT)
);
CREATE INDEX notices_by_stamp ON notices (stamp);
CREATE INDEX notices_by_time ON notices (at);

-- The servers that share this database, each by a UUID that is made at its start. `detail` is JSON of what they
-- tell each other about themselves; `beat_at` is by the clock of the database.
CREATE TABLE nodes (
    boot UUID PRIMARY KEY,
    node TEXT COLLATE "C" NOT NULL,
    since BIGINT NOT NULL,
    beat_at BIGINT NOT NULL,
    detail TEXT NOT NULL
) WITH (fillfactor = 50);
