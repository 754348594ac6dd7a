-- What the quotas of a round had left: with its lines, people and rules, this is the whole market, to be solved anew. Null in
-- rounds that were computed before.
ALTER TABLE round ADD COLUMN quotas jsonb;
