-- Whose placements somebody is in, and whether the union has chosen them: a projection, a newer version wins.
CREATE TABLE sight (
    placement_id uuid PRIMARY KEY,
    candidate_id uuid NOT NULL,
    ministry_id uuid NOT NULL,
    union_id uuid NOT NULL,
    -- From SELECTED on, and no longer once the placement is cancelled or goes back to a proposal.
    chosen boolean NOT NULL,
    version bigint NOT NULL
);
CREATE INDEX sight_candidate ON sight (candidate_id) WHERE chosen;
ALTER TABLE sight ENABLE ROW LEVEL SECURITY;
ALTER TABLE sight FORCE ROW LEVEL SECURITY;
CREATE POLICY told ON sight USING (current_setting('circula.reach', true) = 'system');
CREATE POLICY seen ON sight FOR SELECT USING (
    current_setting('circula.reach', true) = 'all'
    OR current_setting('circula.reach', true) = 'own'
       AND union_id = nullif(current_setting('circula.organisation', true), '')::uuid
);

-- Who looked at whose name, and by which placement; by none if it was the ministry. Written once: no policy lets it be
-- changed or taken away.
CREATE TABLE person_look (
    id uuid PRIMARY KEY,
    candidate_id uuid NOT NULL,
    placement_id uuid,
    ministry_id uuid NOT NULL,
    -- Who looked, for which organisation, in which role.
    organisation_id uuid NOT NULL,
    actor text NOT NULL,
    role text NOT NULL,
    looked_at timestamptz NOT NULL,
    -- The transaction that wrote it: only this one may read the name by it.
    looked_in xid8 NOT NULL DEFAULT pg_current_xact_id()
);
CREATE INDEX person_look_candidate ON person_look (candidate_id, looked_at);
ALTER TABLE person_look ENABLE ROW LEVEL SECURITY;
ALTER TABLE person_look FORCE ROW LEVEL SECURITY;
CREATE POLICY written ON person_look FOR INSERT WITH CHECK (
    current_setting('circula.reach', true) IN ('own', 'all')
    AND organisation_id = nullif(current_setting('circula.organisation', true), '')::uuid
    AND looked_in = pg_current_xact_id()
    AND (
        placement_id IS NULL AND ministry_id = organisation_id
        OR EXISTS (SELECT FROM sight
                   WHERE sight.placement_id = person_look.placement_id AND sight.candidate_id = person_look.candidate_id
                         AND sight.ministry_id = person_look.ministry_id AND chosen)
    )
);
CREATE POLICY seen ON person_look FOR SELECT USING (
    current_setting('circula.reach', true) = 'system'
    OR current_setting('circula.reach', true) IN ('own', 'all')
       AND nullif(current_setting('circula.organisation', true), '')::uuid IN (organisation_id, ministry_id)
);

-- Whoever is shown the placement of a chosen person may read the row, in the very transaction that wrote the look down:
-- without a record nobody but the ministry sees a name. The policies of `sight` and `person_look` hold within. (Named to be
-- asked after `own`: PostgreSQL takes the last name first.)
CREATE POLICY by_look ON person FOR SELECT USING (
    EXISTS (SELECT FROM person_look JOIN sight USING (placement_id, candidate_id)
            WHERE person_look.candidate_id = person.candidate_id AND chosen
                  AND person_look.organisation_id = nullif(current_setting('circula.organisation', true), '')::uuid
                  AND looked_in = pg_current_xact_id_if_assigned())
);

-- At once, and not only when the service that migrates grants its tables: the build before this one reads `person` meanwhile,
-- and the policy above looks into both. A database made to check queries against has no such role.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'candidate_app') THEN
        GRANT SELECT, INSERT ON person_look TO candidate_app;
        GRANT SELECT, INSERT, UPDATE ON sight TO candidate_app;
    END IF;
END $$;
