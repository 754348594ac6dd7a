-- Reference tables: everybody signed in reads them, operators and the service itself write them.
-- Codes compare byte by byte, so that keyset pages and UUID order agree on every machine.

CREATE TABLE organisation (
    id uuid PRIMARY KEY,
    code text COLLATE "C" NOT NULL UNIQUE,
    kind text NOT NULL CHECK (kind IN ('MINISTRY', 'UNION', 'EMPLOYER', 'OPERATOR', 'AUTHORITY', 'AUDITOR')),
    name text NOT NULL,
    country text NOT NULL,
    version bigint NOT NULL DEFAULT 1
);

CREATE TABLE corridor (
    code text COLLATE "C" PRIMARY KEY,
    origin text NOT NULL,
    destination text NOT NULL,
    agreement text NOT NULL,
    state text NOT NULL DEFAULT 'OPEN' CHECK (state IN ('OPEN', 'CLOSED')),
    ministry_id uuid NOT NULL REFERENCES organisation,
    version bigint NOT NULL DEFAULT 1,
    CHECK (code = origin || '-' || destination AND origin <> destination)
);

-- Packs are dated, not edited: a change of the law is a pack with a later date.
CREATE TABLE rule_pack (
    id text COLLATE "C" PRIMARY KEY,
    code text COLLATE "C" NOT NULL,
    valid_from date NOT NULL,
    title text NOT NULL,
    rules jsonb NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    UNIQUE (code, valid_from)
);

CREATE TABLE season (
    code text COLLATE "C" PRIMARY KEY,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    CHECK (starts_on <= ends_on)
);

-- `cap` grows by what is released; what is kept back is flexible_reserve - released.
CREATE TABLE quota (
    id uuid PRIMARY KEY,
    corridor_code text COLLATE "C" NOT NULL REFERENCES corridor,
    season_code text COLLATE "C" NOT NULL REFERENCES season,
    sector text NOT NULL,
    cap int NOT NULL CHECK (cap >= released),
    flexible_reserve int NOT NULL,
    released int NOT NULL DEFAULT 0,
    version bigint NOT NULL DEFAULT 1,
    UNIQUE (corridor_code, season_code, sector),
    CHECK (released BETWEEN 0 AND flexible_reserve)
);

-- Releases of reserve: proposed by one person, completed by another. Never deleted.
CREATE TABLE reserve_release (
    id uuid PRIMARY KEY,
    quota_id uuid NOT NULL REFERENCES quota,
    units int NOT NULL CHECK (units > 0),
    proposed_by text NOT NULL,
    proposed_at timestamptz NOT NULL,
    completed_by text,
    lapsed boolean NOT NULL DEFAULT false,
    CONSTRAINT two_people CHECK (completed_by <> proposed_by)
);
CREATE UNIQUE INDEX reserve_release_open ON reserve_release (quota_id) WHERE completed_by IS NULL AND NOT lapsed;

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['organisation', 'corridor', 'rule_pack', 'season', 'quota', 'reserve_release'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY everybody_reads ON %I FOR SELECT USING (true)', name);
        EXECUTE format($policy$CREATE POLICY reach ON %I
            USING (current_setting('circula.reach', true) IN ('all', 'system'))$policy$, name);
    END LOOP;
END $$;
