-- In which life of its owner's database a parked event was published. Null: of a build that did not keep it, or without one.
ALTER TABLE parked ADD COLUMN epoch bigint;
ALTER TABLE discarded ADD COLUMN epoch bigint;

-- Answers to commands are taken away by their age, whosever they are: by the service itself.
CREATE INDEX command_recorded ON command (recorded_at);
CREATE POLICY aged ON command USING (current_setting('circula.reach', true) = 'system');
