-- The last day on the roster is kept once it is over: what was done by then was done on the roster, and a correction that makes it
-- longer brings the place back.
ALTER TABLE candidate DROP CONSTRAINT candidate_check,
    ADD CHECK ((state IN ('ROSTERED', 'EXPIRED')) = (rostered_until IS NOT NULL));
-- For whoever is due.
CREATE INDEX candidate_due ON candidate (rostered_until, id) WHERE state = 'ROSTERED';
