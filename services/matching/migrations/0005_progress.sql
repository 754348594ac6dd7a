-- What the search of a round that is being computed has found so far: value of the best plan and bound, points of score.
ALTER TABLE round ADD COLUMN found_value bigint, ADD COLUMN found_bound bigint;
-- A round that was thrown away while it was computed has no plan, and nothing was published of it.
ALTER TABLE round DROP CONSTRAINT round_check,
    ADD CONSTRAINT round_plan CHECK (state = 5 OR (state IN (2, 3, 4)) = (version > 0));
