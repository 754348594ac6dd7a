-- What the employer keeps of the pay; null = nothing, as in rows of before, and in those that an earlier build still writes.
ALTER TABLE order_line ADD COLUMN deductions jsonb;
