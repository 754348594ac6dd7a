-- The fold: one table per kind of aggregate, the newest state seen of each, and only the columns that figures need.
-- Versions of an aggregate are contiguous from 1, so the sum of all versions is the number of events folded.

CREATE TABLE organisation (id uuid PRIMARY KEY, version bigint NOT NULL, kind text NOT NULL);
CREATE TABLE corridor (code text COLLATE "C" PRIMARY KEY, version bigint NOT NULL, state text NOT NULL, ministry_id uuid);
CREATE TABLE rule_pack (id text COLLATE "C" PRIMARY KEY, version bigint NOT NULL);
CREATE TABLE season (code text COLLATE "C" PRIMARY KEY, version bigint NOT NULL);
CREATE TABLE quota (
    id uuid PRIMARY KEY, version bigint NOT NULL,
    corridor_code text NOT NULL, season_code text NOT NULL, cap int NOT NULL
);

CREATE TABLE employer (id uuid PRIMARY KEY, version bigint NOT NULL, organisation_id uuid);
-- Lines and seats are sums over the order's lines: every figure of theirs has the order's dimensions.
CREATE TABLE job_order (
    id uuid PRIMARY KEY, version bigint NOT NULL, organisation_id uuid,
    season_code text NOT NULL, destination text NOT NULL, state text NOT NULL,
    lines bigint NOT NULL, seats bigint NOT NULL, seats_asked bigint NOT NULL
) WITH (fillfactor = 85);

-- `destinations`: those the person is willing to go to, separated by spaces; empty = any.
CREATE TABLE candidate (
    id uuid PRIMARY KEY, version bigint NOT NULL, organisation_id uuid,
    origin text NOT NULL, state text NOT NULL, seasons_returned int NOT NULL, destinations text NOT NULL
) WITH (fillfactor = 85);

CREATE TABLE round (
    id uuid PRIMARY KEY, version bigint NOT NULL,
    season_code text NOT NULL, destination text NOT NULL, state text NOT NULL
);
-- `shares`: [{corridor, proposals, reserves}].
CREATE TABLE line_proposal (
    id text COLLATE "C" PRIMARY KEY, version bigint NOT NULL, organisation_id uuid,
    season_code text NOT NULL, shares jsonb NOT NULL
);

-- `step`: the furthest of the ring's 17 steps (0 = PROPOSED … 16 = RETURNED_VERIFIED), null if nobody proposed the
-- person yet. `dropped`: the way ended there, for `reason`. `since`: the day the step was reached. `due_on`: the first day
-- on which one of `clocks` [{name, due_on, waits_for}] is due.
CREATE TABLE placement (
    id uuid PRIMARY KEY, version bigint NOT NULL, ministry_id uuid, union_id uuid,
    corridor_code text NOT NULL, season_code text NOT NULL, stage text NOT NULL, source text NOT NULL,
    step smallint, dropped boolean NOT NULL, reason text NOT NULL, since date, due_on date, clocks jsonb NOT NULL,
    CHECK (step BETWEEN 0 AND 16)
) WITH (fillfactor = 70);
CREATE INDEX placement_flow ON placement (corridor_code, season_code);

-- `corridor_code`: the one corridor that may fill the line, or `*-XX`. `shares`: [{corridor, units, held, used}].
CREATE TABLE line (
    id uuid PRIMARY KEY, version bigint NOT NULL, organisation_id uuid,
    corridor_code text NOT NULL, season_code text NOT NULL, state text NOT NULL,
    posted int NOT NULL, held int NOT NULL, taken int NOT NULL, promised int NOT NULL, shares jsonb NOT NULL
) WITH (fillfactor = 70);
CREATE TABLE quota_use (
    id uuid PRIMARY KEY, version bigint NOT NULL,
    corridor_code text NOT NULL, season_code text NOT NULL, cap int NOT NULL, allotted int NOT NULL
);
CREATE TABLE season_record (
    id text COLLATE "C" PRIMARY KEY, version bigint NOT NULL, ministry_id uuid,
    corridor_code text NOT NULL, season_code text NOT NULL, return text NOT NULL
);
CREATE TABLE proposal_refusal (
    id text COLLATE "C" PRIMARY KEY, version bigint NOT NULL,
    corridor_code text NOT NULL, season_code text NOT NULL, reason text NOT NULL
);
CREATE TABLE calendar (id text COLLATE "C" PRIMARY KEY, version bigint NOT NULL, as_of date NOT NULL);

