-- Lines of orders that ended: what is left on their lists is found from them, by `placement_reserve`, and not by a walk over all lists.
CREATE INDEX line_withdrawn ON line (id) WHERE withdrawn;
