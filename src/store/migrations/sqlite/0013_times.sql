-- Where the server's clock was set back by more than a second: the first message after it. Between two of
-- them ids grow with time.
CREATE TABLE clock_steps (id INTEGER PRIMARY KEY);

INSERT INTO clock_steps
SELECT id FROM (SELECT id, created_at, lag(created_at) OVER (ORDER BY id) AS before FROM messages)
WHERE created_at + 1000 < before;