-- Verifications, as they were answered.
CREATE TABLE verification (
    id uuid PRIMARY KEY,
    verified_at timestamptz NOT NULL,
    differences bigint NOT NULL,
    body bytea NOT NULL
);

-- Ministries and unions see their own; what belongs to nobody in particular is read by all.
DO $$
DECLARE
    seen_by record;
    everyone CONSTANT text := $policy$current_setting('circula.reach', true) IN ('all', 'system')$policy$;
    me CONSTANT text := $policy$nullif(current_setting('circula.organisation', true), '')::uuid$policy$;
BEGIN
    FOR seen_by IN SELECT * FROM (VALUES
        ('organisation', 'true'), ('corridor', 'true'), ('rule_pack', 'true'), ('season', 'true'), ('quota', 'true'),
        ('quota_use', 'true'), ('calendar', 'true'),
        ('employer', 'organisation_id = ' || me), ('job_order', 'organisation_id = ' || me),
        ('candidate', 'organisation_id = ' || me), ('line_proposal', 'organisation_id = ' || me),
        ('line', 'organisation_id = ' || me), ('placement', format('ministry_id = %s OR union_id = %s', me, me)),
        ('season_record', 'ministry_id = ' || me),
        ('round', 'false'), ('proposal_refusal', 'false'), ('verification', 'false')
    ) AS t (name, own) LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', seen_by.name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', seen_by.name);
        EXECUTE format('CREATE POLICY reach ON %I USING (%s OR %s)', seen_by.name, everyone, seen_by.own);
    END LOOP;
END $$;

-- How far the fold has come, per kind of aggregate. The policies of the tables hold in views as well.
CREATE VIEW position AS
          SELECT 'organisation' AS aggregate, count(*) AS aggregates, coalesce(sum(version), 0)::bigint AS events FROM organisation
UNION ALL SELECT 'corridor', count(*), coalesce(sum(version), 0)::bigint FROM corridor
UNION ALL SELECT 'rule_pack', count(*), coalesce(sum(version), 0)::bigint FROM rule_pack
UNION ALL SELECT 'season', count(*), coalesce(sum(version), 0)::bigint FROM season
UNION ALL SELECT 'quota', count(*), coalesce(sum(version), 0)::bigint FROM quota
UNION ALL SELECT 'employer', count(*), coalesce(sum(version), 0)::bigint FROM employer
UNION ALL SELECT 'job_order', count(*), coalesce(sum(version), 0)::bigint FROM job_order
UNION ALL SELECT 'candidate', count(*), coalesce(sum(version), 0)::bigint FROM candidate
UNION ALL SELECT 'round', count(*), coalesce(sum(version), 0)::bigint FROM round
UNION ALL SELECT 'line_proposal', count(*), coalesce(sum(version), 0)::bigint FROM line_proposal
UNION ALL SELECT 'placement', count(*), coalesce(sum(version), 0)::bigint FROM placement
UNION ALL SELECT 'line', count(*), coalesce(sum(version), 0)::bigint FROM line
UNION ALL SELECT 'quota_use', count(*), coalesce(sum(version), 0)::bigint FROM quota_use
UNION ALL SELECT 'season_record', count(*), coalesce(sum(version), 0)::bigint FROM season_record
UNION ALL SELECT 'proposal_refusal', count(*), coalesce(sum(version), 0)::bigint FROM proposal_refusal
UNION ALL SELECT 'calendar', count(*), coalesce(sum(version), 0)::bigint FROM calendar;

-- The figures that the owners count in their own tables, from the fold, each with its owner's name in front.
CREATE VIEW figure AS
          SELECT 'programme' AS owner, 'organisations' AS figure, '' AS corridor, '' AS season, kind AS state, count(*) AS value
            FROM organisation GROUP BY kind
