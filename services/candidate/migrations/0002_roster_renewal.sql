-- A placement that ended through no doing of the person's renews the roster once, however often its events come.
CREATE TABLE roster_renewal (
    placement_id uuid PRIMARY KEY,
    candidate_id uuid NOT NULL REFERENCES candidate,
    organisation_id uuid NOT NULL
);
ALTER TABLE roster_renewal ENABLE ROW LEVEL SECURITY;
ALTER TABLE roster_renewal FORCE ROW LEVEL SECURITY;
CREATE POLICY reach ON roster_renewal USING (
    current_setting('circula.reach', true) = 'system'
    OR organisation_id = nullif(current_setting('circula.organisation', true), '')::uuid
);
