-- How a name looks, beside the key by which it is found: what looks like another name is refused. Names
-- that were there before stay, whatever they look like, so neither is unique. The program fills them in.

ALTER TABLE users ADD COLUMN name_look TEXT;
CREATE INDEX users_by_look ON users (name_look);

ALTER TABLE rooms ADD COLUMN name_look TEXT;
CREATE INDEX rooms_by_look ON rooms (name_look);
