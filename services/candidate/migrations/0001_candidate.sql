-- What may be known of a candidate outside this service: coded facts. The person behind it has a table of their own.
CREATE TABLE candidate (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    origin text NOT NULL,
    lottery_key text NOT NULL,
    state text NOT NULL CHECK (state IN ('REGISTERED', 'ROSTERED', 'EXPIRED', 'WITHDRAWN', 'BARRED')),
    birth_year int NOT NULL,
    sex text NOT NULL CHECK (sex IN ('F', 'M', 'X')),
    region text NOT NULL,
    -- `9211:24`: a unit group of ISCO-08 and the months of experience in it.
    experience text[] NOT NULL,
    -- `es:B1`: ISO 639-1 and the level of the CEFR.
    languages text[] NOT NULL,
    certificates text[] NOT NULL,
    destinations text[] NOT NULL,
    available_from date,
    available_until date,
    fit_until date,
    trained_until date,
    seasons_returned int NOT NULL CHECK (seasons_returned >= 0),
    priorities text[] NOT NULL,
    -- Bounds the roster; the document itself is the person's.
    document_until date,
    -- The filing date or the end of the last credited season: the roster counts from here.
    judged_on date NOT NULL,
    rostered_until date,
    missing text[] NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    CHECK ((state = 'ROSTERED') = (rostered_until IS NOT NULL)),
    CHECK (available_until >= available_from)
);
CREATE INDEX candidate_organisation ON candidate (organisation_id, id);
ALTER TABLE candidate ENABLE ROW LEVEL SECURITY;
ALTER TABLE candidate FORCE ROW LEVEL SECURITY;
CREATE POLICY seen ON candidate FOR SELECT USING (
    current_setting('circula.reach', true) IN ('all', 'system')
    OR organisation_id = nullif(current_setting('circula.organisation', true), '')::uuid
);
CREATE POLICY changed ON candidate USING (
    current_setting('circula.reach', true) = 'system'
    OR current_setting('circula.reach', true) = 'own'
       AND organisation_id = nullif(current_setting('circula.organisation', true), '')::uuid
);

-- The one home of personal data. Only the ministry that registered a person reaches the row: not operators, not auditors,
-- not the service's own consumers.
CREATE TABLE person (
    candidate_id uuid PRIMARY KEY REFERENCES candidate DEFERRABLE INITIALLY DEFERRED,
    organisation_id uuid NOT NULL,
    reference text NOT NULL,
    family_name text NOT NULL,
    given_names text NOT NULL,
    born_on date NOT NULL,
    document_country text NOT NULL,
    document_number text NOT NULL,
    document_expires_on date,
    phone text NOT NULL,
    UNIQUE (organisation_id, reference)
);
-- Not unique: the same document twice is for a human to look at, and a refusal would tell that the person is known.
CREATE INDEX person_document ON person (organisation_id, document_number) WHERE document_number <> '';
ALTER TABLE person ENABLE ROW LEVEL SECURITY;
ALTER TABLE person FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON person USING (
    current_setting('circula.reach', true) = 'own'
    AND organisation_id = nullif(current_setting('circula.organisation', true), '')::uuid
);

-- Who changed which fields of a record and when. Names of fields, never values.
CREATE TABLE candidate_change (
    candidate_id uuid NOT NULL REFERENCES candidate,
    version bigint NOT NULL,
    organisation_id uuid NOT NULL,
    what text NOT NULL,
    actor text NOT NULL,
    recorded_at timestamptz NOT NULL,
    fields text[] NOT NULL,
    PRIMARY KEY (candidate_id, version)
);
ALTER TABLE candidate_change ENABLE ROW LEVEL SECURITY;
ALTER TABLE candidate_change FORCE ROW LEVEL SECURITY;
CREATE POLICY reach ON candidate_change USING (
    current_setting('circula.reach', true) = 'system'
    OR current_setting('circula.reach', true) = 'own'
       AND organisation_id = nullif(current_setting('circula.organisation', true), '')::uuid
);

-- A season is credited once, however often and under however many event ids its record comes.
CREATE TABLE season_credit (
    season_record_id uuid PRIMARY KEY,
    candidate_id uuid NOT NULL REFERENCES candidate,
    organisation_id uuid NOT NULL,
    season_code text NOT NULL
);
ALTER TABLE season_credit ENABLE ROW LEVEL SECURITY;
ALTER TABLE season_credit FORCE ROW LEVEL SECURITY;
CREATE POLICY reach ON season_credit USING (
    current_setting('circula.reach', true) = 'system'
    OR organisation_id = nullif(current_setting('circula.organisation', true), '')::uuid
);

-- What this service needs to know of the programme: everybody may read it.
CREATE TABLE organisation (
    id uuid PRIMARY KEY,
    country text NOT NULL,
    version bigint NOT NULL
);
CREATE TABLE corridor (
    code text PRIMARY KEY,
    origin text NOT NULL,
    destination text NOT NULL,
    open boolean NOT NULL,
    version bigint NOT NULL
);
CREATE TABLE rule_pack (
    id text PRIMARY KEY,
    code text NOT NULL,
    valid_from date NOT NULL,
    age_min int NOT NULL,
    age_max int NOT NULL,
    fitness boolean NOT NULL,
    training boolean NOT NULL,
    validity_days int NOT NULL,
    version bigint NOT NULL
);
CREATE INDEX rule_pack_in_force ON rule_pack (code, valid_from DESC);
ALTER TABLE organisation ENABLE ROW LEVEL SECURITY;
ALTER TABLE organisation FORCE ROW LEVEL SECURITY;
CREATE POLICY everybody ON organisation USING (true);
ALTER TABLE corridor ENABLE ROW LEVEL SECURITY;
ALTER TABLE corridor FORCE ROW LEVEL SECURITY;
CREATE POLICY everybody ON corridor USING (true);
ALTER TABLE rule_pack ENABLE ROW LEVEL SECURITY;
ALTER TABLE rule_pack FORCE ROW LEVEL SECURITY;
CREATE POLICY everybody ON rule_pack USING (true);
