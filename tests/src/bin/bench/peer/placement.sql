-- The writes of MovePlacement, and the locks it takes. Facts, payload and answer are those of a placement that the
-- service moved before.
\set k :k + 1
\set id (:run * 1000 + :client_id) * 10000000 + :k
\set n (:client_id + :clients * :k) % 20000
BEGIN;
SELECT set_config('role', 'placement_app', true), set_config('circula.organisation', '{organisation}', true), set_config('circula.reach', 'system', true);
INSERT INTO command (organisation_id, request_id, method, request_hash) VALUES ('{organisation}', lpad(to_hex(:id::bigint), 32, '0')::uuid, 'MovePlacement', sha256(to_hex(:id::bigint)::bytea)) ON CONFLICT DO NOTHING;
SELECT id FROM line WHERE id = ANY(ARRAY[lpad(to_hex(2000000000 + :n::bigint % 100), 32, '0')::uuid]) ORDER BY id FOR UPDATE;
SELECT id, facts FROM placement WHERE id = ANY(ARRAY[lpad(to_hex(1000000000 + :n::bigint), 32, '0')::uuid]) ORDER BY id FOR UPDATE;
UPDATE placement SET version = 2, stage = 3, seat = 'HELD', unit = 'HELD', next_due = '{next_due}', next_fire = '{next_due}', source = 'ROUND', one_sided = false, covered = false, clocks = '{clocks}', step = 'SELECTED', since = '{since}', dropped = NULL, facts = '{facts}' WHERE id = lpad(to_hex(1000000000 + :n::bigint), 32, '0')::uuid;
INSERT INTO outbox (event_id, aggregatetype, aggregateid, type, version, payload, traceparent, recorded_at) VALUES (lpad(to_hex(:id::bigint), 32, '0')::uuid, 'placement', lpad(to_hex(1000000000 + :n::bigint), 32, '0'), 'circula.placement.v1.PlacementMoved', 2, '\x{payload}', NULL, clock_timestamp());
UPDATE command SET response = '\x{answer}' WHERE organisation_id = '{organisation}' AND request_id = lpad(to_hex(:id::bigint), 32, '0')::uuid;
COMMIT;
