-- Each try at a file has a line of its own, refused ones too. Of tries before this only those are known that were
-- accepted: each is the first of its file, and what was found then has no id yet.
CREATE TABLE attempts (
  attempt BIGINT, office VARCHAR, place VARCHAR, slot VARCHAR, exports VARCHAR[], period VARCHAR, file_name VARCHAR,
  submission VARCHAR, contract_digest VARCHAR, rules_digest VARCHAR, status VARCHAR, entry BIGINT, fixed BIGINT,
  remaining BIGINT, fresh BIGINT, received_at TIMESTAMP
);
INSERT INTO attempts
SELECT row_number() OVER (ORDER BY entry), office, place, slot, exports, period, file_name, submission, contract_digest,
  rules_digest, 'accepted', entry, NULL, NULL, NULL, received_at
FROM ledger ORDER BY entry;
ALTER TABLE findings ADD COLUMN attempt BIGINT;
ALTER TABLE findings ADD COLUMN finding VARCHAR;
ALTER TABLE findings ADD COLUMN column_number BIGINT;
UPDATE findings SET attempt = (SELECT attempts.attempt FROM attempts WHERE attempts.entry = findings.entry), finding = '';
ALTER TABLE checks ADD COLUMN attempt BIGINT;
UPDATE checks SET attempt = (SELECT attempts.attempt FROM attempts WHERE attempts.entry = checks.entry);
