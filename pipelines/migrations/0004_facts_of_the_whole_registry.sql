-- Columns and facts that the rest of the programme's registry counts. They are empty for files taken in before: the
-- rules of their office are others now, so the next run over the landing zone takes each of them in anew.
ALTER TABLE activities ADD COLUMN members_involved BIGINT;
ALTER TABLE activities ADD COLUMN estimated_audience BIGINT;
ALTER TABLE activities ADD COLUMN estimate_method VARCHAR;
ALTER TABLE assistance ADD COLUMN service_kind VARCHAR;
ALTER TABLE assistance ADD COLUMN ended_on DATE;
ALTER TABLE assistance ADD COLUMN certificate BOOLEAN;
ALTER TABLE cases ADD COLUMN plan_started_on DATE;
ALTER TABLE cases ADD COLUMN formal_status_by VARCHAR;
ALTER TABLE cases ADD COLUMN formal_status_on DATE;
ALTER TABLE follow_ups ADD COLUMN outcome VARCHAR;
ALTER TABLE follow_ups ADD COLUMN retrafficked BOOLEAN;
ALTER TABLE follow_ups ADD COLUMN has_income BOOLEAN;
ALTER TABLE follow_ups ADD COLUMN has_housing BOOLEAN;
ALTER TABLE hotline_contacts ADD COLUMN answered BOOLEAN;
ALTER TABLE recommendations ADD COLUMN referred_on DATE;
ALTER TABLE recommendations ADD COLUMN closed_on DATE;
ALTER TABLE referrals ADD COLUMN declined BOOLEAN;
ALTER TABLE training_events ADD COLUMN cost DECIMAL(14, 2);
ALTER TABLE training_events ADD COLUMN members_involved BIGINT;
CREATE TABLE instruments (
  entry BIGINT, office VARCHAR, place VARCHAR, submission VARCHAR, sheet VARCHAR, row_number BIGINT,
  instrument_ref VARCHAR, instrument_kind VARCHAR, instrument_stage VARCHAR, adopted_on DATE
);
CREATE TABLE materials (
  entry BIGINT, office VARCHAR, place VARCHAR, submission VARCHAR, sheet VARCHAR, row_number BIGINT,
  material_ref VARCHAR, material_type VARCHAR, material_language VARCHAR, region VARCHAR, handed_out_on DATE,
  printed BIGINT, distributed BIGINT, in_stock BIGINT
);
CREATE TABLE trainers (
  entry BIGINT, office VARCHAR, place VARCHAR, submission VARCHAR, sheet VARCHAR, row_number BIGINT,
  event_ref VARCHAR, person_ref VARCHAR
);
