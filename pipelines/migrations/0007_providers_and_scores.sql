-- Who gave a service, by type, and the scores of the sustainability survey. They are empty for files taken in before: the
-- rules of their office are others now, so the next run over the landing zone takes each of them in anew.
ALTER TABLE assistance ADD COLUMN provider_type VARCHAR;
ALTER TABLE follow_ups ADD COLUMN sustainability DECIMAL(14, 2);
ALTER TABLE follow_ups ADD COLUMN economic_score DECIMAL(14, 2);
ALTER TABLE follow_ups ADD COLUMN social_score DECIMAL(14, 2);
ALTER TABLE follow_ups ADD COLUMN psychosocial_score DECIMAL(14, 2);
