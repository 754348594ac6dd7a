-- How often a clock of a corridor and season ran for so many days: the sum of `placement.spans`, kept with them, so that who
-- asks for times reads some thousand rows and not every placement. Triggers keep it: then it follows whatever writes the
-- fold, builds of before included, and is as empty as the fold once that is thrown away. Nobody in particular is nil.
CREATE TABLE clock_time (
    corridor_code text NOT NULL, season_code text NOT NULL, clock text NOT NULL, days int NOT NULL,
    ministry_id uuid NOT NULL, union_id uuid NOT NULL, ended bigint NOT NULL,
    PRIMARY KEY (corridor_code, season_code, clock, days, ministry_id, union_id)
) WITH (fillfactor = 50);
ALTER TABLE clock_time ENABLE ROW LEVEL SECURITY;
ALTER TABLE clock_time FORCE ROW LEVEL SECURITY;
CREATE POLICY reach ON clock_time USING (
    current_setting('circula.reach', true) IN ('all', 'system')
    OR ministry_id = nullif(current_setting('circula.organisation', true), '')::uuid
    OR union_id = nullif(current_setting('circula.organisation', true), '')::uuid
);

-- Adds what came and takes away what went. Batches meet in the same few rows, some with new placements and some with moved
-- ones, so one goes after the other: no two wait for each other.
CREATE FUNCTION count_clock_times() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        TRUNCATE clock_time;
    ELSIF TG_OP = 'INSERT' THEN
        IF EXISTS (SELECT FROM came WHERE spans <> '[]') THEN
            PERFORM pg_advisory_xact_lock(hashtext('clock_time'));
            INSERT INTO clock_time AS t (corridor_code, season_code, clock, days, ministry_id, union_id, ended)
            SELECT p.corridor_code, p.season_code, s.clock, s.days,
                   coalesce(p.ministry_id, '00000000-0000-0000-0000-000000000000'),
                   coalesce(p.union_id, '00000000-0000-0000-0000-000000000000'), count(*)
            FROM came p, jsonb_to_recordset(p.spans) AS s (clock text, days int)
            GROUP BY 1, 2, 3, 4, 5, 6
            ON CONFLICT (corridor_code, season_code, clock, days, ministry_id, union_id)
            DO UPDATE SET ended = t.ended + excluded.ended;
        END IF;
    ELSIF TG_OP = 'UPDATE' THEN
        IF EXISTS (SELECT FROM came WHERE spans <> '[]') OR EXISTS (SELECT FROM went WHERE spans <> '[]') THEN
            PERFORM pg_advisory_xact_lock(hashtext('clock_time'));
            INSERT INTO clock_time AS t (corridor_code, season_code, clock, days, ministry_id, union_id, ended)
            SELECT p.corridor_code, p.season_code, s.clock, s.days,
                   coalesce(p.ministry_id, '00000000-0000-0000-0000-000000000000'),
                   coalesce(p.union_id, '00000000-0000-0000-0000-000000000000'), sum(p.one)
            FROM (
                SELECT corridor_code, season_code, ministry_id, union_id, spans, 1 AS one FROM came
                UNION ALL SELECT corridor_code, season_code, ministry_id, union_id, spans, -1 FROM went
            ) AS p, jsonb_to_recordset(p.spans) AS s (clock text, days int)
            GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(p.one) <> 0
            ON CONFLICT (corridor_code, season_code, clock, days, ministry_id, union_id)
            DO UPDATE SET ended = t.ended + excluded.ended;
        END IF;
    ELSIF EXISTS (SELECT FROM went WHERE spans <> '[]') THEN
        PERFORM pg_advisory_xact_lock(hashtext('clock_time'));
        INSERT INTO clock_time AS t (corridor_code, season_code, clock, days, ministry_id, union_id, ended)
        SELECT p.corridor_code, p.season_code, s.clock, s.days,
               coalesce(p.ministry_id, '00000000-0000-0000-0000-000000000000'),
               coalesce(p.union_id, '00000000-0000-0000-0000-000000000000'), -count(*)
        FROM went p, jsonb_to_recordset(p.spans) AS s (clock text, days int)
        GROUP BY 1, 2, 3, 4, 5, 6
        ON CONFLICT (corridor_code, season_code, clock, days, ministry_id, union_id)
        DO UPDATE SET ended = t.ended + excluded.ended;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER clock_times_came AFTER INSERT ON placement REFERENCING NEW TABLE AS came
    FOR EACH STATEMENT EXECUTE FUNCTION count_clock_times();
CREATE TRIGGER clock_times_moved AFTER UPDATE ON placement REFERENCING OLD TABLE AS went NEW TABLE AS came
    FOR EACH STATEMENT EXECUTE FUNCTION count_clock_times();
CREATE TRIGGER clock_times_went AFTER DELETE ON placement REFERENCING OLD TABLE AS went
    FOR EACH STATEMENT EXECUTE FUNCTION count_clock_times();
CREATE TRIGGER clock_times_emptied AFTER TRUNCATE ON placement
    FOR EACH STATEMENT EXECUTE FUNCTION count_clock_times();

-- What is there already. Nobody writes placements meanwhile: the triggers' lock is held.
SELECT set_config('circula.reach', 'system', true);
INSERT INTO clock_time (corridor_code, season_code, clock, days, ministry_id, union_id, ended)
SELECT p.corridor_code, p.season_code, s.clock, s.days,
       coalesce(p.ministry_id, '00000000-0000-0000-0000-000000000000'),
       coalesce(p.union_id, '00000000-0000-0000-0000-000000000000'), count(*)
FROM placement p, jsonb_to_recordset(p.spans) AS s (clock text, days int)
GROUP BY 1, 2, 3, 4, 5, 6;
