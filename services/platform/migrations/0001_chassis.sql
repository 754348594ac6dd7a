-- Tables of the chassis, the same in every service's database. Created by the owner role; grants are given in code,
-- because role names carry the service's name.

-- The log of record: an event exists if and only if its change was committed. Column names as Debezium's outbox has
-- them. The row is inserted while the aggregate's own row is locked, so ids of one aggregate are in the order of commit.
CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY,
    event_id uuid NOT NULL,
    aggregatetype text NOT NULL,
    aggregateid text NOT NULL,
    type text NOT NULL,
    version bigint NOT NULL,
    payload bytea NOT NULL,
    traceparent text,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    published_at timestamptz,
    PRIMARY KEY (id, recorded_at)
) PARTITION BY RANGE (recorded_at);
CREATE TABLE outbox_default PARTITION OF outbox DEFAULT;
CREATE INDEX outbox_unpublished ON outbox (id) WHERE published_at IS NULL;

-- Which cluster the relay last published to: another id means that everything retained is published again.
CREATE TABLE relay_state (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    cluster_id text NOT NULL
);

-- Commands answered: the same request id gets the same answer.
CREATE TABLE command (
    organisation_id uuid NOT NULL,
    request_id uuid NOT NULL,
    method text NOT NULL,
    request_hash bytea NOT NULL,
    response bytea,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (organisation_id, request_id)
);
ALTER TABLE command ENABLE ROW LEVEL SECURITY;
ALTER TABLE command FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON command USING (
    organisation_id = nullif(current_setting('circula.organisation', true), '')::uuid
);

-- Events whose effect is in this database.
CREATE TABLE inbox (
    consumer text NOT NULL,
    event_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (consumer, event_id)
);

-- Events that could not be applied, and the later ones of their keys, in order.
CREATE TABLE parked (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    consumer text NOT NULL,
    key text NOT NULL,
    topic text NOT NULL,
    partition int NOT NULL,
    message_offset bigint NOT NULL,
    event_id uuid,
    payload bytea,
    reason text NOT NULL,
    parked_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX parked_key ON parked (consumer, key);
CREATE UNIQUE INDEX parked_event ON parked (consumer, event_id) WHERE event_id IS NOT NULL;

-- Files on their way in.
CREATE TABLE import (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    layout text NOT NULL,
    file_name text NOT NULL,
    parameters jsonb NOT NULL,
    state smallint NOT NULL,
    bytes_received bigint NOT NULL DEFAULT 0,
    encoding text NOT NULL DEFAULT '',
    separator text NOT NULL DEFAULT '',
    head text[] NOT NULL DEFAULT '{}',
    rows_read bigint NOT NULL DEFAULT 0,
    rows_accepted bigint NOT NULL DEFAULT 0,
    rows_refused bigint NOT NULL DEFAULT 0,
    rows_flagged bigint NOT NULL DEFAULT 0,
    rows_blank bigint NOT NULL DEFAULT 0,
    groups_accepted bigint NOT NULL DEFAULT 0,
    groups_registered bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    CHECK (rows_read = rows_accepted + rows_refused),
    CHECK (groups_registered <= groups_accepted)
);
CREATE TABLE import_chunk (
    import_id uuid NOT NULL REFERENCES import,
    file_offset bigint NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (import_id, file_offset)
);
CREATE TABLE import_row (
    import_id uuid NOT NULL REFERENCES import,
    row_number bigint NOT NULL,
    fields text[] NOT NULL,
    accepted boolean NOT NULL,
    findings jsonb NOT NULL,
    codes text[] NOT NULL,
    group_key text NOT NULL,
    record_id text NOT NULL DEFAULT '',
    registered boolean NOT NULL DEFAULT false,
    PRIMARY KEY (import_id, row_number)
);
CREATE INDEX import_row_open ON import_row (import_id, group_key) WHERE accepted AND NOT registered;
CREATE INDEX import_row_code ON import_row USING gin (codes);

ALTER TABLE import ENABLE ROW LEVEL SECURITY;
ALTER TABLE import FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON import USING (
    organisation_id = nullif(current_setting('circula.organisation', true), '')::uuid
);
ALTER TABLE import_chunk ENABLE ROW LEVEL SECURITY;
ALTER TABLE import_chunk FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON import_chunk USING (EXISTS (SELECT FROM import WHERE id = import_id));
ALTER TABLE import_row ENABLE ROW LEVEL SECURITY;
ALTER TABLE import_row FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON import_row USING (EXISTS (SELECT FROM import WHERE id = import_id));
