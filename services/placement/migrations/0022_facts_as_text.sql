-- What is asked of a placement without its service stands in columns, which the service writes; nothing but the service reads the
-- facts, so they are text. For every move PostgreSQL took the whole document apart to store it, again to derive two columns, and
-- put it together to tell it: 0.5, 0.7 and 0.3 s for 5,000 placements of 4.2 kB, beside a demo; to store them as text took 0.1 s.
ALTER TABLE placement
    -- Where it stands on the ring and since when; why its way ended there. README.md of monitoring, Figures.
    ADD COLUMN step text,
    ADD COLUMN since date,
    ADD COLUMN dropped text,
    ADD COLUMN source text NOT NULL DEFAULT 'UNSPECIFIED',
    -- A case of abuse or health is open, of which only who handles it may know.
    ADD COLUMN covered boolean NOT NULL DEFAULT false,
    -- Clocks that run: name, due_on, waits_for; covered where it is the clock of such a case.
    ADD COLUMN clocks jsonb NOT NULL DEFAULT '[]';
SELECT set_config('circula.reach', 'system', true);
UPDATE placement SET
    step = counted ->> 'step',
    since = (counted ->> 'since')::date,
    dropped = counted ->> 'reason',
    source = counted ->> 'source',
    covered = coalesce(facts -> 'case' ->> 'kind' IN ('ABUSE', 'HEALTH'), false),
    clocks = coalesce((
        SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
            'name', clock -> 'name', 'due_on', clock -> 'due_on', 'waits_for', clock -> 'waits_for',
            'covered', CASE
                WHEN facts -> 'case' ->> 'kind' IN ('ABUSE', 'HEALTH') AND clock ->> 'name' IN ('C-CONTACT', 'C-HEARING', 'C-DECIDE')
                THEN true
            END
        )))
        FROM jsonb_array_elements(facts -> 'clocks') AS clock
    ), '[]');
ALTER TABLE placement
    DROP COLUMN counted,
    DROP COLUMN clock_names,
    ALTER COLUMN facts TYPE text USING facts::text;
DROP FUNCTION placement_counted(jsonb);
-- A column of another type has its compression chosen anew: see 0020.
DO $$
BEGIN
    ALTER TABLE placement ALTER COLUMN facts SET COMPRESSION lz4;
EXCEPTION
    WHEN feature_not_supported THEN NULL;
END
$$;
CREATE INDEX placement_covered ON placement (id) WHERE covered;
-- A build that does not know the columns would leave them as they are.
UPDATE schema_floor SET oldest = 22;
