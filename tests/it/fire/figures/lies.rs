//! One false figure of each kind.

/// Owner, figure, table of the fold and columns that are made false, and what makes them false; it returns corridor, season and
/// state of the figure. No lie changes how many events the fold claims to have seen: those are told apart by `verify` before any
/// figure.
pub(super) const LIES: &[(&str, &str, &str, &str, &str)] = &[
    (
        "programme",
        "organisations",
        "organisation",
        "kind",
        "UPDATE organisation SET kind = 'UNION' WHERE id = (SELECT min(id::text)::uuid FROM organisation WHERE kind = 'MINISTRY')
         RETURNING '', '', 'MINISTRY'",
    ),
    (
        "programme",
        "corridors",
        "corridor",
        "state",
        "UPDATE corridor SET state = 'CLOSED' WHERE code = 'CO-ES' RETURNING code, '', 'OPEN'",
    ),
    (
        "programme",
        "rule_packs",
        "rule_pack",
        "",
        "INSERT INTO rule_pack VALUES ('ZZ@2026-01-01', 0) RETURNING '', '', ''",
    ),
    (
        "programme",
        "seasons",
        "season",
        "",
        "INSERT INTO season VALUES ('2099', 0) RETURNING '', '', ''",
    ),
    (
        "programme",
        "quota_cap",
        "quota",
        "cap",
        "UPDATE quota SET cap = cap + 1 WHERE corridor_code = 'CO-ES' RETURNING corridor_code, season_code, ''",
    ),
    (
        "programme",
        "corridors_by_ministry",
        "corridor",
        "ministry_id",
        "UPDATE corridor SET ministry_id = gen_random_uuid() WHERE code = 'CO-ES'
         RETURNING code, '', ministry_id::text",
    ),
    (
        "programme",
        "quota_cap",
        "quota",
        "corridor_code",
        "UPDATE quota SET corridor_code = 'ZZ-ES' WHERE corridor_code = 'CO-ES'
         RETURNING corridor_code, season_code, ''",
    ),
    (
        "programme",
        "quota_cap",
        "quota",
        "season_code",
        "UPDATE quota SET season_code = '2099' WHERE corridor_code = 'CO-ES'
         RETURNING corridor_code, season_code, ''",
    ),
    (
        "demand",
        "employers",
        "employer",
        "",
        "INSERT INTO employer VALUES (gen_random_uuid(), 0, NULL) RETURNING '', '', ''",
    ),
    (
        "demand",
        "orders",
        "job_order",
        "state",
        "UPDATE job_order SET state = 'WITHDRAWN' WHERE id = (SELECT min(id::text)::uuid FROM job_order WHERE state = 'OPEN')
         RETURNING '*-' || destination, season_code, 'OPEN'",
    ),
    (
        "demand",
        "lines",
        "job_order",
        "lines",
        "UPDATE job_order SET lines = lines + 1 WHERE id = (SELECT min(id::text)::uuid FROM job_order)
         RETURNING '*-' || destination, season_code, state",
    ),
    (
        "demand",
        "seats_posted",
        "job_order",
        "seats",
        "UPDATE job_order SET seats = seats - 1 WHERE id = (SELECT min(id::text)::uuid FROM job_order WHERE state = 'OPEN')
         RETURNING '*-' || destination, season_code, ''",
    ),
    (
        "demand",
        "seats_asked",
        "job_order",
        "season_code",
        "UPDATE job_order SET season_code = '2099' WHERE id = (SELECT min(id::text)::uuid FROM job_order WHERE seats_asked > 0)
         RETURNING '*-' || destination, '2099', ''",
    ),
    (
        "demand",
        "orders",
        "job_order",
        "destination",
        "UPDATE job_order SET destination = 'ZZ' WHERE id = (SELECT min(id::text)::uuid FROM job_order)
         RETURNING '*-' || destination, season_code, state",
    ),
    (
        "demand",
        "seats_asked",
        "job_order",
        "seats_asked",
        "UPDATE job_order SET seats_asked = seats_asked + 1 WHERE id = (SELECT min(id::text)::uuid FROM job_order)
         RETURNING '*-' || destination, season_code, ''",
    ),
    (
        "candidate",
        "candidates",
        "candidate",
        "state",
        "UPDATE candidate SET state = 'BARRED' WHERE id = (SELECT min(id::text)::uuid FROM candidate WHERE state = 'ROSTERED')
         RETURNING origin || '-*', '', 'ROSTERED'",
    ),
    (
        "candidate",
        "seasons_returned",
        "candidate",
        "seasons_returned",
        "UPDATE candidate SET seasons_returned = seasons_returned + 1 WHERE id = (SELECT min(id::text)::uuid FROM candidate)
         RETURNING origin || '-*', '', ''",
    ),
    (
        "candidate",
        "candidates",
        "candidate",
        "origin",
        "UPDATE candidate SET origin = 'ZZ' WHERE id = (SELECT min(id::text)::uuid FROM candidate)
         RETURNING origin || '-*', '', state",
    ),
    (
        "candidate",
        "candidates_by_ministry",
        "candidate",
        "organisation_id",
        "UPDATE candidate SET organisation_id = gen_random_uuid() WHERE id = (SELECT min(id::text)::uuid FROM candidate)
         RETURNING origin || '-*', '', organisation_id::text",
    ),
    (
        "candidate",
        "rostered",
        "candidate",
        "destinations",
        "UPDATE candidate SET destinations = 'ZZ' WHERE id = (SELECT min(id::text)::uuid FROM candidate WHERE state = 'ROSTERED')
         RETURNING origin || '-*', '', destinations",
    ),
    (
        "matching",
        "rounds",
        "round",
        "state",
        "UPDATE round SET state = 'DISCARDED' WHERE id = (SELECT min(id::text)::uuid FROM round WHERE state = 'PUBLISHED')
         RETURNING '*-' || destination, season_code, 'PUBLISHED'",
    ),
    (
        "matching",
        "proposals",
        "line_proposal",
        "shares",
        "UPDATE line_proposal SET shares = jsonb_set(shares, '{0,proposals}', to_jsonb((shares #>> '{0,proposals}')::int + 1))
         WHERE id = (SELECT min(id) FROM line_proposal WHERE shares <> '[]')
         RETURNING shares #>> '{0,corridor}', season_code, ''",
    ),
    (
        "matching",
        "reserves",
        "line_proposal",
        "shares",
        "UPDATE line_proposal SET shares = jsonb_set(shares, '{0,reserves}', to_jsonb((shares #>> '{0,reserves}')::int + 1))
         WHERE id = (SELECT max(id) FROM line_proposal WHERE shares <> '[]')
         RETURNING shares #>> '{0,corridor}', season_code, ''",
    ),
    (
        "matching",
        "rounds",
        "round",
        "destination",
        "UPDATE round SET destination = 'ZZ' WHERE id = (SELECT min(id::text)::uuid FROM round WHERE state = 'PUBLISHED')
         RETURNING '*-' || destination, season_code, state",
    ),
    (
        "matching",
        "rounds",
        "round",
        "season_code",
        "UPDATE round SET season_code = '2099' WHERE id = (SELECT min(id::text)::uuid FROM round WHERE state = 'PUBLISHED')
         RETURNING '*-' || destination, season_code, state",
    ),
    (
        "matching",
        "proposals",
        "line_proposal",
        "season_code",
        "UPDATE line_proposal SET season_code = '2099' WHERE id = (SELECT min(id) FROM line_proposal WHERE (shares #>> '{0,proposals}')::int > 0)
         RETURNING shares #>> '{0,corridor}', season_code, ''",
    ),
    (
        "placement",
        "placements",
        "placement",
        "corridor_code",
        "UPDATE placement SET corridor_code = 'ZZ-ES' WHERE id = (SELECT min(id::text)::uuid FROM placement)
         RETURNING corridor_code, season_code, stage",
    ),
    (
        "placement",
        "placements",
        "placement",
        "stage",
        "UPDATE placement SET stage = 'PROPOSED' WHERE id = (SELECT min(id::text)::uuid FROM placement WHERE stage = 'CANCELLED')
         RETURNING corridor_code, season_code, 'CANCELLED'",
    ),
    (
        "placement",
        "one_sided",
        "placement",
        "one_sided",
        "UPDATE placement SET one_sided = NOT one_sided WHERE id = (SELECT min(id::text)::uuid FROM placement)
         RETURNING corridor_code, season_code, stage",
    ),
    (
        "placement",
        "seats_posted",
        "line",
        "posted",
        "UPDATE line SET posted = posted + 1 WHERE id = (SELECT min(id::text)::uuid FROM line WHERE state <> 'PENDING')
         RETURNING corridor_code, season_code, ''",
    ),
    (
        "placement",
        "seats_held",
        "line",
        "held",
        "UPDATE line SET held = held + 1 WHERE id = (SELECT min(id::text)::uuid FROM line WHERE state <> 'PENDING')
         RETURNING corridor_code, season_code, ''",
    ),
    (
        "placement",
        "seats_taken",
        "line",
        "taken",
        "UPDATE line SET taken = taken + 1 WHERE id = (SELECT min(id::text)::uuid FROM line WHERE state <> 'PENDING')
         RETURNING corridor_code, season_code, ''",
    ),
    (
        "placement",
        "seats_promised",
        "line",
        "promised",
        "UPDATE line SET promised = promised + 1 WHERE id = (SELECT min(id::text)::uuid FROM line WHERE state <> 'PENDING')
         RETURNING corridor_code, season_code, ''",
    ),
    (
        "placement",
        "units",
        "line",
        "shares",
        "UPDATE line SET shares = jsonb_set(shares, '{0,units}', to_jsonb((shares #>> '{0,units}')::int + 1))
         WHERE id = (SELECT min(id::text)::uuid FROM line WHERE shares <> '[]')
         RETURNING shares #>> '{0,corridor}', season_code, ''",
    ),
    (
        "placement",
        "units_held",
        "line",
        "shares",
        "UPDATE line SET shares = jsonb_set(shares, '{0,held}', to_jsonb((shares #>> '{0,held}')::int + 1))
         WHERE id = (SELECT min(id::text)::uuid FROM line WHERE shares <> '[]')
         RETURNING shares #>> '{0,corridor}', season_code, ''",
    ),
    (
        "placement",
        "units_used",
        "line",
        "shares",
        "UPDATE line SET shares = jsonb_set(shares, '{0,used}', to_jsonb((shares #>> '{0,used}')::int + 1))
         WHERE id = (SELECT min(id::text)::uuid FROM line WHERE shares <> '[]')
         RETURNING shares #>> '{0,corridor}', season_code, ''",
    ),
    (
        "placement",
        "quota_cap",
        "quota_use",
        "cap",
        "UPDATE quota_use SET cap = cap - 1 WHERE corridor_code = 'CO-ES' RETURNING corridor_code, season_code, ''",
    ),
    (
        "placement",
        "quota_allotted",
        "quota_use",
        "allotted",
        "UPDATE quota_use SET allotted = allotted + 1 WHERE corridor_code = 'GT-CA' RETURNING corridor_code, season_code, ''",
    ),
    (
        "placement",
        "season_records",
        "season_record",
        "corridor_code season_code return",
        "INSERT INTO season_record VALUES ('false', 0, NULL, 'CO-ES', '2026', 'VERIFIED') RETURNING corridor_code, season_code, return",
    ),
    (
        "placement",
        "proposal_refusals",
        "proposal_refusal",
        "corridor_code season_code reason",
        "INSERT INTO proposal_refusal VALUES ('false', 0, 'CO-ES', '2026', 'NO_ROOM') RETURNING corridor_code, season_code, reason",
    ),
    (
        "placement",
        "placements",
        "placement",
        "season_code",
        "UPDATE placement SET season_code = '2099' WHERE id = (SELECT min(id::text)::uuid FROM placement)
         RETURNING corridor_code, season_code, stage",
    ),
    (
        "placement",
        "placements_by_ministry",
        "placement",
        "ministry_id",
        "UPDATE placement SET ministry_id = gen_random_uuid() WHERE id = (SELECT min(id::text)::uuid FROM placement)
         RETURNING corridor_code, season_code, ministry_id::text",
    ),
    (
        "placement",
        "placements_by_union",
        "placement",
        "union_id",
        "UPDATE placement SET union_id = gen_random_uuid() WHERE id = (SELECT min(id::text)::uuid FROM placement)
         RETURNING corridor_code, season_code, union_id::text",
    ),
    (
        "placement",
        "sources",
        "placement",
        "source",
        "UPDATE placement SET source = 'RESCUE' WHERE id = (SELECT min(id::text)::uuid FROM placement WHERE source <> 'RESCUE')
         RETURNING corridor_code, season_code, source",
    ),
    (
        "placement",
        "steps",
        "placement",
        "step",
        "UPDATE placement SET step = 12 WHERE id = (SELECT min(id::text)::uuid FROM placement WHERE step <> 12)
         RETURNING corridor_code, season_code, 'DEPARTED'",
    ),
    (
        "placement",
        "dropped",
        "placement",
        "dropped",
        "UPDATE placement SET dropped = false WHERE id = (SELECT min(id::text)::uuid FROM placement WHERE dropped)
         RETURNING corridor_code, season_code, concat_ws(' ', step_name(step), reason)",
    ),
    (
        "placement",
        "dropped",
        "placement",
        "reason",
        "UPDATE placement SET reason = 'FALSE' WHERE id = (SELECT min(id::text)::uuid FROM placement WHERE dropped)
         RETURNING corridor_code, season_code, concat_ws(' ', step_name(step), reason)",
    ),
    (
        "placement",
        "since",
        "placement",
        "since",
        "UPDATE placement SET since = '2031-01-01' WHERE id = (SELECT min(id::text)::uuid FROM placement)
         RETURNING corridor_code, season_code, '2031-01-01'",
    ),
    (
        "placement",
        "due",
        "placement",
        "due_on",
        "UPDATE placement SET due_on = '2031-01-01' WHERE id = (SELECT min(id::text)::uuid FROM placement WHERE stage <> 'RECOMMENDED')
         RETURNING corridor_code, season_code, '2031-01-01'",
    ),
    (
        "placement",
        "clocks",
        "placement",
        "clocks",
        r#"UPDATE placement SET clocks = clocks || '[{"name": "C-ZZ", "due_on": "2031-01-01", "waits_for": "nobody"}]' WHERE id = (SELECT min(id::text)::uuid FROM placement)
         RETURNING corridor_code, season_code, 'C-ZZ nobody'"#,
    ),
    (
        "placement",
        "clocks_due",
        "placement",
        "clocks",
        r#"UPDATE placement SET clocks = clocks || '[{"name": "C-ZZ", "due_on": "2031-01-01", "waits_for": "nobody"}]' WHERE id = (SELECT min(id::text)::uuid FROM placement)
         RETURNING corridor_code, season_code, '2031-01-01'"#,
    ),
    (
        "placement",
        "lines",
        "line",
        "corridor_code",
        "UPDATE line SET corridor_code = 'ZZ-ES' WHERE id = (SELECT min(id::text)::uuid FROM line WHERE state <> 'PENDING')
         RETURNING corridor_code, season_code, state",
    ),
    (
        "placement",
        "lines",
        "line",
        "season_code",
        "UPDATE line SET season_code = '2099' WHERE id = (SELECT min(id::text)::uuid FROM line WHERE state <> 'PENDING')
         RETURNING corridor_code, season_code, state",
    ),
    (
        "placement",
        "lines",
        "line",
        "state",
        "UPDATE line SET state = CASE state WHEN 'OPEN' THEN 'CLOSED' ELSE 'OPEN' END WHERE id = (SELECT min(id::text)::uuid FROM line WHERE state <> 'PENDING')
         RETURNING corridor_code, season_code, state",
    ),
    (
        "placement",
        "lines_by_union",
        "line",
        "organisation_id",
        "UPDATE line SET organisation_id = gen_random_uuid() WHERE id = (SELECT min(id::text)::uuid FROM line WHERE state <> 'PENDING')
         RETURNING corridor_code, season_code, organisation_id::text",
    ),
    (
        "placement",
        "quota_cap",
        "quota_use",
        "corridor_code",
        "UPDATE quota_use SET corridor_code = 'ZZ-ES' WHERE corridor_code = 'CO-ES'
         RETURNING corridor_code, season_code, ''",
    ),
    (
        "placement",
        "quota_cap",
        "quota_use",
        "season_code",
        "UPDATE quota_use SET season_code = '2099' WHERE corridor_code = 'CO-ES'
         RETURNING corridor_code, season_code, ''",
    ),
    (
        "placement",
        "as_of",
        "calendar",
        "as_of",
        "UPDATE calendar SET as_of = as_of + 1 WHERE true
         RETURNING '', '', as_of::text",
    ),
];
