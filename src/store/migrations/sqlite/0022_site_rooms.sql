-- Whether the owner lets the people of the site in, where it says so.
ALTER TABLE rooms ADD COLUMN open_to_site SMALLINT NOT NULL DEFAULT 0;

-- Whether what comes to a hook must be signed; the secret is made of the server's key.
ALTER TABLE hooks ADD COLUMN signed SMALLINT NOT NULL DEFAULT 0;
