-- The writes of RegisterImport for a file of one row. Rows, payload and answer are those of a person that the service
-- registered before; they come as records of JSON, where the service sends an array a column.
\set k :k + 1
\set id (:run * 1000 + :client_id) * 10000000 + :k
\set import (:client_id + :clients * :k) % 20000 + 1
BEGIN;
SELECT set_config('role', 'candidate_app', true), set_config('circula.organisation', '{organisation}', true), set_config('circula.reach', 'own', true);
INSERT INTO command (organisation_id, request_id, method, request_hash) VALUES ('{organisation}', lpad(to_hex(:id::bigint), 32, '0')::uuid, 'RegisterImport', sha256(to_hex(:id::bigint)::bytea)) ON CONFLICT DO NOTHING;
SELECT id, organisation_id, layout, file_name, parameters, state, bytes_received, encoding, separator, head, rows_read, rows_accepted, rows_refused, rows_flagged, rows_blank, groups_accepted, groups_registered, created_at, version FROM import WHERE id = lpad(to_hex(:import::bigint), 32, '0')::uuid FOR UPDATE;
INSERT INTO person (candidate_id, organisation_id, reference, family_name, given_names, born_on, document_country, document_number, document_expires_on, phone, family_group, crew) SELECT candidate_id, organisation_id, reference, normalize(family_name, NFC), normalize(given_names, NFC), born_on, document_country, document_number, document_expires_on, normalize(phone, NFC), family_group, crew FROM jsonb_populate_recordset(NULL::person, jsonb_build_array('{person}'::jsonb || jsonb_build_object('candidate_id', lpad(to_hex(:id::bigint), 32, '0'), 'reference', to_hex(:id::bigint)))) ON CONFLICT (organisation_id, reference) DO NOTHING RETURNING candidate_id;
INSERT INTO candidate SELECT * FROM jsonb_populate_recordset(NULL::candidate, jsonb_build_array('{candidate}'::jsonb || jsonb_build_object('id', lpad(to_hex(:id::bigint), 32, '0'))));
INSERT INTO candidate_change SELECT * FROM jsonb_populate_recordset(NULL::candidate_change, jsonb_build_array('{change}'::jsonb || jsonb_build_object('candidate_id', lpad(to_hex(:id::bigint), 32, '0'))));
INSERT INTO outbox (event_id, aggregatetype, aggregateid, type, version, payload, traceparent, recorded_at) VALUES (lpad(to_hex(:id::bigint), 32, '0')::uuid, 'candidate', lpad(to_hex(:id::bigint), 32, '0'), 'circula.candidate.v1.CandidateRegistered', 1, '\x{payload}', NULL, clock_timestamp());
UPDATE import_row SET registered = true, record_id = lpad(to_hex(:id::bigint), 32, '0') WHERE import_id = lpad(to_hex(:import::bigint), 32, '0')::uuid AND accepted;
UPDATE import SET groups_registered = 1, version = version + 1, state = 3 WHERE id = lpad(to_hex(:import::bigint), 32, '0')::uuid;
UPDATE command SET response = '\x{answer}' WHERE organisation_id = '{organisation}' AND request_id = lpad(to_hex(:id::bigint), 32, '0')::uuid;
COMMIT;
