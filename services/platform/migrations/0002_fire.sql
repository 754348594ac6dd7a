-- Which life of this system events come from. A restore from a backup begins a new one: events of a later number are of
-- a future that was lost, events of an earlier one are published again with the new number.
CREATE TABLE life (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    epoch bigint NOT NULL DEFAULT 1
);
INSERT INTO life DEFAULT VALUES;
ALTER TABLE relay_state ADD COLUMN epoch bigint NOT NULL DEFAULT 1;

-- The oldest build that may run on this schema, as the number of the newest migration it knows. A migration that takes
-- something away raises it; one that only adds leaves it alone, so that the build before it goes on working.
CREATE TABLE schema_floor (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    oldest bigint NOT NULL DEFAULT 0
);
INSERT INTO schema_floor DEFAULT VALUES;

-- Parked events that somebody gave up, and why. They are not parked again when they come again.
CREATE TABLE discarded (
    consumer text NOT NULL,
    key text NOT NULL,
    topic text NOT NULL,
    partition int NOT NULL,
    message_offset bigint NOT NULL,
    event_id uuid,
    payload bytea,
    reason text NOT NULL,
    parked_at timestamptz NOT NULL,
    discarded_at timestamptz NOT NULL,
    discarded_by text NOT NULL,
    why text NOT NULL
);
CREATE INDEX discarded_event ON discarded (consumer, event_id);

-- No table of the chassis is anybody's own: the service itself works on them, and operators look.
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['inbox', 'parked', 'discarded'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY inside ON %I USING (current_setting(''circula.reach'', true) IN (''system'', ''all''))', name
        );
    END LOOP;
    FOREACH name IN ARRAY ARRAY['life', 'relay_state', 'schema_floor'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY everybody ON %I USING (true)', name);
    END LOOP;
END $$;

-- The outbox: the app may append, the relay reads and marks (its policies are given with its grants), the owner makes
-- partitions. A partition may not be read past its parent.
ALTER TABLE outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE outbox FORCE ROW LEVEL SECURITY;
CREATE POLICY append ON outbox FOR INSERT WITH CHECK (true);
CREATE POLICY make ON outbox TO CURRENT_USER USING (true);
DO $$
DECLARE name text;
BEGIN
    FOR name IN SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'outbox'::regclass LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY make ON %s TO CURRENT_USER USING (true)', name);
    END LOOP;
END $$;
