-- Who on a reserve list was passed over for a seat, why, and the rank of who was called instead (0 = nobody was, and the seat was
-- open again). It is in facts alone, so each has its own key: the aggregate that told it, with its version. Facts of before that
-- name no day are not kept. Whoever sees the placement sees its rows.
CREATE TABLE passed_over (
    placement_id uuid NOT NULL, told_by text COLLATE "C" NOT NULL, version bigint NOT NULL,
    occurred_on date NOT NULL, reason text NOT NULL, called_rank int NOT NULL,
    PRIMARY KEY (placement_id, told_by, version)
);
ALTER TABLE passed_over ENABLE ROW LEVEL SECURITY;
ALTER TABLE passed_over FORCE ROW LEVEL SECURITY;
CREATE POLICY reach ON passed_over USING (
    current_setting('circula.reach', true) IN ('all', 'system')
    OR EXISTS (SELECT FROM placement WHERE placement.id = passed_over.placement_id)
);
