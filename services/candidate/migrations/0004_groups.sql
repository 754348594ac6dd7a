-- With whom somebody travels. The names are the ministry's own and stay with the person; their keyed digests travel. Null =
-- alone, as in rows of before, and in those that an earlier build still writes.
ALTER TABLE person ADD COLUMN family_group text, ADD COLUMN crew text;
ALTER TABLE candidate ADD COLUMN family text, ADD COLUMN crew text, ADD CHECK (family IS NULL OR crew IS NULL);
-- For the count of a group's members.
CREATE INDEX candidate_family ON candidate (organisation_id, family) WHERE family IS NOT NULL;
CREATE INDEX candidate_crew ON candidate (organisation_id, crew) WHERE crew IS NOT NULL;
