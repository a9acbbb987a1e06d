-- Whether a person keeps the room above the others.
ALTER TABLE members ADD COLUMN favourite SMALLINT NOT NULL DEFAULT 0;
