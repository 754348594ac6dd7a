use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use platform::{Begun, Error, Principal, Reach, Refused, fault, outbox, page};
use proto::demand::{
    ApproveResult, BatchApproveJobOrdersRequest, BatchApproveJobOrdersResponse, DenyJobOrderRequest, JobOrder,
    JobOrderApproved, JobOrderDenied, JobOrderPosted, JobOrderWithdrawn, ListJobOrdersRequest, ListJobOrdersResponse,
    PostJobOrderRequest, WithdrawJobOrderRequest, job_order_event::Change,
};
use proto::ids::{EmployerId, OrderId};
use sqlx::PgConnection;

use super::{Service, refusals};
use crate::{
    order::{Flag, Misfit, NO_RULE_PACK, Order},
    rules::{self, Pack},
    store::{self, order::Filter, posting::Employer, programme::Season},
};

/// A request to post, and the order as read from it.
pub(crate) struct Posting<'r> {
    pub(crate) request: &'r PostJobOrderRequest,
    pub(crate) order: Order,
}

impl Service {
    /// Posts an order of the caller's organisation: judged by the destination's pack in force on its filing date.
    pub(crate) async fn post_job_order(&self, principal: &Principal, posting: Posting<'_>) -> Result<JobOrder, Error> {
        let Posting { request, mut order } = posting;
        let mut command = match self.begin(principal, ("PostJobOrder", &request.request_id), request).await? {
            Begun::Answered(order) => return Ok(order),
            Begun::New(command) => command,
        };
        let tx = command.tx();
        let facts = store::posting::facts(tx, &order).await?;
        name_employer(&mut order, facts.employer)?;
        must_fit_programme(&order, facts.season, &facts.origins)?;
        match facts.pack {
            Some(pack) => {
                let elsewhere = elsewhere(tx, &order, (&pack, None)).await?;
                judge(&mut order, &pack, elsewhere)?;
            }
            None => order.flags.push(no_rule_pack(&order)),
        }
        order.take_ids(|| self.clock.id());
        if store::order::insert(tx, std::slice::from_ref(&order)).await?.is_empty() {
            return Err(refusals::reference_taken(&order.reference).into());
        }
        let posted = order.event(Change::Posted(JobOrderPosted {}));
        command.finish_with(order.message(), &self.clock, &[posted]).await
    }

    /// Approves orders, each with its own result.
    pub(crate) async fn batch_approve(
        &self,
        principal: &Principal,
        request: &BatchApproveJobOrdersRequest,
        (ids, on): (Vec<Option<OrderId>>, NaiveDate),
    ) -> Result<BatchApproveJobOrdersResponse, Error> {
        let mut command = match self.begin(principal, ("BatchApproveJobOrders", &request.request_id), request).await? {
            Begun::Answered(response) => return Ok(response),
            Begun::New(command) => command,
        };
        let tx = command.tx();
        let wanted: Vec<OrderId> = ids.iter().copied().flatten().collect();
        let mut refused: HashMap<OrderId, Refused> = HashMap::new();
        let mut approved = Vec::new();
        let orders = store::order::lock(tx, &wanted).await?;
        let there: HashSet<OrderId> = orders.iter().map(|order| order.id).collect();
        let packs = packs_of(tx, &orders).await?;
        // All at once: order by order, two batches could each wait for an employer that the other has.
        let capped = orders.iter().filter(|order| pack_for(order, &packs).is_some_and(rules::caps_employers));
        let capped: Vec<EmployerId> = capped.map(|order| order.employer_id).collect();
        store::employer::lock(tx, &capped).await?;
        for mut order in orders {
            let pack = pack_for(&order, &packs);
            let elsewhere = match pack {
                Some(pack) => elsewhere(tx, &order, (pack, Some(order.id))).await?,
                None => 0,
            };
            match approve(&mut order, pack.map(|pack| (pack, elsewhere)), on) {
                Ok(()) => approved.push(order),
                Err(reason) => {
                    refused.insert(order.id, reason);
                }
            }
        }
        store::order::decide(tx, &approved).await?;
        let change = || Change::Approved(JobOrderApproved {});
        let events: Vec<_> = approved.iter().map(|order| order.event(change())).collect();
        outbox::append(tx, &self.clock, &events).await?;
        let result = |(id, sent): (&Option<OrderId>, &String)| {
            let known = id.filter(|id| there.contains(id));
            let refusal = match known {
                Some(id) => refused.get(&id).cloned(),
                None => Some(Refused::not_found("order", sent)),
            };
            ApproveResult { order_id: sent.clone(), refusal: refusal.map(Refused::into_proto) }
        };
        let results = ids.iter().zip(&request.order_ids).map(result).collect();
        command.finish(BatchApproveJobOrdersResponse { results }).await
    }

