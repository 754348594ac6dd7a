-- People and pairs of a round are written in the transaction that also turns the round's row to its plan, and rounds are never
-- deleted: they need no key of their own to it (a pair has one to its line). With one, every row locks the round's row, which
-- the progress of the round goes on changing meanwhile, and finds it through all the versions of it since the transaction began:
-- a million people took more than forty times as long as a hundred thousand.
ALTER TABLE round_candidate DROP CONSTRAINT round_candidate_round_id_fkey;
ALTER TABLE round_pair DROP CONSTRAINT round_pair_round_id_fkey;
