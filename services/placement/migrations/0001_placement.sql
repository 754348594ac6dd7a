-- The life of placements, and the ledgers of seats, quota and occupancy.

-- Periods of one person never overlap: a constraint over equality and overlap needs this.
CREATE EXTENSION IF NOT EXISTS btree_gist;

-- Projections: newer version wins. Everybody may read them; they hold no tenant's secrets.

CREATE TABLE corridor (
    code text PRIMARY KEY,
    origin text NOT NULL,
    destination text NOT NULL,
    open boolean NOT NULL,
    version bigint NOT NULL
);
CREATE TABLE rule_pack (
    code text NOT NULL,
    valid_from date NOT NULL,
    rules jsonb NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (code, valid_from)
);
CREATE TABLE candidate (
    id uuid PRIMARY KEY,
    rostered boolean NOT NULL,
    rostered_until date,
    version bigint NOT NULL
);
-- Orders as far as their lines need them: the version that was applied.
CREATE TABLE job_order (
    id uuid PRIMARY KEY,
    open boolean NOT NULL,
    version bigint NOT NULL
);

-- The ledgers.

CREATE TABLE quota (
    id uuid PRIMARY KEY,
    corridor_code text NOT NULL,
    season_code text NOT NULL,
    -- The programme's limit, and the version it came with.
    wanted int NOT NULL CHECK (wanted >= 0),
    programme_version bigint NOT NULL,
    -- The limit applied: never below what is allotted, so that a cut limit refuses further takes and jams nothing.
    cap int NOT NULL,
    allotted int NOT NULL DEFAULT 0,
    shortfall int NOT NULL DEFAULT 0,
    version bigint NOT NULL,
    CHECK (allotted BETWEEN 0 AND cap),
    CHECK (cap = greatest(wanted, allotted)),
    CHECK (shortfall = greatest(allotted - wanted, 0))
);
CREATE INDEX quota_of ON quota (season_code, corridor_code);

CREATE TABLE line (
    id uuid PRIMARY KEY,
    order_id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    season_code text NOT NULL,
    destination text NOT NULL,
    -- Corridor that figures count it under: the one it is open to, or `*-US`; empty while pending.
    corridor text NOT NULL DEFAULT '',
    origins text[] NOT NULL,
    substitutes boolean NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    isco_code text NOT NULL,
    -- 1 PENDING, 2 OPEN, 3 CLOSED
    state smallint NOT NULL CHECK (state BETWEEN 1 AND 3),
    suspended boolean NOT NULL DEFAULT false,
    withdrawn boolean NOT NULL DEFAULT false,
    several boolean NOT NULL DEFAULT false,
    posted int NOT NULL,
    held int NOT NULL DEFAULT 0,
    taken int NOT NULL DEFAULT 0,
    promised int NOT NULL DEFAULT 0,
    -- Sum of the shares' free units, kept here so that the rules about it are of one row.
    units int NOT NULL DEFAULT 0,
    shortfall int NOT NULL DEFAULT 0,
    -- 0 until it is opened: pending lines are published by nobody but `demand`.
    version bigint NOT NULL DEFAULT 0,
    CHECK (least(posted, held, taken, promised, units, shortfall) >= 0),
    CHECK (held + taken + promised <= posted),
    CHECK (several OR promised <= units),
    CHECK (units <= posted - held - taken)
);
CREATE INDEX line_pending ON line (season_code, destination, id) WHERE state = 1;
CREATE INDEX line_hungry ON line (season_code, id) WHERE state = 2 AND NOT several AND units < posted - held - taken;
CREATE INDEX line_of_order ON line (order_id);
CREATE INDEX line_of_organisation ON line (organisation_id, id);

CREATE TABLE line_share (
    line_id uuid NOT NULL REFERENCES line,
    quota_id uuid NOT NULL REFERENCES quota,
    corridor_code text NOT NULL,
    units int NOT NULL DEFAULT 0,
    units_held int NOT NULL DEFAULT 0,
    units_used int NOT NULL DEFAULT 0,
    PRIMARY KEY (line_id, quota_id),
    CHECK (least(units, units_held, units_used) >= 0)
);
CREATE INDEX line_share_quota ON line_share (quota_id);

