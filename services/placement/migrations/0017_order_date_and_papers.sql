-- The date whose rules judge the order; not known of a line that was told before and is open already.
ALTER TABLE line ADD COLUMN filed_on date;
-- Until when the person is fit and trained; `papers` says whether that was told at all.
ALTER TABLE candidate
    ADD COLUMN fit_until date,
    ADD COLUMN trained_until date,
    ADD COLUMN papers boolean NOT NULL DEFAULT false;
