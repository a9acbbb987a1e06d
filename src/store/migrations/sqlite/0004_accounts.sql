-- What an account is beyond its name; where and by what it is signed in.

-- The colour of the identicon in degrees, null = that of the id. What its owner likes, as JSON.
ALTER TABLE users ADD COLUMN hue SMALLINT;
ALTER TABLE users ADD COLUMN preferences TEXT NOT NULL DEFAULT '{}';

-- An account that was deleted keeps its row, emptied, so that its number is never another's.
-- `erased_at` is null until its name is off everything it wrote.
ALTER TABLE users ADD COLUMN deleted_at BIGINT;
ALTER TABLE users ADD COLUMN erased_at BIGINT;
CREATE INDEX users_to_erase ON users (id) WHERE deleted_at IS NOT NULL AND erased_at IS NULL;

-- What a session was last seen on, where and when.
ALTER TABLE sessions ADD COLUMN device TEXT;
ALTER TABLE sessions ADD COLUMN place TEXT;
ALTER TABLE sessions ADD COLUMN seen_at BIGINT;

CREATE INDEX messages_by_author ON messages (author, id);
