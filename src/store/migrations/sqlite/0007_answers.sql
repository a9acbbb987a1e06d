-- What people do with a message: answer it, react to it, pin it.

-- The message that this one answers, in the same room.
ALTER TABLE messages ADD COLUMN reply_to BIGINT;

ALTER TABLE messages ADD COLUMN pinned_at BIGINT;
CREATE INDEX messages_pinned ON messages (room_id, pinned_at) WHERE pinned_at IS NOT NULL;

-- `name` is what somebody was called then; `seq` orders those who put the same emoji.
CREATE TABLE reactions (
    room_id BIGINT NOT NULL,
    message_id BIGINT NOT NULL,
    emoji TEXT NOT NULL,
    person TEXT NOT NULL,
    name TEXT NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (room_id, message_id, emoji, person)
) WITHOUT ROWID;
CREATE INDEX reactions_by_person ON reactions (person);
CREATE INDEX reactions_in_order ON reactions (room_id, message_id, emoji, seq);

-- How many put an emoji on a message, so that nobody has to count a crowd. `place` orders the emoji of
-- a message: the seq at which each was first put there.
CREATE TABLE emoji (
    room_id BIGINT NOT NULL,
    message_id BIGINT NOT NULL,
    emoji TEXT NOT NULL,
    place BIGINT NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (room_id, message_id, emoji)
) WITHOUT ROWID;
