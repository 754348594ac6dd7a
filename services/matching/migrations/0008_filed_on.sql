-- The date whose rules judge the order; not known of one that was told before until its next event.
ALTER TABLE job_order ADD COLUMN filed_on date;
