-- What was last reported is known from one side only, beside the facts: a count then reads no facts.
ALTER TABLE placement ADD COLUMN one_sided boolean GENERATED ALWAYS AS ((facts ->> 'one_sided')::boolean) STORED;
