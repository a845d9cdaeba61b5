-- A store says its version by number, one line for each step that brought it there, and which views it has.
DROP TABLE schema_version;
CREATE TABLE schema_version (version INTEGER, name VARCHAR, views VARCHAR, applied_at TIMESTAMP);
