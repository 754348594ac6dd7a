//! Writes what a desk decided: one statement per table, whatever the number of moves, and the facts into the outbox.

use chrono::NaiveDate;
use platform::{Clock, Error, outbox};
use proto::{
    ids::{PlacementId, QuotaId},
    placement::{
        LineState, PlacementEnvelope, SeasonRecord, SeasonRecordEvent, SeasonRecordWritten,
        placement_envelope::Aggregate, season_record_event,
    },
};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use crate::{
    counted::{Counted, Running, counted, running, source},
    desk::Desk,
    ledger::{Book, Entry, Line},
    moves::LineChange,
    placement::{Hold, Placement},
    sides, veil, view,
};

/// Saves a desk, and appends its facts to the outbox.
///
/// # Errors
/// As of [`write()`].
pub async fn save(tx: &mut PgConnection, clock: &Clock, desk: &mut Desk<'_>) -> Result<(), Error> {
    let events = write(tx, clock, desk).await?;
    outbox::append(tx, clock, &events).await
}

/// Saves a desk and answers its facts, for who appends them to the outbox in the same transaction. Lines and quotas that changed
/// get one version each.
///
/// # Errors
/// If a constraint of last resort does not hold, or the database is gone.
pub async fn write(tx: &mut PgConnection, clock: &Clock, desk: &mut Desk<'_>) -> Result<Vec<PlacementEnvelope>, Error> {
    let mut events = std::mem::take(&mut desk.events);
    for id in &desk.book.changed_lines {
        let line = desk.book.lines.get_mut(id).expect("a changed line is on the desk");
        line.version += 1;
        // One fact per transaction: the end of the line above all, then what it was moved by.
        let change = match (line.state, desk.book.line_facts.get(id)) {
            (LineState::Closed, _) => LineChange::Closed,
            (_, Some(change)) => *change,
            _ if desk.book.sized_lines.contains(id) => LineChange::Sized,
            _ => LineChange::LedgerMoved,
        };
        events.push(view::line_event(line, change, desk.book.reopened.get(id)));
    }
    for id in &desk.book.changed_quotas {
        let quota = desk.book.quotas.get_mut(id).expect("a changed quota is on the desk");
        quota.version += 1;
        events.push(view::quota_event(quota, false));
    }
    save_lines(tx, &desk.book).await?;
    save_quotas(tx, &desk.book).await?;
    let changed: Vec<&Placement> = desk.changed.iter().map(|id| &desk.placements[id]).collect();
    save_placements(tx, &changed).await?;
    let moved: Vec<&Placement> = desk.moved_holds.iter().map(|id| &desk.placements[id]).collect();
    save_holds(tx, &moved).await?;
    save_occupancy(tx, &moved).await?;
    save_entries(tx, clock, &desk.book.entries).await?;
    save_calls(tx, clock, &desk.book).await?;
    save_records(tx, &desk.records).await?;
    events.extend(desk.records.drain(..).map(|record| {
        let change = season_record_event::Change::Written(SeasonRecordWritten {});
        view::envelope(Aggregate::SeasonRecord(SeasonRecordEvent { state: Some(record), change: Some(change) }))
    }));
    Ok(events)
}

async fn save_lines(tx: &mut PgConnection, book: &Book) -> Result<(), sqlx::Error> {
    let lines: Vec<&Line> = book.changed_lines.iter().map(|id| &book.lines[id]).collect();
    if lines.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = lines.iter().map(|line| line.id.0).collect();
    let number = |of: fn(&Line) -> i32| lines.iter().map(|line| of(line)).collect::<Vec<i32>>();
    let state: Vec<i16> = lines.iter().map(|line| line.state as i16).collect();
    let corridors: Vec<String> = lines.iter().map(|line| line.corridor()).collect();
    let several: Vec<bool> = lines.iter().map(|line| line.several).collect();
    let withdrawn: Vec<bool> = lines.iter().map(|line| line.withdrawn).collect();
    let versions: Vec<i64> = lines.iter().map(|line| line.version).collect();
    sqlx::query!(
        "UPDATE line SET state = n.state, posted = n.posted, held = n.held, taken = n.taken, promised = n.promised,
                units = n.units, shortfall = n.shortfall, corridor = n.corridor, several = n.several,
                withdrawn = n.withdrawn, version = n.version
         FROM unnest($1::uuid[], $2::smallint[], $3::int[], $4::int[], $5::int[], $6::int[], $7::int[], $8::int[],
                     $9::text[], $10::bool[], $11::bool[], $12::bigint[])
              AS n (id, state, posted, held, taken, promised, units, shortfall, corridor, several, withdrawn, version)
         WHERE line.id = n.id",
        &ids,
        &state,
        &number(|line| line.posted),
        &number(|line| line.held),
        &number(|line| line.taken),
        &number(|line| line.promised),
        &number(Line::units),
        &number(|line| line.shortfall),
        &corridors,
        &several,
        &withdrawn,
        &versions
    )
    .execute(&mut *tx)
    .await?;
    save_shares(tx, &lines).await
}

