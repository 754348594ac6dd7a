-- What the lines of orders offer, apart from the ledgers: their rows are written with every seat. A line that was told before
-- has none.
CREATE TABLE line_terms (
    line_id uuid PRIMARY KEY REFERENCES line ON DELETE CASCADE,
    terms jsonb NOT NULL
);
ALTER TABLE line_terms ENABLE ROW LEVEL SECURITY;
ALTER TABLE line_terms FORCE ROW LEVEL SECURITY;
-- Read for who has found a placement of the line under their own reach.
CREATE POLICY service ON line_terms USING (current_setting('circula.reach', true) IN ('all', 'system'));
