-- Pairs that an operator laid down in a preview. Kinds: 1 pinned, 2 forbidden, as in the contracts. `record` is the override as
-- shown, with its cost (message of the contracts).
CREATE TABLE round_override (
    round_id uuid NOT NULL REFERENCES round,
    line_id uuid NOT NULL,
    candidate_id uuid NOT NULL,
    ministry_id uuid NOT NULL,
    union_id uuid NOT NULL,
    kind smallint NOT NULL CHECK (kind IN (1, 2)),
    reason text NOT NULL CHECK (reason <> ''),
    actor text NOT NULL CHECK (actor <> ''),
    recorded_at timestamptz NOT NULL,
    -- The version of the round that it made.
    round_version bigint NOT NULL CHECK (round_version > 1),
    record bytea NOT NULL,
    -- A pair is laid down once in a round.
    PRIMARY KEY (round_id, line_id, candidate_id),
    UNIQUE (round_id, round_version),
    FOREIGN KEY (round_id, line_id) REFERENCES round_line,
    FOREIGN KEY (round_id, candidate_id) REFERENCES round_candidate
);
-- Nobody is pinned to two lines.
CREATE UNIQUE INDEX round_override_pin ON round_override (round_id, candidate_id) WHERE kind = 1;

ALTER TABLE round_override ENABLE ROW LEVEL SECURITY;
ALTER TABLE round_override FORCE ROW LEVEL SECURITY;
CREATE POLICY reach ON round_override USING (current_setting('circula.reach', true) IN ('all', 'system')
    OR nullif(current_setting('circula.organisation', true), '')::uuid IN (ministry_id, union_id));
