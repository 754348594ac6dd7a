-- What was last reported is known from one side only, beside the facts: a count then reads no facts. Rows that are there say no until
-- their next event; none of them is written again here.
ALTER TABLE placement ADD COLUMN one_sided boolean NOT NULL DEFAULT false;
