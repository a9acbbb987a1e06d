-- Rooms that were deleted, until everything of theirs is gone too. `by_id` is the public id of who did it,
-- empty for the operator.
CREATE TABLE deleted_rooms (
    room_id BIGINT PRIMARY KEY,
    by_id TEXT NOT NULL,
    deleted_at BIGINT NOT NULL
);

CREATE INDEX nonces_by_room ON nonces (room_id);
