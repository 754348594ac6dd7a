-- What decided about a pair, as the number that the contract gives it; pairs of builds before do not tell. What it follows from
-- (the line's names, the person's claims, who goes with whom) stands in rows that not everybody sees who sees the pair.
ALTER TABLE round_pair ADD COLUMN reason smallint CHECK (reason BETWEEN 1 AND 7);
