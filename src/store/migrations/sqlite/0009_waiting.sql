-- What waits for somebody is counted from the messages themselves: those after their mark that are not
-- recalled, and those of them that call them. `said` and `read_said` count messages ever said.

UPDATE messages SET mentions = '' WHERE recalled_at IS NOT NULL AND mentions <> '';
CREATE INDEX messages_recalled ON messages (room_id, seq) WHERE recalled_at IS NOT NULL;
CREATE INDEX messages_calling ON messages (room_id, seq, author, mentions) WHERE mentions <> '';
ALTER TABLE members DROP COLUMN mentions;

-- Who was muted in a room when they left it: they are muted when they come back.
CREATE TABLE muted (
    room_id BIGINT NOT NULL,
    person TEXT NOT NULL,
    PRIMARY KEY (room_id, person)
) WITHOUT ROWID;
CREATE INDEX muted_by_person ON muted (person);

-- Those who look after the house, looked up every few seconds.
CREATE INDEX users_in_charge ON users (id, role) WHERE role <> 'member';
