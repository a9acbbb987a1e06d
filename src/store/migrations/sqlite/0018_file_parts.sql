-- The parts in which an upload has come, where its bytes are kept for all nodes: the bytes from `start` on, up to the
-- next part or what has come, lie in the part with this mark. A part without a row is nobody's.
CREATE TABLE file_parts (
    file TEXT NOT NULL,
    start BIGINT NOT NULL,
    mark TEXT NOT NULL,
    PRIMARY KEY (file, start)
) WITHOUT ROWID;
