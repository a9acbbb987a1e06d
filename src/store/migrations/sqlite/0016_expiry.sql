-- What was said goes when it is too old, if the operator wants that. A room begins after the change
-- `begins_seq` then: `begins_said` messages had been said until there, and are gone.
ALTER TABLE rooms ADD COLUMN begins_seq BIGINT NOT NULL DEFAULT 0;
ALTER TABLE rooms ADD COLUMN begins_said BIGINT NOT NULL DEFAULT 0;

-- Changes of a message, and with the message 0 those of rooms, by age; what is said is found by its seq.
CREATE INDEX events_aside ON events (message_id, at) WHERE kind <> 1;
-- When a tenth of it is gone an index would be merged anew as a whole, in the transaction of whoever comes
-- next: two seconds for a million messages. The program merges it in steps.
INSERT INTO search (search, rank) VALUES ('deletemerge', 0);

CREATE INDEX nonces_by_time ON nonces (at);
