-- Lines whose number runs on since January are kept as they were sent, so that a corrected earlier quarter counts at once.
CREATE TABLE running (
  entry BIGINT, submission VARCHAR, fact VARCHAR, field VARCHAR, sheet VARCHAR, row_number BIGINT, line VARCHAR,
  number BIGINT
);
