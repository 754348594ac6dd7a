SELECT format('line %s held %s taken %s', l.id, l.held, l.taken) FROM line l
LEFT JOIN (
    SELECT line_id, count(*) FILTER (WHERE ledger = 'SEAT' AND status = 'HELD') AS held,
        count(*) FILTER (WHERE ledger = 'SEAT' AND status = 'CONFIRMED' AND vacated_on IS NULL) AS taken
    FROM hold GROUP BY line_id
) h ON h.line_id = l.id
WHERE l.held <> coalesce(h.held, 0) OR l.taken <> coalesce(h.taken, 0)
UNION ALL
SELECT format('line %s and its entries', l.id) FROM line l
LEFT JOIN (
    SELECT line_id,
        sum(units * ((credit = 'HELD')::int - (debit = 'HELD')::int)) AS held,
        sum(units * ((credit = 'TAKEN')::int - (debit = 'TAKEN')::int)) AS taken,
        sum(units * ((credit = 'OPEN')::int - (debit = 'OPEN')::int)) AS open,
        sum(units * ((credit = 'UNITS')::int - (debit = 'UNITS')::int)) AS units
    FROM entry GROUP BY line_id
) e ON e.line_id = l.id
WHERE l.state <> 1 AND (l.held <> coalesce(e.held, 0) OR l.taken <> coalesce(e.taken, 0)
    OR l.units <> coalesce(e.units, 0) OR l.posted - l.held - l.taken <> coalesce(e.open, 0))
UNION ALL
SELECT format('line %s shares', l.id) FROM line l
WHERE l.units <> (SELECT coalesce(sum(units), 0) FROM line_share s WHERE s.line_id = l.id)
UNION ALL
SELECT format('quota %s allotted %s', q.id, q.allotted) FROM quota q
WHERE q.allotted <> (SELECT coalesce(sum(units + units_held + units_used), 0) FROM line_share s WHERE s.quota_id = q.id)
UNION ALL
SELECT format('quota %s and its entries', q.id) FROM quota q
WHERE q.allotted <> (SELECT coalesce(sum(units * ((debit = 'FREE')::int - (credit = 'FREE')::int)), 0)
    FROM entry e WHERE e.quota_id = q.id)
UNION ALL
SELECT format('line %s promised %s', l.id, l.promised) FROM line l
WHERE l.promised <> (SELECT count(*) FROM reserve_call c WHERE c.line_id = l.id)
UNION ALL
SELECT format('placement %s has %s facts for version %s', p.id, count(o.id), p.version)
FROM placement p LEFT JOIN outbox o ON o.aggregateid = p.id::text AND o.aggregatetype = 'placement'
GROUP BY p.id, p.version HAVING count(o.id) <> p.version OR count(DISTINCT o.version) <> p.version
UNION ALL
SELECT format('line %s has %s facts for version %s', l.id, count(o.id), l.version)
FROM line l LEFT JOIN outbox o ON o.aggregateid = l.id::text AND o.aggregatetype = 'line'
GROUP BY l.id, l.version HAVING count(o.id) <> l.version
