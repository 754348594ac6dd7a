-- Up to which row of the file every group has begun to be registered: the next ones are looked for behind it.
ALTER TABLE import ADD COLUMN registered_to bigint NOT NULL DEFAULT 0;
-- How many rows have each finding: [{code, rows, refused}]. Counted once, when the file is checked; null in imports that
-- were checked before this column was there, which are counted whenever somebody asks.
ALTER TABLE import ADD COLUMN code_counts jsonb;
-- No query could use it, and every row that was registered had to be put into it again.
DROP INDEX import_row_code;
