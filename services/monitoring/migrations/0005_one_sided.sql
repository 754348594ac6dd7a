-- What was last reported of the placement is known from one side only. Rows that were folded before say no until their next event,
-- or until the fold is thrown away and made anew.
ALTER TABLE placement ADD COLUMN one_sided boolean NOT NULL DEFAULT false;

-- The figures of before, and this one.
CREATE OR REPLACE VIEW figure WITH (security_invoker = true) AS
          SELECT 'programme' AS owner, 'organisations' AS figure, '' AS corridor, '' AS season, kind AS state, count(*) AS value
            FROM organisation GROUP BY kind
UNION ALL SELECT 'programme', 'corridors', code, '', state, 1 FROM corridor
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
UNION ALL SELECT 'matching', 'rounds', '*-' || destination, season_code, state, count(*) FROM round
           WHERE state IN ('PREVIEW', 'PUBLISHED', 'DISCARDED') GROUP BY 3, 4, 5
UNION ALL SELECT 'matching', 'proposals', s.corridor, p.season_code, '', sum(s.proposals)
            FROM line_proposal p, jsonb_to_recordset(p.shares) AS s (corridor text, proposals int) GROUP BY 3, 4
UNION ALL SELECT 'matching', 'reserves', s.corridor, p.season_code, '', sum(s.reserves)
            FROM line_proposal p, jsonb_to_recordset(p.shares) AS s (corridor text, reserves int) GROUP BY 3, 4
UNION ALL SELECT 'placement', 'placements', corridor_code, season_code, stage, count(*) FROM placement GROUP BY 3, 4, 5
UNION ALL SELECT 'placement', 'one_sided', corridor_code, season_code, stage, count(*) FROM placement WHERE one_sided GROUP BY 3, 4, 5
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
