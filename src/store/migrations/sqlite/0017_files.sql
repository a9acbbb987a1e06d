-- Files, from the first request of an upload until the message that has them is gone. The numbers of `state`
-- and `kind` are the program's (store/files/state.rs, model/file.rs); `detail` is JSON of what is known of the
-- content. The bytes are beside the database, under the same id.
CREATE TABLE files (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    nonce TEXT,
    state SMALLINT NOT NULL,
    kind SMALLINT NOT NULL,
    -- Bytes: announced, on the disk for good, and of all renditions together.
    size BIGINT NOT NULL,
    got BIGINT NOT NULL,
    stored BIGINT NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    -- The code of the error that it was refused with.
    why TEXT,
    detail TEXT NOT NULL,
    room_id BIGINT,
    message_id BIGINT,
    place SMALLINT,
    created_at BIGINT NOT NULL,
    touched_at BIGINT NOT NULL,
    UNIQUE (owner, nonce)
) WITHOUT ROWID;

CREATE INDEX files_by_message ON files (message_id, place) WHERE message_id IS NOT NULL;
CREATE INDEX files_by_room ON files (room_id, message_id) WHERE message_id IS NOT NULL;
CREATE INDEX files_by_kind ON files (room_id, kind, message_id, place) WHERE state = 3;
CREATE INDEX files_by_age ON files (created_at, id) WHERE state = 3;
-- What the files of messages take, by kind, without reading their rows.
CREATE INDEX file_bytes_by_kind ON files (kind, stored) WHERE state = 3;
CREATE INDEX files_loose ON files (state, touched_at) WHERE state IN (0, 1, 2, 5, 6);
CREATE INDEX files_loose_by_owner ON files (owner) WHERE state IN (0, 1, 2, 6);
CREATE INDEX files_by_size ON files (owner, stored, id) WHERE state IN (3, 7);
CREATE INDEX files_by_sending ON files (owner, message_id, id) WHERE state IN (3, 7);
CREATE INDEX files_doomed ON files (id) WHERE state = 4;

-- What the files of each person take, changed in the same transactions; the owner '*' is all of them.
CREATE TABLE file_use (
    owner TEXT PRIMARY KEY,
    bytes BIGINT NOT NULL,
    files BIGINT NOT NULL
) WITHOUT ROWID;

-- How many files a message has: pages without any ask nothing more.
ALTER TABLE messages ADD COLUMN files SMALLINT NOT NULL DEFAULT 0;

-- Whether the files of a deleted account, but not its voices, stay with its messages.
ALTER TABLE users ADD COLUMN keep_files SMALLINT NOT NULL DEFAULT 0;
