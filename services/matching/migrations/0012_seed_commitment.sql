-- Seeds that were promised before the round that they decide: SHA-256 of the seed, hexadecimal. One is open for a season and
-- destination until a round that it decided goes out, or another takes its place. Nobody commits twice to one seed: after its
-- round it is known.
CREATE TABLE seed_commitment (
    season_code text NOT NULL,
    destination text NOT NULL,
    seed_sha256 text NOT NULL CHECK (seed_sha256 ~ '^[0-9a-f]{64}$'),
    actor text NOT NULL CHECK (actor <> ''),
    committed_at timestamptz NOT NULL,
    -- A round that it decided went out.
    spent boolean NOT NULL DEFAULT false,
    -- Why another took its place; empty = none did.
    replaced_because text NOT NULL DEFAULT '',
    PRIMARY KEY (season_code, destination, seed_sha256)
);
CREATE UNIQUE INDEX seed_commitment_open ON seed_commitment (season_code, destination)
    WHERE NOT spent AND replaced_because = '';

ALTER TABLE seed_commitment ENABLE ROW LEVEL SECURITY;
ALTER TABLE seed_commitment FORCE ROW LEVEL SECURITY;
-- Who committed is no tenant's business; what was committed stands in the round.
CREATE POLICY reach ON seed_commitment USING (current_setting('circula.reach', true) IN ('all', 'system'));

-- The commitment that the round's seed opened; null = there was none.
ALTER TABLE round
    ADD COLUMN seed_sha256 text,
    ADD COLUMN seed_committed_at timestamptz,
    ADD CONSTRAINT round_committed CHECK ((seed_sha256 IS NULL) = (seed_committed_at IS NULL));
