-- The least number of people with whom a line's work can be done, and the poster's name for where they sleep; null = any, and the
-- line's own, as in rows of before, and in those that an earlier build still writes.
ALTER TABLE order_line
    ADD COLUMN least_crew int CHECK (least_crew BETWEEN 0 AND seats),
    ADD COLUMN housing text;
