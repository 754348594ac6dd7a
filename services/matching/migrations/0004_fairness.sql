-- What the fairness report of a round groups people by: no score reads these. `eligible`: some line with a free seat was open to
-- the person. Null in rounds that were computed before.
ALTER TABLE round_candidate
    ADD COLUMN eligible boolean,
    ADD COLUMN sex text,
    ADD COLUMN region text,
    ADD COLUMN first_timer boolean,
    ADD COLUMN age_band text;
