-- Clocks of a placement that have ended: [{clock, days}]. Rows that were folded before have none until their next event,
-- or until the fold is thrown away and made anew.
ALTER TABLE placement ADD COLUMN spans jsonb NOT NULL DEFAULT '[]';
