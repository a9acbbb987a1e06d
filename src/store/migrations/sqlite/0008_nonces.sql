-- Nonces of changes that had nothing to change and left no event: the same again gets the first answer,
-- whatever has happened since. Never removed, as in `events`.
CREATE TABLE nonces (
    by_id TEXT NOT NULL,
    nonce TEXT NOT NULL,
    room_id BIGINT NOT NULL,
    message_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (by_id, nonce)
) WITHOUT ROWID;