    /// Denies an order that waits for approval.
    pub(crate) async fn deny(&self, principal: &Principal, request: &DenyJobOrderRequest) -> Result<JobOrder, Error> {
        let mut command = match self.begin(principal, ("DenyJobOrder", &request.request_id), request).await? {
            Begun::Answered(order) => return Ok(order),
            Begun::New(command) => command,
        };
        let reason = request.reason.trim();
        let change = Change::Denied(JobOrderDenied { reason: reason.to_owned() });
        let order =
            self.decide(command.tx(), &request.order_id, (|order: &mut Order| order.deny(reason), change)).await?;
        command.finish(order).await
    }

    /// Takes an order of the caller's organisation back.
    pub(crate) async fn withdraw(
        &self,
        principal: &Principal,
        request: &WithdrawJobOrderRequest,
    ) -> Result<JobOrder, Error> {
        let mut command = match self.begin(principal, ("WithdrawJobOrder", &request.request_id), request).await? {
            Begun::Answered(order) => return Ok(order),
            Begun::New(command) => command,
        };
        let reason = request.reason.trim();
        let change = Change::Withdrawn(JobOrderWithdrawn { reason: reason.to_owned() });
        let order =
            self.decide(command.tx(), &request.order_id, (|order: &mut Order| order.withdraw(reason), change)).await?;
        command.finish(order).await
    }

    async fn decide(
        &self,
        tx: &mut PgConnection,
        order_id: &str,
        (decision, change): (impl FnOnce(&mut Order) -> Result<(), Misfit>, Change),
    ) -> Result<JobOrder, Error> {
        let absent = || Refused::not_found("order", order_id);
        let id = order_id.parse().map_err(|_| absent())?;
        let mut order = store::order::lock(tx, &[id]).await?.pop().ok_or_else(absent)?;
        decision(&mut order).map_err(|misfit| refusals::misfit(&order, misfit))?;
        store::order::decide(tx, std::slice::from_ref(&order)).await?;
        outbox::append(tx, &self.clock, &[order.event(change)]).await?;
        Ok(order.message())
    }

    /// One order in reach.
    pub(crate) async fn get_job_order(&self, principal: &Principal, order_id: &str) -> Result<JobOrder, Error> {
        let absent = || Refused::not_found("order", order_id);
        let id = order_id.parse().map_err(|_| absent())?;
        let everybody = fault::planted("one_query_without_tenant");
        let reach = if everybody { Reach::All(principal.organisation_id) } else { principal.reach() };
        let mut tx = self.database.begin(reach).await?;
        let order = store::order::load(&mut tx, &[id]).await?.pop().ok_or_else(absent)?;
        Ok(order.message())
    }

    /// A page of the orders in reach, newest first.
    pub(crate) async fn list_job_orders(
        &self,
        principal: &Principal,
        request: &ListJobOrdersRequest,
        filter: Filter,
    ) -> Result<ListJobOrdersResponse, Error> {
        let name = format!("orders {filter:?}");
        let (size, after) = (page::size(request.page_size)?, page::after(&name, &request.page_token)?);
        let mut tx = self.database.begin(principal.reach()).await?;
        let mut ids = store::order::list(&mut tx, &filter, after.parse().ok(), size + 1).await?;
        let more = cut(&mut ids, size);
        let next_page_token = match ids.last() {
            Some(last) if more => page::token(&name, &last.to_string()),
            _ => String::new(),
        };
        let orders = store::order::load(&mut tx, &ids).await?;
        Ok(ListJobOrdersResponse { orders: orders.iter().map(Order::message).collect(), next_page_token })
    }
}