CREATE TABLE placement (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    stage smallint NOT NULL,
    candidate_id uuid NOT NULL,
    ministry_id uuid NOT NULL,
    union_id uuid NOT NULL,
    line_id uuid NOT NULL REFERENCES line,
    order_id uuid NOT NULL,
    quota_id uuid NOT NULL,
    corridor_code text NOT NULL,
    season_code text NOT NULL,
    reserve_rank int NOT NULL,
    seat text NOT NULL,
    unit text NOT NULL,
    -- The first day on which a clock is due, and on which one makes a move.
    next_due date,
    next_fire date,
    facts jsonb NOT NULL,
    -- The ledgers fit the stage: nobody holds a seat before a proposal, everybody does after it, none after the end.
    CHECK (stage <> 1 OR (seat = '-' AND unit = '-')),
    CHECK (stage NOT IN (2, 3, 4, 5) OR (seat = 'HELD' AND unit = 'HELD')),
    CHECK (stage NOT IN (6, 7) OR (seat = 'HELD' AND unit = 'CONFIRMED')),
    CHECK (stage <> 8 OR (seat = 'CONFIRMED' AND unit = 'CONFIRMED')),
    CHECK (stage < 9 OR seat <> 'HELD'),
    CHECK (stage < 9 OR unit <> 'HELD')
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX placement_live ON placement (line_id, candidate_id) WHERE stage < 15;
CREATE INDEX placement_reserve ON placement (line_id, reserve_rank) WHERE stage = 1;
CREATE INDEX placement_listed ON placement (candidate_id) WHERE stage = 1;
CREATE INDEX placement_fire ON placement (next_fire, id) WHERE next_fire IS NOT NULL;
CREATE INDEX placement_of_ministry ON placement (ministry_id, id);
CREATE INDEX placement_of_union ON placement (union_id, id);
CREATE INDEX placement_of_line ON placement (line_id, ministry_id);
CREATE INDEX placement_of_candidate ON placement (candidate_id, id);
CREATE INDEX placement_by_stage ON placement (season_code, corridor_code, stage, id);

CREATE TABLE occupancy (
    placement_id uuid PRIMARY KEY REFERENCES placement DEFERRABLE INITIALLY DEFERRED,
    candidate_id uuid NOT NULL,
    during daterange NOT NULL,
    status text NOT NULL CHECK (status IN ('HELD', 'CONFIRMED', 'RELEASED')),
    CONSTRAINT occupancy_once EXCLUDE USING gist (candidate_id WITH =, during WITH &&) WHERE (status <> 'RELEASED')
);
CREATE INDEX occupancy_of ON occupancy (candidate_id) WHERE status <> 'RELEASED';

CREATE TABLE hold (
    id uuid PRIMARY KEY,
    placement_id uuid NOT NULL,
    line_id uuid NOT NULL,
    ledger text NOT NULL CHECK (ledger IN ('SEAT', 'UNIT')),
    kind text NOT NULL DEFAULT 'PLACEMENT' CHECK (kind IN ('PLACEMENT', 'TRIAL')),
    status text NOT NULL CHECK (status IN ('HELD', 'CONFIRMED', 'RELEASED')),
    vacated_on date,
    CHECK (vacated_on IS NULL OR (ledger = 'SEAT' AND status = 'CONFIRMED'))
);
CREATE UNIQUE INDEX hold_once ON hold (placement_id, ledger, kind)
    WHERE status = 'HELD' OR (status = 'CONFIRMED' AND vacated_on IS NULL);

-- Insert only: every change of a counter, from bucket to bucket.
CREATE TABLE entry (
    id uuid PRIMARY KEY,
    hold_id uuid,
    line_id uuid NOT NULL,
    quota_id uuid,
    debit text NOT NULL,
    credit text NOT NULL,
    units int NOT NULL CHECK (units > 0),
    placement_id uuid,
    version bigint,
    reverses uuid UNIQUE
);
CREATE INDEX entry_line ON entry (line_id);

-- Seats promised to the next on a line's list.
CREATE TABLE reserve_call (
    id uuid PRIMARY KEY,
    line_id uuid NOT NULL,
    replaces uuid,
    called_on date NOT NULL
);
CREATE INDEX reserve_call_line ON reserve_call (line_id);

CREATE TABLE season_record (
    id uuid PRIMARY KEY,
    placement_id uuid NOT NULL UNIQUE,
    candidate_id uuid NOT NULL,
    ministry_id uuid NOT NULL,
    corridor_code text NOT NULL,
    season_code text NOT NULL,
    return_word text NOT NULL,
    version bigint NOT NULL
);

CREATE TABLE proposal_refusal (
    id uuid PRIMARY KEY,
    placement_id uuid NOT NULL UNIQUE,
    round_id uuid,
    line_id uuid NOT NULL,
    candidate_id uuid NOT NULL,
    ministry_id uuid NOT NULL,
    corridor_code text NOT NULL,
    season_code text NOT NULL,
    reason text NOT NULL,
    version bigint NOT NULL
);

-- Proposals that came before their line or quota; refused UNKNOWN_LINE when the calendar has passed them by 30 days.
CREATE TABLE waiting_proposal (
    placement_id uuid PRIMARY KEY,
    line_id uuid NOT NULL,
    quota_id uuid NOT NULL,
    as_of date NOT NULL,
    reserve_rank int NOT NULL,
    proposal bytea NOT NULL
);
CREATE INDEX waiting_proposal_line ON waiting_proposal (line_id);

-- How far the clocks were run.
CREATE TABLE calendar (
    id uuid PRIMARY KEY,
    as_of date NOT NULL,
    version bigint NOT NULL
);
CREATE UNIQUE INDEX calendar_one ON calendar ((true));

-- Who sees what. A placement belongs to its ministry and its union; a line to its union, and to a ministry with a
-- placement on it. Ledgers belong to nobody: moves reach them as the service itself, once the placement was found.

ALTER TABLE placement ENABLE ROW LEVEL SECURITY;
ALTER TABLE placement FORCE ROW LEVEL SECURITY;
CREATE POLICY reach ON placement USING (
    current_setting('circula.reach', true) IN ('all', 'system')
    OR ministry_id = nullif(current_setting('circula.organisation', true), '')::uuid
    OR union_id = nullif(current_setting('circula.organisation', true), '')::uuid
);
ALTER TABLE line ENABLE ROW LEVEL SECURITY;
ALTER TABLE line FORCE ROW LEVEL SECURITY;
CREATE POLICY reach ON line USING (
    current_setting('circula.reach', true) IN ('all', 'system')
    OR organisation_id = nullif(current_setting('circula.organisation', true), '')::uuid
    OR EXISTS (
        SELECT FROM placement
        WHERE placement.line_id = line.id
            AND placement.ministry_id = nullif(current_setting('circula.organisation', true), '')::uuid
    )
);
ALTER TABLE line_share ENABLE ROW LEVEL SECURITY;
ALTER TABLE line_share FORCE ROW LEVEL SECURITY;
CREATE POLICY reach ON line_share USING (
    current_setting('circula.reach', true) IN ('all', 'system') OR EXISTS (SELECT FROM line WHERE line.id = line_id)
);
ALTER TABLE season_record ENABLE ROW LEVEL SECURITY;
ALTER TABLE season_record FORCE ROW LEVEL SECURITY;
CREATE POLICY reach ON season_record USING (
    current_setting('circula.reach', true) IN ('all', 'system')
    OR ministry_id = nullif(current_setting('circula.organisation', true), '')::uuid
);
ALTER TABLE proposal_refusal ENABLE ROW LEVEL SECURITY;
ALTER TABLE proposal_refusal FORCE ROW LEVEL SECURITY;
CREATE POLICY reach ON proposal_refusal USING (
    current_setting('circula.reach', true) IN ('all', 'system')
    OR ministry_id = nullif(current_setting('circula.organisation', true), '')::uuid
);

DO $$
DECLARE own text;
BEGIN
    FOREACH own IN ARRAY ARRAY['candidate', 'occupancy', 'hold', 'entry', 'reserve_call', 'waiting_proposal'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', own);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', own);
        EXECUTE format(
            'CREATE POLICY service ON %I USING (current_setting(''circula.reach'', true) IN (''all'', ''system''))', own
        );
    END LOOP;
    FOREACH own IN ARRAY ARRAY['corridor', 'rule_pack', 'job_order', 'quota', 'calendar'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', own);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', own);
        EXECUTE format('CREATE POLICY everybody ON %I USING (true)', own);
    END LOOP;
END
$$;
