-- What matching knows of the others: the newest state of each aggregate, guarded by its version. `facts` is that state
-- as its owner published it (the message of the contracts); columns are what queries look for.

CREATE TABLE corridor (
    code text PRIMARY KEY,
    origin text NOT NULL,
    destination text NOT NULL,
    open boolean NOT NULL,
    version bigint NOT NULL
);
CREATE TABLE season (
    code text PRIMARY KEY,
    version bigint NOT NULL
);
-- `rules`: key → value.
CREATE TABLE rule_pack (
    id text PRIMARY KEY,
    code text NOT NULL,
    valid_from date NOT NULL,
    rules jsonb NOT NULL,
    version bigint NOT NULL
);
CREATE INDEX rule_pack_in_force ON rule_pack (code, valid_from DESC);
CREATE TABLE quota (
    id uuid PRIMARY KEY,
    corridor_code text NOT NULL,
    season_code text NOT NULL,
    cap bigint NOT NULL,
    version bigint NOT NULL
);
-- Use of quotas, from placement: the cap applied and what is allotted of it.
CREATE TABLE quota_use (
    quota_id uuid PRIMARY KEY,
    cap bigint NOT NULL,
    allotted bigint NOT NULL,
    version bigint NOT NULL
);

CREATE TABLE candidate (
    id uuid PRIMARY KEY,
    ministry_id uuid NOT NULL,
    origin text NOT NULL,
    rostered boolean NOT NULL,
    facts bytea NOT NULL,
    version bigint NOT NULL
);
CREATE INDEX candidate_rostered ON candidate (origin) WHERE rostered;

CREATE TABLE job_order (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    season_code text NOT NULL,
    destination text NOT NULL,
    open boolean NOT NULL,
    -- `<source>:<case number>`: the order's natural key.
    reference text NOT NULL,
    version bigint NOT NULL
);
CREATE INDEX job_order_group ON job_order (season_code, destination) WHERE open;
CREATE TABLE job_line (
    id uuid PRIMARY KEY,
    order_id uuid NOT NULL REFERENCES job_order,
    organisation_id uuid NOT NULL,
    facts bytea NOT NULL
);
CREATE INDEX job_line_order ON job_line (order_id);

-- The ledgers of lines, from placement.
CREATE TABLE line_ledger (
    line_id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    season_code text NOT NULL,
    destination text NOT NULL,
    open boolean NOT NULL,
    facts bytea NOT NULL,
    version bigint NOT NULL
);
CREATE INDEX line_ledger_group ON line_ledger (season_code, destination);

-- Who is where: the person's period, and what the placement holds.
CREATE TABLE placement (
    id uuid PRIMARY KEY,
    candidate_id uuid NOT NULL,
    ministry_id uuid,
    union_id uuid,
    line_id uuid NOT NULL,
    quota_id uuid,
    listed boolean NOT NULL,
    holds_seat boolean NOT NULL,
    holds_unit boolean NOT NULL,
    -- Ended in a way that speaks against proposing the same person for the same line again.
    ended_here boolean NOT NULL,
    -- The person is taken on these days; null while nothing is held. Half open.
    taken_from date,
    taken_until date,
    version bigint NOT NULL
);
CREATE INDEX placement_line ON placement (line_id);
CREATE INDEX placement_candidate ON placement (candidate_id);

CREATE TABLE proposal_refusal (
    placement_id uuid PRIMARY KEY,
    line_id uuid NOT NULL,
    candidate_id uuid NOT NULL,
    reason text NOT NULL,
    version bigint NOT NULL
);
CREATE INDEX proposal_refusal_line ON proposal_refusal (line_id);

-- What matching owns.
-- States: 1 computing, 2 preview, 3 publishing, 4 published, 5 discarded, 6 failed, as in the contracts. Phase and percent
-- tell how far the work is; they are not part of the versioned state. Version 0: nothing was published of it yet.
CREATE TABLE round (
    id uuid PRIMARY KEY,
    number int NOT NULL UNIQUE CHECK (number > 0),
    season_code text NOT NULL,
    destination text NOT NULL,
    as_of date NOT NULL,
    seed text NOT NULL,
    state smallint NOT NULL CHECK (state BETWEEN 1 AND 6),
    phase text NOT NULL DEFAULT '',
    percent int NOT NULL DEFAULT 0 CHECK (percent BETWEEN 0 AND 100),
    failure text NOT NULL DEFAULT '',
    discard_reason text NOT NULL DEFAULT '',
    -- Figures, checks, goals and hashes of the plan; null until there is one.
    report jsonb,
    -- The rules it was judged by, and the prices outside its lines; null until there is a plan.
    terms jsonb,
    prices jsonb,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    publishing_at timestamptz,
    version bigint NOT NULL DEFAULT 0,
    CHECK ((state IN (2, 3, 4, 5)) = (version > 0)),
    CHECK ((version > 0) = (report IS NOT NULL))
);
-- One round of a season and destination works at a time: seats that one is giving out are not given out by another.
CREATE UNIQUE INDEX round_working ON round (season_code, destination) WHERE state IN (1, 3);

