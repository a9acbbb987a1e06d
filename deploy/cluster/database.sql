-- The database of a Teahouse, made once by a superuser: psql -f database.sql
-- The password belongs into the file that [storage] password_file names:
--   \password teahouse
CREATE ROLE teahouse LOGIN;
CREATE DATABASE teahouse OWNER teahouse TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C';
