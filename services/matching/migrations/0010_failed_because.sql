-- Why a round failed, as a code with its named values; what says it in English stands in failure.
ALTER TABLE round ADD COLUMN failed_because jsonb;