UNION ALL SELECT 'programme', 'corridors', code, '', state, 1 FROM corridor
UNION ALL SELECT 'programme', 'rule_packs', '', '', '', count(*) FROM rule_pack
UNION ALL SELECT 'programme', 'seasons', '', '', '', count(*) FROM season
UNION ALL SELECT 'programme', 'quota_cap', corridor_code, season_code, '', sum(cap) FROM quota GROUP BY 3, 4
UNION ALL SELECT 'demand', 'employers', '', '', '', count(*) FROM employer
UNION ALL SELECT 'demand', 'orders', '*-' || destination, season_code, state, count(*) FROM job_order GROUP BY 3, 4, 5
UNION ALL SELECT 'demand', 'lines', '*-' || destination, season_code, state, sum(lines)::bigint FROM job_order GROUP BY 3, 4, 5
UNION ALL SELECT 'demand', 'seats_posted', '*-' || destination, season_code, '', sum(seats)::bigint FROM job_order
           WHERE state = 'OPEN' GROUP BY 3, 4
UNION ALL SELECT 'demand', 'seats_asked', '*-' || destination, season_code, '', sum(seats_asked)::bigint FROM job_order GROUP BY 3, 4
UNION ALL SELECT 'candidate', 'candidates', origin || '-*', '', state, count(*) FROM candidate GROUP BY 3, 5
UNION ALL SELECT 'candidate', 'seasons_returned', origin || '-*', '', '', sum(seasons_returned) FROM candidate GROUP BY 3
UNION ALL SELECT 'matching', 'rounds', '*-' || destination, season_code, state, count(*) FROM round
           WHERE state IN ('PREVIEW', 'PUBLISHED', 'DISCARDED') GROUP BY 3, 4, 5
UNION ALL SELECT 'matching', 'proposals', s.corridor, p.season_code, '', sum(s.proposals)
            FROM line_proposal p, jsonb_to_recordset(p.shares) AS s (corridor text, proposals int) GROUP BY 3, 4
UNION ALL SELECT 'matching', 'reserves', s.corridor, p.season_code, '', sum(s.reserves)
            FROM line_proposal p, jsonb_to_recordset(p.shares) AS s (corridor text, reserves int) GROUP BY 3, 4
UNION ALL SELECT 'placement', 'placements', corridor_code, season_code, stage, count(*) FROM placement GROUP BY 3, 4, 5
UNION ALL SELECT 'placement', 'seats_posted', corridor_code, season_code, '', sum(posted) FROM line WHERE state <> 'PENDING' GROUP BY 3, 4
UNION ALL SELECT 'placement', 'seats_held', corridor_code, season_code, '', sum(held) FROM line WHERE state <> 'PENDING' GROUP BY 3, 4
UNION ALL SELECT 'placement', 'seats_taken', corridor_code, season_code, '', sum(taken) FROM line WHERE state <> 'PENDING' GROUP BY 3, 4
UNION ALL SELECT 'placement', 'seats_promised', corridor_code, season_code, '', sum(promised) FROM line WHERE state <> 'PENDING' GROUP BY 3, 4
UNION ALL SELECT 'placement', 'units', s.corridor, l.season_code, '', sum(s.units)
            FROM line l, jsonb_to_recordset(l.shares) AS s (corridor text, units int) GROUP BY 3, 4
UNION ALL SELECT 'placement', 'units_held', s.corridor, l.season_code, '', sum(s.held)
            FROM line l, jsonb_to_recordset(l.shares) AS s (corridor text, held int) GROUP BY 3, 4
UNION ALL SELECT 'placement', 'units_used', s.corridor, l.season_code, '', sum(s.used)
            FROM line l, jsonb_to_recordset(l.shares) AS s (corridor text, used int) GROUP BY 3, 4
UNION ALL SELECT 'placement', 'quota_cap', corridor_code, season_code, '', sum(cap) FROM quota_use GROUP BY 3, 4
UNION ALL SELECT 'placement', 'quota_allotted', corridor_code, season_code, '', sum(allotted) FROM quota_use GROUP BY 3, 4
UNION ALL SELECT 'placement', 'season_records', corridor_code, season_code, return, count(*) FROM season_record GROUP BY 3, 4, 5
UNION ALL SELECT 'placement', 'proposal_refusals', corridor_code, season_code, reason, count(*) FROM proposal_refusal GROUP BY 3, 4, 5;
