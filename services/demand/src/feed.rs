//! The layout `oflc-h2a-fy2017`: job orders of the United States' H-2A programme as the Department of Labor publishes
//! them. A master row (`PRI`) and its farm rows (`SUB`), joined by case number wherever they stand in the file, are one
//! order. Seats are the workers certified; dates are the requested dates of need; a case is judged as of the day it was
//! received, and what it does not keep of the rules is flagged: the work has been done, refusing it would hide it.

mod case;
mod columns;
mod farm;
mod master;
mod said;

use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use import::{File, Finding, Group, Layout, Verdict};
use platform::{Clock, Error, Refused, outbox};
use proto::{
    demand::{DemandEvent, JobOrderImported, job_order_event::Change},
    ids::{EmployerId, OrderId},
};
use sqlx::PgConnection;
use tonic::Code;
use uuid::Uuid;

use self::{
    case::{Case, Judged, Read},
    columns::Said,
};
use crate::{
    message,
    order::{Flag, Order},
    rules::{self, Breach, Pack},
    service::season_unknown,
    store::{self, employer::EmployerRow},
};

/// Name of the layout, and `source` of its orders.
pub const NAME: &str = "oflc-h2a-fy2017";
/// The feed's one destination.
const DESTINATION: &str = "US";
/// Parameter that names the season of the whole file.
const SEASON: &str = "season";

/// The layout.
pub(crate) struct H2a {
    clock: Clock,
}

impl H2a {
    pub(crate) const fn new(clock: Clock) -> Self {
        Self { clock }
    }
}

#[async_trait]
impl Layout for H2a {
    fn name(&self) -> &'static str {
        NAME
    }

    fn columns(&self) -> &'static [&'static str] {
        &columns::NAMES
    }

    async fn judge(&self, tx: &mut PgConnection, file: &File<'_>) -> Result<Vec<Verdict>, Error> {
        let season = season(file)?;
        if store::programme::season(tx, season).await?.is_none() {
            return Err(season_unknown(season, "parameters.season").into());
        }
        let sheet = columns::Sheet::new(file.head);
        let mut cases = case::cases(&sheet, file.rows);
        let packs = store::programme::packs(tx, DESTINATION).await?;
        for case in &mut cases {
            apply_rules(case, &packs);
        }
        flag_known(tx, file.organisation_id, &mut cases).await?;
        let mut verdicts: HashMap<i64, Verdict> = HashMap::with_capacity(file.rows.len());
        for case in cases {
            let group = case.key.to_owned();
            let rows = case.rows();
            verdicts.extend(rows.map(|(row, findings)| (row, Verdict { findings, group: group.clone() })));
        }
        Ok(file.rows.iter().map(|row| verdicts.remove(&row.number).unwrap_or_default()).collect())
    }

    async fn register(&self, tx: &mut PgConnection, file: &File<'_>, groups: &[Group]) -> Result<Vec<String>, Error> {
        let sheet = columns::Sheet::new(file.head);
        let season = season(file)?;
        let packs = store::programme::packs(tx, DESTINATION).await?;
        let mut read: Vec<Read> = Vec::with_capacity(groups.len());
        for group in groups {
            let mut case = Case::of(&sheet, &group.key, &group.rows);
            apply_rules(&mut case, &packs);
            let order = case.into_order().ok_or_else(|| Error::Internal(format!("{} has no master", group.key)))?;
            read.push(order);
        }
        let employers = self.employers(tx, file.organisation_id, &read).await?;
        let orders = read.into_iter().map(|read| {
            let (id, name) = employers[&read.employer.reference].clone();
            let mut order = read.order;
            order.organisation_id = file.organisation_id;
            (order.employer_id, order.employer_name) = (id, name);
            season.clone_into(&mut order.season_code);
            order.take_ids(|| self.clock.id());
            order
        });
        let orders: Vec<Order> = orders.collect();
        self.orders(tx, file, &orders).await
    }
}

impl H2a {
    /// Registers employers that are new; answers id and name of all by their reference.
    async fn employers(
        &self,
        tx: &mut PgConnection,
        organisation_id: Uuid,
        read: &[Read],
    ) -> Result<HashMap<String, (EmployerId, String)>, Error> {
        let mut rows: HashMap<&str, EmployerRow> = HashMap::new();
        for read in read {
            rows.entry(&read.employer.reference).or_insert_with(|| EmployerRow {
                id: EmployerId(self.clock.id()),
                organisation_id,
                ..read.employer.clone()
            });
        }
        let mut rows: Vec<EmployerRow> = rows.into_values().collect();
        // Always in one order, so that two imports at a time wait for each other instead of blocking each other.
        rows.sort_by(|a, b| a.reference.cmp(&b.reference));
        let inserted: HashSet<EmployerId> = store::employer::insert(tx, &rows).await?.into_iter().collect();
        let (fresh, others): (Vec<EmployerRow>, Vec<EmployerRow>) =
            rows.into_iter().partition(|row| inserted.contains(&row.id));
        let events: Vec<DemandEvent> = fresh.iter().map(|row| message::registered(row.message())).collect();
        outbox::append(tx, &self.clock, &events).await?;
        let references: Vec<String> = others.into_iter().map(|row| row.reference).collect();
        let there = store::employer::by_reference(tx, organisation_id, &references).await?;
        Ok(fresh.into_iter().chain(there).map(|row| (row.reference, (row.id, row.name))).collect())
    }