/// Cuts the one row that was asked for too many; true if it was there.
pub(super) fn cut<T>(rows: &mut Vec<T>, size: i64) -> bool {
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let more = rows.len() > size;
    rows.truncate(size);
    more
}

/// The employer must be the poster's own and accredited.
fn name_employer(order: &mut Order, employer: Option<Employer>) -> Result<(), Refused> {
    let Some(Employer { name, accreditation }) = employer else {
        return Err(Refused::not_found("employer", order.employer_id).at("order.employer_id"));
    };
    if accreditation != store::employer::ACCREDITED {
        return Err(refusals::employer_not_accredited(&name));
    }
    order.employer_name = name;
    Ok(())
}

/// The season is planned, the work lies in it, and people may come from where the lines say.
fn must_fit_programme(order: &Order, season: Option<Season>, open: &[String]) -> Result<(), Refused> {
    let season = season.ok_or_else(|| refusals::season_unknown(&order.season_code, "order.season_code"))?;
    if open.is_empty() {
        return Err(refusals::no_way_to(&order.destination));
    }
    for (index, line) in order.lines.iter().enumerate() {
        if line.ends_on < season.starts_on || line.starts_on > season.ends_on {
            return Err(refusals::outside_season(index, &order.season_code));
        }
        if let Some(origin) = line.origins.iter().find(|origin| !open.contains(origin)) {
            let place = format!("order.lines[{index}].origins");
            return Err(refusals::no_corridor(origin, &order.destination, &place));
        }
    }
    Ok(())
}

/// Seats of the employer's orders for the same season and destination that came before this one, if the pack caps them. The
/// employer is locked first, so that of two orders at once the second counts the first; an import counts once it is
/// committed.
async fn elsewhere(
    tx: &mut PgConnection,
    order: &Order,
    (pack, before): (&Pack, Option<OrderId>),
) -> Result<i64, sqlx::Error> {
    if !rules::caps_employers(pack) {
        return Ok(0);
    }
    store::employer::lock(tx, &[order.employer_id]).await?;
    store::order::seats_of_employer(tx, order, before).await
}

/// Destination → its packs, for the orders that came in before their rules did.
async fn packs_of(tx: &mut PgConnection, orders: &[Order]) -> Result<HashMap<String, Vec<Pack>>, Error> {
    let mut packs: HashMap<String, Vec<Pack>> = HashMap::new();
    for order in orders {
        if order.rule_pack_id.is_empty() && !packs.contains_key(&order.destination) {
            let known = store::programme::packs(tx, &order.destination).await?;
            packs.insert(order.destination.clone(), known);
        }
    }
    Ok(packs)
}

/// The pack by which an order is still to be judged, if one is known by now.
fn pack_for<'p>(order: &Order, packs: &'p HashMap<String, Vec<Pack>>) -> Option<&'p Pack> {
    let packs = packs.get(&order.destination).filter(|_| order.rule_pack_id.is_empty())?;
    rules::in_force(packs, order.filed_on)
}

fn judge(order: &mut Order, pack: &Pack, elsewhere: i64) -> Result<(), Refused> {
    refusals::breaches(rules::judge(order, pack, elsewhere))?;
    order.rule_pack_id.clone_from(&pack.id);
    order.flags.retain(|flag| flag.code != NO_RULE_PACK);
    Ok(())
}

fn no_rule_pack(order: &Order) -> Flag {
    Flag::new(
        NO_RULE_PACK,
        format!(
            "no rules of {} are known for {}; the order is judged when it is approved",
            order.destination, order.filed_on
        ),
    )
}

/// An order that came in before its rules did is judged now.
fn approve(order: &mut Order, unjudged: Option<(&Pack, i64)>, on: NaiveDate) -> Result<(), Refused> {
    if let Some((pack, elsewhere)) = unjudged {
        judge(order, pack, elsewhere)?;
    }
    order.approve(on).map_err(|misfit| refusals::misfit(order, misfit))
}
