//! What comes in: orders of the unions and of the real feed, candidate batches of the ministries.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use demand::generate::Postings;
use proto::{
    demand::{BatchApproveJobOrdersRequest, JobOrder, PostJobOrderRequest, RegisterEmployerRequest},
    placement::OpenLinesRequest,
};
use sha2::{Digest, Sha256};

use super::{Cast, Progress, Script};
use crate::{
    cast,
    client::refusal,
    commands::import::{Door, Room, read, summary},
    output::{bar, number, spinner},
};

/// A batch: origin, filing date, and its share of all candidates, per mille.
const BATCHES: [(&str, &str, usize); 8] = [
    ("CO", "2025-11-03", 260),
    ("GT", "2025-11-03", 200),
    ("GH", "2025-11-03", 12),
    ("NG", "2025-11-03", 9),
    ("SN", "2025-11-03", 14),
    ("MX", "2016-08-01", 350),
    ("GT", "2016-08-01", 90),
    ("CO", "2016-08-01", 65),
];
/// Candidates in one file at most.
const BATCH_MAX: usize = 5_000;

/// Posts the founding corridors' orders, imports the feed, approves, opens the lines.
pub(crate) async fn orders(cast: &Cast<'_>, kept: &Progress) -> anyhow::Result<()> {
    let script = &kept.script;
    let founding = demand::generate::season(script.seed, 2026, script.size.founding_scale);
    post(cast, kept, founding).await?;
    let rows = feed(script)?;
    let door = Door { session: cast.sign_in("union-us")?, room: Room::Demand, layout: "oflc-h2a-fy2017".to_owned() };
    let parameters = HashMap::from([("season".to_owned(), "2017".to_owned())]);
    let progress = bar("");
    let request_id = kept.request_id("import/h2a_fy2017.csv");
    let checked = door.go_on(request_id, ("h2a_fy2017.csv", rows), parameters, &progress).await?;
    let import = door.register(checked, &progress).await?;
    progress.finish_and_clear();
    eprintln!("  {}", summary(&import).replace('\n', "\n  "));
    cast.house.settle().await?;
    for (season, destination, on) in [
        ("2026", "ES", "2025-11-10"),
        ("2026", "CA", "2025-11-10"),
        ("2026", "IT", "2025-11-10"),
        ("2017", "US", "2016-08-10"),
    ] {
        open_lines((cast, kept), (season, destination), on).await?;
    }
    Ok(())
}

async fn post(cast: &Cast<'_>, kept: &Progress, postings: Vec<Postings>) -> anyhow::Result<()> {
    let progress = bar("posting union orders");
    progress.set_length(postings.iter().map(|posting| posting.orders.len() as u64).sum());
    let (mut ids, mut seats) = (Vec::new(), 0);
    for (at, posting) in postings.into_iter().enumerate() {
        let mut demand = cast.sign_in(cast::organisation(posting.union).user)?.demand();
        let employer =
            RegisterEmployerRequest { request_id: kept.request_id(&format!("employer/{at}")), ..posting.employer };
        let employer = demand.register_employer(employer).await.map_err(|status| refusal(&status))?.into_inner();
        for order in posting.orders {
            seats += order.lines.iter().map(|line| i64::from(line.seats)).sum::<i64>();
            let order = JobOrder { employer_id: employer.id.clone(), ..order };
            let request_id = kept.request_id(&format!("order/{}", ids.len()));
            let request = PostJobOrderRequest { order: Some(order), request_id };
            ids.push(demand.post_job_order(request).await.map_err(|status| refusal(&status))?.into_inner().id);
            progress.inc(1);
        }
    }
    progress.finish_and_clear();
    let refused = approve(cast, kept, &ids).await?;
    eprintln!(
        "  union orders: {} with {} seats, posted; {} approved, {refused} refused",
        number(i64::try_from(ids.len())?),
        number(seats),
        number(i64::try_from(ids.len())? - refused)
    );
    Ok(())
}

/// Answers how many were not approved.
async fn approve(cast: &Cast<'_>, kept: &Progress, ids: &[String]) -> anyhow::Result<i64> {
    let mut operator = cast.sign_in("operator")?.demand();
    let mut count = 0;
    let progress = bar("approving union orders");
    progress.set_length(ids.len() as u64);
    for (at, ids) in ids.chunks(1000).enumerate() {
        let request = BatchApproveJobOrdersRequest {
            order_ids: ids.to_vec(),
            decided_on: "2025-11-07".to_owned(),
            request_id: kept.request_id(&format!("approval/{at}")),
        };
        let answer = operator.batch_approve_job_orders(request).await.map_err(|status| refusal(&status))?.into_inner();
        for refused in answer.results.iter().filter_map(|result| result.refusal.as_ref()) {
            count += 1;
            progress.suspend(|| eprintln!("  not approved: {} ({})", refused.message, refused.reason));
        }
        progress.inc(ids.len() as u64);
    }
    progress.finish_and_clear();
    Ok(count)
}

