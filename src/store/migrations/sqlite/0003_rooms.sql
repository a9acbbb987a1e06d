-- Rooms, who is in them, and who may come in.

-- `kind`: 0 lobby, 1 public, 2 private, 3 direct. `people` are those of a direct room, in order:
-- the same people have one. `said` counts messages, ever.
ALTER TABLE rooms ADD COLUMN kind SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE rooms ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE rooms ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
ALTER TABLE rooms ADD COLUMN topic TEXT NOT NULL DEFAULT '';
ALTER TABLE rooms ADD COLUMN notice TEXT NOT NULL DEFAULT '';
ALTER TABLE rooms ADD COLUMN read_only SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE rooms ADD COLUMN mute_all SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE rooms ADD COLUMN slow BIGINT NOT NULL DEFAULT 0;
ALTER TABLE rooms ADD COLUMN archived SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE rooms ADD COLUMN people TEXT;
ALTER TABLE rooms ADD COLUMN said BIGINT NOT NULL DEFAULT 0;
ALTER TABLE rooms ADD COLUMN said_at BIGINT;
UPDATE rooms SET
    said = (SELECT count(*) FROM events WHERE events.room_id = rooms.id AND kind = 1),
    said_at = (SELECT max(created_at) FROM messages WHERE messages.room_id = rooms.id);
CREATE UNIQUE INDEX rooms_by_people ON rooms (people) WHERE people IS NOT NULL;
CREATE UNIQUE INDEX rooms_by_name ON rooms (name_key) WHERE kind = 1;

-- `person` is a public id, u<id> or v<token>; `role`: 1 owner, 2 admin, 3 member, 4 muted,
-- 5 banned; `name` is what somebody without an account was called.
CREATE TABLE members (
    room_id BIGINT NOT NULL,
    person TEXT NOT NULL,
    role SMALLINT NOT NULL,
    name TEXT NOT NULL,
    since BIGINT NOT NULL,
    read_seq BIGINT NOT NULL,
    read_said BIGINT NOT NULL,
    mentions BIGINT NOT NULL,
    notify SMALLINT NOT NULL,
    PRIMARY KEY (room_id, person)
) WITHOUT ROWID;
CREATE INDEX members_by_person ON members (person);

-- `uses` and `expires_at` are null when there is no limit.
CREATE TABLE invitations (
    code TEXT PRIMARY KEY,
    room_id BIGINT NOT NULL,
    by_id TEXT NOT NULL,
    by_name TEXT NOT NULL,
    uses BIGINT,
    used BIGINT NOT NULL,
    expires_at BIGINT,
    created_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX invitations_by_room ON invitations (room_id);

-- What an event brought that no message has, as JSON.
ALTER TABLE events ADD COLUMN detail TEXT;
-- Whom a message calls: public ids with blanks between them, `*` for everybody.
ALTER TABLE messages ADD COLUMN mentions TEXT NOT NULL DEFAULT '';
