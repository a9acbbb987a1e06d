-- Words that are Markdown, and those that a message had before it was edited.

-- What Markdown was rendered to; null for other formats, and where it is the escaped content.
ALTER TABLE messages ADD COLUMN html TEXT;

-- `rev` and `at` are of the change that brought these words. A recalled message has none.
CREATE TABLE versions (
    message_id BIGINT NOT NULL,
    rev BIGINT NOT NULL,
    at BIGINT NOT NULL,
    format SMALLINT NOT NULL,
    content TEXT NOT NULL,
    html TEXT,
    PRIMARY KEY (message_id, rev)
) WITHOUT ROWID;
