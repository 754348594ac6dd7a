-- The writes of PostJobOrder. Rows, payload and answer are those of an order that the service posted before.
\set k :k + 1
\set id (:run * 1000 + :client_id) * 10000000 + :k
BEGIN;
SELECT set_config('role', 'demand_app', true), set_config('circula.organisation', '{organisation}', true), set_config('circula.reach', 'own', true);
INSERT INTO command (organisation_id, request_id, method, request_hash) VALUES ('{organisation}', lpad(to_hex(:id::bigint), 32, '0')::uuid, 'PostJobOrder', sha256(to_hex(:id::bigint)::bytea)) ON CONFLICT DO NOTHING;
INSERT INTO job_order SELECT * FROM jsonb_populate_recordset(NULL::job_order, jsonb_build_array('{order}'::jsonb || jsonb_build_object('id', lpad(to_hex(:id::bigint), 32, '0'), 'reference', to_hex(:id::bigint)))) ON CONFLICT (organisation_id, source, reference) DO NOTHING RETURNING id;
INSERT INTO order_line SELECT * FROM jsonb_populate_recordset(NULL::order_line, jsonb_build_array('{line}'::jsonb || jsonb_build_object('id', lpad(to_hex(:id::bigint), 32, '0'), 'order_id', lpad(to_hex(:id::bigint), 32, '0'))));
INSERT INTO outbox (event_id, aggregatetype, aggregateid, type, version, payload, traceparent, recorded_at) VALUES (lpad(to_hex(:id::bigint), 32, '0')::uuid, 'job_order', lpad(to_hex(:id::bigint), 32, '0'), 'circula.demand.v1.JobOrderPosted', 1, '\x{payload}', NULL, clock_timestamp());
UPDATE command SET response = '\x{answer}' WHERE organisation_id = '{organisation}' AND request_id = lpad(to_hex(:id::bigint), 32, '0')::uuid;
COMMIT;
