-- Employers, job orders with their lines and farms, and a small projection of programme events to judge orders by.

-- What the programme says, as last heard. Everybody may read it; only the consumer writes it.
CREATE TABLE rule_pack (
    id text PRIMARY KEY,
    code text NOT NULL,
    valid_from date NOT NULL,
    rules jsonb NOT NULL,
    version bigint NOT NULL
);
CREATE INDEX rule_pack_in_force ON rule_pack (code, valid_from DESC);
CREATE TABLE season (
    code text PRIMARY KEY,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    version bigint NOT NULL
);
CREATE TABLE corridor (
    code text PRIMARY KEY,
    origin text NOT NULL,
    destination text NOT NULL,
    open boolean NOT NULL,
    version bigint NOT NULL
);

CREATE TABLE employer (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    name text NOT NULL,
    country text NOT NULL,
    region text NOT NULL,
    city text NOT NULL,
    reference text NOT NULL,
    accreditation text NOT NULL CHECK (accreditation IN ('ACCREDITED', 'SUSPENDED')),
    version bigint NOT NULL CHECK (version >= 1),
    UNIQUE (organisation_id, reference)
);

-- No column has a default: rows come whole, from jsonb_populate_recordset, which would not use one.
CREATE TABLE job_order (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    source text NOT NULL,
    reference text NOT NULL,
    employer_id uuid NOT NULL REFERENCES employer,
    employer_name text NOT NULL,
    destination text NOT NULL,
    season_code text NOT NULL,
    filed_on date NOT NULL,
    decided_on date,
    state text NOT NULL CHECK (state IN ('SUBMITTED', 'OPEN', 'DENIED', 'WITHDRAWN', 'CLOSED')),
    source_status text NOT NULL,
    rule_pack_id text NOT NULL,
    union_order boolean NOT NULL,
    flags jsonb NOT NULL,
    -- Digest of what the feed said, to tell a case that came again unchanged from one that did not; empty if posted.
    fingerprint text NOT NULL,
    -- Why it was denied or withdrawn.
    closing_reason text NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    CHECK (decided_on >= filed_on),
    UNIQUE (organisation_id, source, reference)
);
CREATE INDEX job_order_flags ON job_order USING gin (flags jsonb_path_ops);
CREATE INDEX job_order_owner ON job_order (organisation_id, id);
CREATE INDEX job_order_season ON job_order (season_code, state, id);

CREATE TABLE order_line (
    id uuid PRIMARY KEY,
    order_id uuid NOT NULL REFERENCES job_order,
    organisation_id uuid NOT NULL,
    number int NOT NULL CHECK (number BETWEEN 1 AND 200),
    title text NOT NULL,
    source_occupation text NOT NULL,
    isco_codes text[] NOT NULL,
    seats_asked int NOT NULL,
    seats int NOT NULL CHECK (seats BETWEEN 0 AND seats_asked),
    starts_on date NOT NULL,
    ends_on date NOT NULL CHECK (ends_on >= starts_on),
    workplace jsonb NOT NULL,
    pay jsonb NOT NULL,
    hours_week int NOT NULL,
    experience_months int NOT NULL,
    languages text[] NOT NULL,
    certificates text[] NOT NULL,
    named_candidate_ids uuid[] NOT NULL,
    substitutes boolean NOT NULL,
    origins text[] NOT NULL,
    beds int NOT NULL CHECK (beds >= -1),
    UNIQUE (order_id, number)
);

CREATE TABLE farm_allocation (
    id uuid PRIMARY KEY,
    line_id uuid NOT NULL REFERENCES order_line,
    order_id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    number int NOT NULL CHECK (number BETWEEN 1 AND 500),
    farm_name text NOT NULL,
    seats int NOT NULL CHECK (seats >= 0),
    starts_on date NOT NULL,
    ends_on date NOT NULL CHECK (ends_on >= starts_on),
    workplace jsonb NOT NULL,
    flags jsonb NOT NULL,
    UNIQUE (line_id, number)
);
CREATE INDEX farm_allocation_order ON farm_allocation (order_id);

-- Whose rows a unit of work reaches: its own, all, or (consumers, clocks, counts) the service's.
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['employer', 'job_order', 'order_line', 'farm_allocation'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY reach ON %I USING (current_setting(''circula.reach'', true) IN (''all'', ''system'')
             OR organisation_id = nullif(current_setting(''circula.organisation'', true), '''')::uuid)', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['rule_pack', 'season', 'corridor'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY known ON %I USING (true)
             WITH CHECK (current_setting(''circula.reach'', true) = ''system'')', name);
    END LOOP;
END $$;