/// The feed's file, or a part of it in whole cases: masters with all their farms.
fn feed(script: &Script) -> anyhow::Result<Vec<u8>> {
    let bytes = read(&script.orders)?;
    let Some(wanted) = script.size.order_rows else { return Ok(bytes) };
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let head = reader.headers()?.clone();
    let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>()?;
    let mut cases: BTreeMap<Vec<u8>, (&str, usize)> = BTreeMap::new();
    for row in &rows {
        let case = row.get(0).unwrap_or_default();
        let key = Sha256::digest(format!("{}/{case}", script.seed)).to_vec();
        cases.entry(key).or_insert((case, 0)).1 += 1;
    }
    let mut taken = HashSet::new();
    let mut count = 0;
    for (case, rows) in cases.into_values() {
        if count + rows <= wanted {
            taken.insert(case.to_owned());
            count += rows;
        }
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&head)?;
    for row in rows.iter().filter(|row| taken.contains(row.get(0).unwrap_or_default())) {
        writer.write_record(row)?;
    }
    Ok(writer.into_inner()?)
}

async fn open_lines(
    (cast, kept): (&Cast<'_>, &Progress),
    (season, destination): (&str, &str),
    on: &str,
) -> anyhow::Result<()> {
    let mut placement = cast.sign_in("operator")?.placement();
    let mut opened = 0;
    let progress = spinner(&format!("opening lines to {destination}"));
    for call in 0.. {
        let request = OpenLinesRequest {
            season_code: season.to_owned(),
            destination: destination.to_owned(),
            occurred_on: on.to_owned(),
            request_id: kept.request_id(&format!("lines/{season}/{destination}/{call}")),
        };
        let response = placement.open_lines(request).await.map_err(|status| refusal(&status))?.into_inner();
        opened += response.opened;
        progress.set_message(format!("opening lines to {destination}: {}", number(i64::from(opened))));
        if !response.more {
            break;
        }
    }
    progress.finish_and_clear();
    eprintln!("  {} lines to {destination} opened for season {season}", number(i64::from(opened)));
    Ok(())
}

/// Generates the ministries' files, keeps them in the demo's folder, and registers them.
pub(crate) async fn candidates(cast: &Cast<'_>, kept: &Progress) -> anyhow::Result<()> {
    let script = &kept.script;
    let folder = &script.batches;
    std::fs::create_dir_all(folder)?;
    let progress = bar("");
    let (mut read, mut accepted, mut refused) = (0, 0, 0);
    for (index, (origin, filed_on, share)) in BATCHES.into_iter().enumerate() {
        let mut left = (script.size.candidates * share).div_ceil(1000);
        let mut part = 0;
        while left > 0 {
            let count = left.min(BATCH_MAX);
            let spec = candidate::generate::Spec {
                seed: script.seed * 1000 + (index * 100 + part) as u64,
                origin: origin.to_owned(),
                count,
                filing_date: filed_on.parse::<NaiveDate>()?,
                dirt: true,
            };
            let name = format!("{origin}-{filed_on}-{part}.csv");
            progress.set_message(format!("writing {name}"));
            let bytes = candidate::generate::batch(&spec)?;
            std::fs::write(folder.join(&name), &bytes)?;
            let door = Door {
                session: cast.sign_in(cast::ministry(origin).user)?,
                room: Room::Candidate,
                layout: "candidates-v1".to_owned(),
            };
            let parameters = HashMap::from([("as_of".to_owned(), filed_on.to_owned())]);
            let request_id = kept.request_id(&format!("import/{name}"));
            let checked = door.go_on(request_id, (&name, bytes), parameters, &progress).await?;
            let import = door.register(checked, &progress).await?;
            read += import.rows_read;
            accepted += import.rows_accepted;
            refused += import.rows_refused;
            left -= count;
            part += 1;
        }
    }
    progress.finish_and_clear();
    eprintln!(
        "  candidates: {} rows read = {} accepted + {} refused; the files are in {}",
        number(read),
        number(accepted),
        number(refused),
        folder.display()
    );
    Ok(())
}
