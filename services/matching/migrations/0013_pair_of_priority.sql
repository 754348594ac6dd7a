-- A pair may be made because the corridor's pack puts a ground before every score that the person has.
ALTER TABLE round_pair DROP CONSTRAINT round_pair_reason_check,
    ADD CONSTRAINT round_pair_reason_check CHECK (reason BETWEEN 1 AND 8);