    /// Registers orders that are new; answers the ids of all, in order.
    async fn orders(&self, tx: &mut PgConnection, file: &File<'_>, orders: &[Order]) -> Result<Vec<String>, Error> {
        let inserted: HashSet<OrderId> = store::order::insert(tx, orders).await?.into_iter().collect();
        let (fresh, others): (Vec<&Order>, Vec<&Order>) = orders.iter().partition(|order| inserted.contains(&order.id));
        let change = || Change::Imported(JobOrderImported { import_id: file.import_id.to_string() });
        let events: Vec<DemandEvent> = fresh.iter().map(|order| order.event(change())).collect();
        outbox::append(tx, &self.clock, &events).await?;
        let references: Vec<String> = others.iter().map(|order| order.reference.clone()).collect();
        let there = store::order::known(tx, (file.organisation_id, NAME), &references).await?;
        let mut ids: HashMap<&str, OrderId> =
            fresh.into_iter().map(|order| (order.reference.as_str(), order.id)).collect();
        ids.extend(there.iter().map(|known| (known.reference.as_str(), known.id)));
        orders
            .iter()
            .map(|order| ids.get(order.reference.as_str()).map(OrderId::to_string))
            .collect::<Option<Vec<String>>>()
            .ok_or_else(|| Error::Internal("an order of the feed was not stored".to_owned()))
    }
}

fn season<'f>(file: &'f File<'_>) -> Result<&'f str, Refused> {
    match file.parameters.get(SEASON).map(|season| season.trim()) {
        Some(season) if !season.is_empty() => Ok(season),
        _ => Err(Refused::new(Code::FailedPrecondition, "PARAMETER_MISSING", "the import names no season")
            .at("parameters.season")
            .with("parameter", SEASON)
            .mend("create the import again with the parameter season, such as season=2017")),
    }
}

/// Judges a case by the pack in force on the day it was received. Orders without seats are history and not judged.
fn apply_rules(case: &mut Case<'_>, packs: &[Pack]) {
    let Some(Judged { findings, read: Some(read), .. }) = &mut case.master else { return };
    let Some(pack) = rules::in_force(packs, read.order.filed_on) else { return };
    read.order.rule_pack_id.clone_from(&pack.id);
    if read.order.seats() == 0 {
        return;
    }
    // Only flagged, so the case's own seats are enough: whoever asks for more than the cap in one case says so there.
    for breach in rules::judge(&read.order, pack, 0) {
        read.order.flags.push(Flag::new(&breach.reason, &breach.message));
        findings.push(flagged(breach));
    }
}

fn flagged(breach: Breach) -> Finding {
    let field = breach.place.rsplit('.').next().unwrap_or_default();
    Finding {
        column: columns::of_field(field).to_owned(),
        message: breach.in_full(),
        value: breach.asked,
        code: breach.reason,
        mend: "nothing has to be done: the order is registered and carries this flag".to_owned(),
        refuses: false,
    }
}

/// Says of cases that are registered already whether they came again unchanged.
async fn flag_known(tx: &mut PgConnection, organisation_id: Uuid, cases: &mut [Case<'_>]) -> Result<(), Error> {
    let keys: Vec<String> = cases.iter().map(|case| case.key.to_owned()).collect();
    let known = store::order::known(tx, (organisation_id, NAME), &keys).await?;
    let known: HashMap<String, String> = known.into_iter().map(|known| (known.reference, known.fingerprint)).collect();
    for case in cases {
        let Some(fingerprint) = known.get(case.key) else { continue };
        let Some(Judged { findings, read: Some(read), .. }) = &mut case.master else { continue };
        let (code, message, mend) = if read.order.fingerprint == *fingerprint {
            ("KNO-01", "this case is registered already, with the same content", "nothing has to be done")
        } else {
            (
                "KNO-02",
                "this case is registered already, with other content; what is registered stays as it is",
                "withdraw the order if what is registered is wrong",
            )
        };
        findings.push(columns::finding(columns::Column::Case, case.key, code).says(message, mend));
    }
    Ok(())
}
