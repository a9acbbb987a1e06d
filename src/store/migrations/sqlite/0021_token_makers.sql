-- The token with which a token was made, and with which it ends; NULL where people made it.
ALTER TABLE tokens ADD COLUMN made_with TEXT;
CREATE INDEX tokens_by_maker ON tokens (made_with) WHERE made_with IS NOT NULL;
