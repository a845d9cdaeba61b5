-- The ledger and the tries are numbered from what they hold: a sequence keeps what it gave when a commit does not last.
DROP SEQUENCE IF EXISTS ledger_entry;
DROP SEQUENCE IF EXISTS attempt_number;
