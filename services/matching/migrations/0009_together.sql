-- Who goes with whom: digests of the ministry's names, empty of people who were told before there were any, until their next
-- event. The facts hold them as well; the columns are for members who are not on the roster.
ALTER TABLE candidate ADD COLUMN family text NOT NULL DEFAULT '', ADD COLUMN crew text NOT NULL DEFAULT '';
CREATE INDEX candidate_together ON candidate (ministry_id) WHERE family <> '' OR crew <> '';

-- Whose work an order is: a family goes to lines of one employer. Not known of an order that was told before, until its next event.
ALTER TABLE job_order ADD COLUMN employer_id uuid;

-- The mark of those who go together in a round, as in its proposals; null = alone.
ALTER TABLE round_candidate ADD COLUMN together uuid;
CREATE INDEX round_candidate_together ON round_candidate (round_id, together) WHERE together IS NOT NULL;
