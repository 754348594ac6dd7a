-- What a placement says about the rounds after it: the union asked for the person by name again, or an employer took an offer
-- back. `held_since` and `ended_on` are days of the placement's own steps.
ALTER TABLE placement
    ADD COLUMN season_code text NOT NULL DEFAULT '',
    ADD COLUMN starts_on date,
    ADD COLUMN recalled_on date,
    ADD COLUMN next_round_first boolean NOT NULL DEFAULT false,
    ADD COLUMN held_since date,
    ADD COLUMN ended_on date;
CREATE INDEX placement_claim ON placement (candidate_id) WHERE recalled_on IS NOT NULL OR next_round_first;

-- Names of organisations, for explanations: a union that recalled somebody is called by its name.
CREATE TABLE organisation (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    version bigint NOT NULL
);
ALTER TABLE organisation ENABLE ROW LEVEL SECURITY;
ALTER TABLE organisation FORCE ROW LEVEL SECURITY;
CREATE POLICY everybody ON organisation USING (true);
