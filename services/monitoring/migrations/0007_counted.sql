-- The word of a step of the ring, as its owner counts it.
CREATE FUNCTION step_name(step smallint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT (ARRAY['PROPOSED', 'SELECTED', 'OFFERED', 'ACCEPTED', 'CONTRACT_SIGNED', 'AUTHORISED', 'VISA_APPLIED', 'VISA_GRANTED',
        'MEDICAL_CLEARED', 'TRAINED', 'PDO_DONE', 'TRAVEL_BOOKED', 'DEPARTED', 'ARRIVED', 'WORKING', 'WORK_ENDED',
        'RETURNED_VERIFIED'])[step + 1]
$$;

-- The figures of before, and what the console tells: whose a row is, steps, drop-outs, sources, clocks and the calendar. The end of
-- somebody's list (C-LIST) moves with the roster and no fact tells it, so its day is compared with nothing.
CREATE OR REPLACE VIEW figure WITH (security_invoker = true) AS
          SELECT 'programme' AS owner, 'organisations' AS figure, '' AS corridor, '' AS season, kind AS state, count(*) AS value
            FROM organisation GROUP BY kind
UNION ALL SELECT 'programme', 'corridors', code, '', state, 1 FROM corridor
UNION ALL SELECT 'programme', 'corridors_by_ministry', code, '', ministry_id::text, 1 FROM corridor
UNION ALL SELECT 'programme', 'rule_packs', '', '', '', count(*) FROM rule_pack
UNION ALL SELECT 'programme', 'seasons', '', '', '', count(*) FROM season
UNION ALL SELECT 'programme', 'quota_cap', corridor_code, season_code, '', sum(cap) FROM quota GROUP BY 3, 4
UNION ALL SELECT 'demand', 'employers', '', '', '', count(*) FROM employer
UNION ALL SELECT 'demand', 'orders', '*-' || destination, season_code, state, count(*) FROM job_order GROUP BY 3, 4, 5
UNION ALL SELECT 'demand', 'lines', '*-' || destination, season_code, state, sum(lines)::bigint FROM job_order GROUP BY 3, 4, 5
UNION ALL SELECT 'demand', 'seats_posted', '*-' || destination, season_code, '', sum(seats)::bigint FROM job_order
           WHERE state = 'OPEN' GROUP BY 3, 4
UNION ALL SELECT 'demand', 'seats_asked', '*-' || destination, season_code, '', sum(seats_asked)::bigint FROM job_order GROUP BY 3, 4
UNION ALL SELECT 'candidate', 'candidates', origin || '-*', '', state, count(*) FROM candidate GROUP BY 3, 5
UNION ALL SELECT 'candidate', 'seasons_returned', origin || '-*', '', '', sum(seasons_returned) FROM candidate GROUP BY 3
UNION ALL SELECT 'candidate', 'candidates_by_ministry', origin || '-*', '', organisation_id::text, count(*) FROM candidate GROUP BY 3, 5
UNION ALL SELECT 'candidate', 'rostered', origin || '-*', '', destinations, count(*) FROM candidate WHERE state = 'ROSTERED' GROUP BY 3, 5
UNION ALL SELECT 'matching', 'rounds', '*-' || destination, season_code, state, count(*) FROM round
           WHERE state IN ('PREVIEW', 'PUBLISHED', 'DISCARDED') GROUP BY 3, 4, 5
UNION ALL SELECT 'matching', 'proposals', s.corridor, p.season_code, '', sum(s.proposals)
            FROM line_proposal p, jsonb_to_recordset(p.shares) AS s (corridor text, proposals int) GROUP BY 3, 4
UNION ALL SELECT 'matching', 'reserves', s.corridor, p.season_code, '', sum(s.reserves)
            FROM line_proposal p, jsonb_to_recordset(p.shares) AS s (corridor text, reserves int) GROUP BY 3, 4
UNION ALL SELECT 'placement', 'placements', corridor_code, season_code, stage, count(*) FROM placement GROUP BY 3, 4, 5
UNION ALL SELECT 'placement', 'one_sided', corridor_code, season_code, stage, count(*) FROM placement WHERE one_sided GROUP BY 3, 4, 5
UNION ALL SELECT 'placement', t.figure, p.corridor_code, p.season_code, t.state, count(*)
            FROM placement p, LATERAL (VALUES
                ('placements_by_ministry', p.ministry_id::text),
                ('placements_by_union', p.union_id::text),
                ('sources', p.source),
                ('steps', step_name(p.step)),
                ('dropped', CASE WHEN p.dropped THEN concat_ws(' ', step_name(p.step), p.reason) END),
                ('since', to_char(p.since, 'YYYY-MM-DD')),
                ('due', CASE WHEN p.stage <> 'RECOMMENDED' THEN to_char(p.due_on, 'YYYY-MM-DD') END)
            ) AS t (figure, state) WHERE t.state IS NOT NULL GROUP BY 2, 3, 4, 5
UNION ALL SELECT 'placement', t.figure, p.corridor_code, p.season_code, t.state, count(*)
            FROM placement p, jsonb_to_recordset(p.clocks) AS c (name text, due_on text, waits_for text), LATERAL (VALUES
                ('clocks', concat_ws(' ', c.name, c.waits_for)),
                ('clocks_due', CASE WHEN c.name <> 'C-LIST' THEN c.due_on END)
            ) AS t (figure, state) WHERE t.state IS NOT NULL GROUP BY 2, 3, 4, 5
UNION ALL SELECT 'placement', t.figure, l.corridor_code, l.season_code, t.state, count(*)
            FROM line l, LATERAL (VALUES ('lines', l.state), ('lines_by_union', l.organisation_id::text)) AS t (figure, state)
           WHERE l.state <> 'PENDING' AND t.state IS NOT NULL GROUP BY 2, 3, 4, 5
UNION ALL SELECT 'placement', 'as_of', '', '', to_char(as_of, 'YYYY-MM-DD'), 1 FROM calendar
UNION ALL SELECT 'placement', 'seats_posted', corridor_code, season_code, '', sum(posted) FROM line WHERE state <> 'PENDING' GROUP BY 3, 4
UNION ALL SELECT 'placement', 'seats_held', corridor_code, season_code, '', sum(held) FROM line WHERE state <> 'PENDING' GROUP BY 3, 4
UNION ALL SELECT 'placement', 'seats_taken', corridor_code, season_code, '', sum(taken) FROM line WHERE state <> 'PENDING' GROUP BY 3, 4
UNION ALL SELECT 'placement', 'seats_promised', corridor_code, season_code, '', sum(promised) FROM line WHERE state <> 'PENDING' GROUP BY 3, 4
UNION ALL SELECT 'placement', 'units', s.corridor, l.season_code, '', sum(s.units)
            FROM line l, jsonb_to_recordset(l.shares) AS s (corridor text, units int) GROUP BY 3, 4
UNION ALL SELECT 'placement', 'units_held', s.corridor, l.season_code, '', sum(s.held)
            FROM line l, jsonb_to_recordset(l.shares) AS s (corridor text, held int) GROUP BY 3, 4
UNION ALL SELECT 'placement', 'units_used', s.corridor, l.season_code, '', sum(s.used)
            FROM line l, jsonb_to_recordset(l.shares) AS s (corridor text, used int) GROUP BY 3, 4
UNION ALL SELECT 'placement', 'quota_cap', corridor_code, season_code, '', sum(cap) FROM quota_use GROUP BY 3, 4
UNION ALL SELECT 'placement', 'quota_allotted', corridor_code, season_code, '', sum(allotted) FROM quota_use GROUP BY 3, 4
UNION ALL SELECT 'placement', 'season_records', corridor_code, season_code, return, count(*) FROM season_record GROUP BY 3, 4, 5
UNION ALL SELECT 'placement', 'proposal_refusals', corridor_code, season_code, reason, count(*) FROM proposal_refusal GROUP BY 3, 4, 5;