-- What a round knew of each line, and what became of it.
CREATE TABLE round_line (
    round_id uuid NOT NULL REFERENCES round,
    line_id uuid NOT NULL,
    union_id uuid NOT NULL,
    facts jsonb NOT NULL,
    outcome jsonb NOT NULL,
    has_pairs boolean NOT NULL,
    published boolean NOT NULL DEFAULT false,
    PRIMARY KEY (round_id, line_id)
);
CREATE INDEX round_line_unpublished ON round_line (round_id, line_id) WHERE has_pairs AND NOT published;

CREATE TABLE round_candidate (
    round_id uuid NOT NULL REFERENCES round,
    candidate_id uuid NOT NULL,
    ministry_id uuid NOT NULL,
    facts jsonb NOT NULL,
    PRIMARY KEY (round_id, candidate_id)
);

-- Who gets a seat (rank 0) or a place on a reserve list. The primary key is the placement's id, made of round, line and
-- candidate. `record` is the pair as shown, `entry` as proposed (messages of the contracts).
CREATE TABLE round_pair (
    placement_id uuid PRIMARY KEY,
    round_id uuid NOT NULL REFERENCES round,
    -- Order of the round's list: by line, then rank.
    position int NOT NULL,
    line_id uuid NOT NULL,
    candidate_id uuid NOT NULL,
    ministry_id uuid NOT NULL,
    union_id uuid NOT NULL,
    corridor_code text NOT NULL,
    quota_id uuid NOT NULL,
    reserve_rank int NOT NULL CHECK (reserve_rank >= 0),
    starts_on date NOT NULL,
    -- Until the person is home again; half open.
    taken_until date NOT NULL,
    record bytea NOT NULL,
    entry bytea NOT NULL,
    -- The placement service has made a placement of it, or refused it. Until then what it asks for counts as held.
    answered boolean NOT NULL DEFAULT false,
    UNIQUE (round_id, position),
    FOREIGN KEY (round_id, line_id) REFERENCES round_line
);
-- A person has one seat in a round.
CREATE UNIQUE INDEX round_pair_seat ON round_pair (round_id, candidate_id) WHERE reserve_rank = 0;
CREATE INDEX round_pair_candidate ON round_pair (round_id, candidate_id);
CREATE INDEX round_pair_line ON round_pair (round_id, line_id, reserve_rank);
CREATE INDEX round_pair_unanswered ON round_pair (round_id) WHERE NOT answered;

-- Proposals sent, one message each.
CREATE TABLE line_proposal (
    id uuid PRIMARY KEY,
    round_id uuid NOT NULL,
    line_id uuid NOT NULL,
    union_id uuid NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    FOREIGN KEY (round_id, line_id) REFERENCES round_line
);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['corridor', 'season', 'rule_pack', 'quota', 'quota_use', 'round'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY everybody ON %I USING (true)', name);
    END LOOP;
END $$;

-- Tables of tenants: each row names the organisations that may see it.
DO $$
DECLARE owned record;
BEGIN
    FOR owned IN SELECT * FROM (VALUES
        ('candidate', 'ministry_id'), ('job_order', 'organisation_id'), ('job_line', 'organisation_id'),
        ('line_ledger', 'organisation_id'), ('placement', 'ministry_id, union_id'), ('round_line', 'union_id'),
        ('round_candidate', 'ministry_id'), ('round_pair', 'ministry_id, union_id'), ('line_proposal', 'union_id')
    ) AS tables (name, owners) LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', owned.name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', owned.name);
        EXECUTE format(
            'CREATE POLICY reach ON %I USING (current_setting(''circula.reach'', true) IN (''all'', ''system'')
             OR nullif(current_setting(''circula.organisation'', true), '''')::uuid IN (%s))', owned.name, owned.owners);
    END LOOP;
END $$;
-- A refusal tells of a person and a line: only the service itself reads it.
ALTER TABLE proposal_refusal ENABLE ROW LEVEL SECURITY;
ALTER TABLE proposal_refusal FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON proposal_refusal USING (current_setting('circula.reach', true) = 'system');
