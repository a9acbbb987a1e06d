-- An index has other words now: how words begin, their parts, no accents, traditional characters as
-- simplified ones. What was said before is taken in anew, step by step.

INSERT INTO search (search) VALUES ('delete-all');

DELETE FROM house WHERE name = 'search_unread';
INSERT INTO house (name, value)
    SELECT 'search_unread', CAST(max(id) AS TEXT) FROM messages HAVING max(id) IS NOT NULL;