async fn save_shares(tx: &mut PgConnection, lines: &[&Line]) -> Result<(), sqlx::Error> {
    let shares: Vec<_> = lines.iter().flat_map(|line| line.shares.iter().map(|share| (line.id, share))).collect();
    let line_ids: Vec<Uuid> = shares.iter().map(|(id, _)| id.0).collect();
    let quota_ids: Vec<Uuid> = shares.iter().map(|(_, share)| share.quota_id.0).collect();
    let corridors: Vec<String> = shares.iter().map(|(_, share)| share.corridor.clone()).collect();
    let units: Vec<i32> = shares.iter().map(|(_, share)| share.units).collect();
    let held: Vec<i32> = shares.iter().map(|(_, share)| share.units_held).collect();
    let used: Vec<i32> = shares.iter().map(|(_, share)| share.units_used).collect();
    sqlx::query!(
        "INSERT INTO line_share (line_id, quota_id, corridor_code, units, units_held, units_used)
         SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::int[], $6::int[])
         ON CONFLICT (line_id, quota_id) DO UPDATE
         SET units = excluded.units, units_held = excluded.units_held, units_used = excluded.units_used",
        &line_ids,
        &quota_ids,
        &corridors,
        &units,
        &held,
        &used
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn save_quotas(tx: &mut PgConnection, book: &Book) -> Result<(), sqlx::Error> {
    let quotas: Vec<_> = book.changed_quotas.iter().map(|id| &book.quotas[id]).collect();
    if quotas.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = quotas.iter().map(|quota| quota.id.0).collect();
    let allotted: Vec<i32> = quotas.iter().map(|quota| quota.allotted).collect();
    let versions: Vec<i64> = quotas.iter().map(|quota| quota.version).collect();
    // Only what is given back moves the cap: whoever takes past it is refused by the row itself.
    sqlx::query!(
        "UPDATE quota SET allotted = n.allotted,
                cap = CASE WHEN n.allotted > quota.allotted THEN cap ELSE greatest(wanted, n.allotted) END,
                shortfall = greatest(n.allotted - wanted, 0), version = n.version
         FROM unnest($1::uuid[], $2::int[], $3::bigint[]) AS n (id, allotted, version) WHERE quota.id = n.id",
        &ids,
        &allotted,
        &versions
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn save_placements(tx: &mut PgConnection, changed: &[&Placement]) -> Result<(), Error> {
    if changed.is_empty() {
        return Ok(());
    }
    let ids = |of: fn(&Placement) -> Uuid| changed.iter().map(|p| of(p)).collect::<Vec<Uuid>>();
    let texts = |of: fn(&Placement) -> String| changed.iter().map(|p| of(p)).collect::<Vec<String>>();
    let dates = |of: fn(&Placement) -> Option<NaiveDate>| changed.iter().map(|p| of(p)).collect::<Vec<_>>();
    let versions: Vec<i64> = changed.iter().map(|p| p.version).collect();
    let stages: Vec<i16> = changed.iter().map(|p| p.stage as i16).collect();
    let ranks: Vec<i32> = changed.iter().map(|p| p.rank).collect();
    let one_sided: Vec<bool> = changed.iter().copied().map(sides::is_one_sided).collect();
    let covered: Vec<bool> = changed.iter().map(|p| veil::is_hidden(p.case.as_ref())).collect();
    let clocks: Vec<Json<Vec<Running<'_>>>> = changed.iter().map(|p| Json(running(p))).collect();
    let counted: Vec<Counted> = changed.iter().map(|p| counted(p)).collect();
    let steps: Vec<Option<&str>> = counted.iter().map(|counted| counted.step).collect();
    let since: Vec<Option<NaiveDate>> = counted.iter().map(|counted| counted.since).collect();
    let dropped: Vec<Option<&str>> = counted.iter().map(|counted| counted.dropped.as_deref()).collect();
    let facts = changed.iter().map(serde_json::to_string).collect::<Result<Vec<String>, _>>();
    let facts = facts.map_err(|error| Error::Internal(error.to_string()))?;
    sqlx::query!(
        "INSERT INTO placement (id, version, stage, candidate_id, ministry_id, union_id, line_id, order_id, quota_id,
                corridor_code, season_code, reserve_rank, source, seat, unit, next_due, next_fire, one_sided, covered, clocks,
                step, since, dropped, facts)
         SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::smallint[], $4::uuid[], $5::uuid[], $6::uuid[], $7::uuid[],
                $8::uuid[], $9::uuid[], $10::text[], $11::text[], $12::int[], $13::text[], $14::text[], $15::text[],
                $16::date[], $17::date[], $18::bool[], $19::bool[], $20::jsonb[], $21::text[], $22::date[], $23::text[],
                $24::text[])
         ON CONFLICT (id) DO UPDATE
         SET version = excluded.version, stage = excluded.stage, source = excluded.source, seat = excluded.seat, unit = excluded.unit,
             next_due = excluded.next_due, next_fire = excluded.next_fire, covered = excluded.covered, clocks = excluded.clocks,
             step = excluded.step, since = excluded.since, dropped = excluded.dropped, facts = excluded.facts,
             one_sided = CASE WHEN excluded.version > placement.version THEN excluded.one_sided ELSE placement.one_sided END",
        &ids(|p| p.id.0),
        &versions,
        &stages,
        &ids(|p| p.candidate_id.0),
        &ids(|p| p.ministry_id.0),
        &ids(|p| p.union_id.0),
        &ids(|p| p.line_id.0),
        &ids(|p| p.order_id.0),
        &ids(|p| p.quota_id.0),
        &texts(|p| p.corridor.clone()),
        &texts(|p| p.season.clone()),
        &ranks,
        &texts(|p| source(p.source).to_owned()),
        &texts(|p| status(p.seat)),
        &texts(|p| status(p.unit)),
        &dates(Placement::next_due) as &[Option<NaiveDate>],
        &dates(Placement::next_fire) as &[Option<NaiveDate>],
        &one_sided,
        &covered,
        &clocks as _,
        &steps as &[Option<&str>],
        &since as &[Option<NaiveDate>],
        &dropped as &[Option<&str>],
        &facts
    )
    .execute(tx)
    .await?;
    Ok(())
}

fn status(hold: Option<Hold>) -> String {
    match hold {
        None => "-".to_owned(),
        Some(hold) if hold.vacated_on.is_some() => "VACATED".to_owned(),
        Some(hold) => hold.status.as_str().to_owned(),
    }
}

async fn save_holds(tx: &mut PgConnection, moved: &[&Placement]) -> Result<(), sqlx::Error> {
    let holds: Vec<(&Placement, &str, Hold)> = moved
        .iter()
        .flat_map(|p| [p.seat.map(|hold| (*p, "SEAT", hold)), p.unit.map(|hold| (*p, "UNIT", hold))])
        .flatten()
        .collect();
    if holds.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = holds.iter().map(|(_, _, hold)| hold.id).collect();
    let placements: Vec<Uuid> = holds.iter().map(|(p, _, _)| p.id.0).collect();
    let lines: Vec<Uuid> = holds.iter().map(|(p, _, _)| p.line_id.0).collect();
    let ledgers: Vec<String> = holds.iter().map(|(_, ledger, _)| (*ledger).to_owned()).collect();
    let statuses: Vec<String> = holds.iter().map(|(_, _, hold)| hold.status.as_str().to_owned()).collect();
    let vacated: Vec<Option<NaiveDate>> = holds.iter().map(|(_, _, hold)| hold.vacated_on).collect();
    sqlx::query!(
        "INSERT INTO hold (id, placement_id, line_id, ledger, status, vacated_on)
         SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::date[])
         ON CONFLICT (id) DO UPDATE SET status = excluded.status, vacated_on = excluded.vacated_on",
        &ids,
        &placements,
        &lines,
        &ledgers,
        &statuses,
        &vacated as &[Option<NaiveDate>]
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn save_occupancy(tx: &mut PgConnection, moved: &[&Placement]) -> Result<(), sqlx::Error> {
    let taken: Vec<_> = moved.iter().filter_map(|p| p.period.map(|period| (p, period))).collect();
    if taken.is_empty() {
        return Ok(());
    }
    let placements: Vec<Uuid> = taken.iter().map(|(p, _)| p.id.0).collect();
    let candidates: Vec<Uuid> = taken.iter().map(|(p, _)| p.candidate_id.0).collect();
    let from: Vec<NaiveDate> = taken.iter().map(|(_, period)| period.from).collect();
    let until: Vec<NaiveDate> = taken.iter().map(|(_, period)| period.until).collect();
    let statuses: Vec<String> = taken.iter().map(|(_, period)| period.status.as_str().to_owned()).collect();
    sqlx::query!(
        "INSERT INTO occupancy (placement_id, candidate_id, during, status)
         SELECT n.placement_id, n.candidate_id, daterange(n.from_day, n.until_day), n.status
         FROM unnest($1::uuid[], $2::uuid[], $3::date[], $4::date[], $5::text[])
              AS n (placement_id, candidate_id, from_day, until_day, status)
         -- What is given back goes first: its days may be what another row takes.
         ORDER BY n.status <> 'RELEASED'
         ON CONFLICT (placement_id) DO UPDATE SET during = excluded.during, status = excluded.status",
        &placements,
        &candidates,
        &from,
        &until,
        &statuses
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn save_entries(tx: &mut PgConnection, clock: &Clock, entries: &[Entry]) -> Result<(), sqlx::Error> {
    if entries.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = entries.iter().map(|_| clock.id()).collect();
    let holds: Vec<Option<Uuid>> = entries.iter().map(|entry| entry.hold_id).collect();
    let lines: Vec<Uuid> = entries.iter().map(|entry| entry.line_id.0).collect();
    let quotas: Vec<Option<QuotaId>> = entries.iter().map(|entry| entry.quota_id).collect();
    let debits: Vec<String> = entries.iter().map(|entry| entry.debit.to_owned()).collect();
    let credits: Vec<String> = entries.iter().map(|entry| entry.credit.to_owned()).collect();
    let units: Vec<i32> = entries.iter().map(|entry| entry.units).collect();
    let placements: Vec<Option<PlacementId>> = entries.iter().map(|entry| entry.placement.map(|(id, _)| id)).collect();
    let versions: Vec<Option<i64>> = entries.iter().map(|entry| entry.placement.map(|(_, version)| version)).collect();
    sqlx::query!(
        "INSERT INTO entry (id, hold_id, line_id, quota_id, debit, credit, units, placement_id, version)
         SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::int[],
                              $8::uuid[], $9::bigint[])",
        &ids,
        &holds as &[Option<Uuid>],
        &lines,
        &quotas as &[Option<QuotaId>],
        &debits,
        &credits,
        &units,
        &placements as &[Option<PlacementId>],
        &versions as &[Option<i64>]
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn save_calls(tx: &mut PgConnection, clock: &Clock, book: &Book) -> Result<(), sqlx::Error> {
    if book.calls.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = book.calls.iter().map(|_| clock.id()).collect();
    let lines: Vec<Uuid> = book.calls.iter().map(|call| call.line_id.0).collect();
    let replaces: Vec<Option<PlacementId>> = book.calls.iter().map(|call| call.replaces).collect();
    let on: Vec<NaiveDate> = book.calls.iter().map(|call| call.on).collect();
    sqlx::query!(
        "INSERT INTO reserve_call (id, line_id, replaces, called_on)
         SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::date[])",
        &ids,
        &lines,
        &replaces as &[Option<PlacementId>],
        &on
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// One move may write a record, and the next of the same batch its next edition.
async fn save_records(tx: &mut PgConnection, records: &[SeasonRecord]) -> Result<(), sqlx::Error> {
    if records.is_empty() {
        return Ok(());
    }
    let texts = |of: fn(&SeasonRecord) -> &String| records.iter().map(|r| of(r).clone()).collect::<Vec<String>>();
    let versions: Vec<i64> = records.iter().map(|record| record.version).collect();
    sqlx::query!(
        "INSERT INTO season_record
             (id, placement_id, candidate_id, ministry_id, corridor_code, season_code, return_word, version)
         SELECT DISTINCT ON (n.id) n.id::uuid, n.placement_id::uuid, n.candidate_id::uuid, n.ministry_id::uuid, n.corridor_code,
                n.season_code, n.return_word, n.version
         FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[])
              AS n (id, placement_id, candidate_id, ministry_id, corridor_code, season_code, return_word, version)
         ORDER BY n.id, n.version DESC
         ON CONFLICT (id) DO UPDATE SET version = excluded.version",
        &texts(|r| &r.id),
        &texts(|r| &r.placement_id),
        &texts(|r| &r.candidate_id),
        &texts(|r| &r.ministry_id),
        &texts(|r| &r.corridor_code),
        &texts(|r| &r.season_code),
        &texts(|r| &r.r#return),
        &versions
    )
    .execute(tx)
    .await?;
    Ok(())
}
