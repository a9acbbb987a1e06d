-- What is looked for in messages: one row each, under its id, that says which words it has. The words
-- themselves are made and joined with blanks by the program: the tokenizer must keep each as it is.

CREATE VIRTUAL TABLE search USING fts5(
    words,
    content = '',
    contentless_delete = 1,
    detail = none,
    tokenize = "ascii tokenchars '+#_:@!'"
);

-- Messages up to this id have still to be taken in.
INSERT INTO house (name, value)
    SELECT 'search_unread', CAST(max(id) AS TEXT) FROM messages HAVING max(id) IS NOT NULL;
