//! `/preview`: what a bulk action would do, placement by placement, before it is done; `/preview/confirm`: the deed.
//!
//! The services judge: a preview is their own dry run, and what is confirmed is what was seen. A form whose values were
//! changed after the preview is previewed again.

use std::collections::HashMap;

use axum::{Form, response::Response};
use chrono::NaiveDate;
use futures::{StreamExt, stream};
use proto::placement::{BatchMovePlacementsRequest, GetPlacementRequest, Move, MoveResult, Stage};
use sha2::{Digest, Sha256};
use tonic::Status;

use super::{
    Params, bulk, forms, param, place, placements, refusal, short,
    visitor::{Trouble, Visitor},
};
use crate::{
    console::{
        frame::{Desk, Frame, Section},
        placement::Field,
        placements::PlacementRow,
        preview::{Phase, Preview, PreviewRow},
        problem::Kind,
        refusal::Refusal,
    },
    session::local,
};

/// Placements of one action: what a page of the list holds at most. With what is said of several once, their page stays
/// below 100 kB.
const PICKS_MAX: usize = 75;
/// Placements asked for at once.
const ASKED: usize = 8;

/// Names and values of a form, where a name may come more than once.
type Sent = Vec<(String, String)>;

/// A placement that was marked, and the version it was drawn from.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Pick {
    id: String,
    version: i64,
}

impl Pick {
    fn read(text: &str) -> Option<Self> {
        let (id, version) = text.rsplit_once('.')?;
        let version = version.parse().ok().filter(|version| *version > 0)?;
        (!id.is_empty()).then(|| Self { id: id.to_owned(), version })
    }

    fn text(&self) -> String {
        format!("{}.{}", self.id, self.version)
    }
}

/// What was asked for.
struct Asked {
    desk: Desk,
    command: String,
    /// Those that would be moved, as far as that is known yet.
    picks: Vec<Pick>,
    /// Those that were told before that they would not.
    rest: Vec<Pick>,
    fields: Vec<Field>,
    typed: Params,
    today: NaiveDate,
}

pub(super) async fn show(visitor: Visitor, Form(sent): Form<Sent>) -> Response {
    match read(&visitor, sent).await {
        Ok(asked) => {
            let page = preview(&visitor, &asked, false).await;
            visitor.answer(page)
        }
        Err(answer) => *answer,
    }
}

pub(super) async fn confirm(visitor: Visitor, Form(sent): Form<Sent>) -> Response {
    let asked = match read(&visitor, sent).await {
        Ok(asked) => asked,
        Err(answer) => return *answer,
    };
    let seen = param(&asked.typed, "seen") == asked.seal(&asked.picks) && asked.is_whole();
    let request_id = param(&asked.typed, "request_id").to_owned();
    let page = if seen && !request_id.is_empty() && !asked.picks.is_empty() {
        done(&visitor, &asked, request_id).await
    } else {
        preview(&visitor, &asked, true).await
    };
    visitor.answer(page)
}

async fn read(visitor: &Visitor, sent: Sent) -> Result<Asked, Box<Response>> {
    let typed: Params = sent.iter().cloned().collect();
    if !visitor.session.admits(param(&typed, "csrf")) {
        return Err(Box::new(visitor.stale_form()));
    }
    let actions = bulk::actions(visitor.desk);
    if actions.is_empty() {
        return Err(Box::new(visitor.problem(Kind::Forbidden, None)));
    }
    let marked = |wanted: &str| -> Option<Vec<Pick>> {
        let mut picks: Vec<Pick> = Vec::new();
        for (_, value) in sent.iter().filter(|(name, _)| name == wanted) {
            let pick = Pick::read(value)?;
            if !picks.contains(&pick) {
                picks.push(pick);
            }
        }
        Some(picks)
    };
    let (Some(picks), Some(rest)) = (marked("pick"), marked("rest")) else {
        return Err(Box::new(visitor.problem(Kind::BadRequest, None)));
    };
    let Some(command) = actions.iter().find(|command| **command == param(&typed, "action")) else {
        return Err(Box::new(unfit(visitor, "preview-no-action")));
    };
    match picks.len() + rest.len() {
        0 => return Err(Box::new(unfit(visitor, "preview-nothing"))),
        1..=PICKS_MAX => {}
        _ => return Err(Box::new(unfit(visitor, "preview-too-many"))),
    }
    let today = visitor.calendar().await;
    let fields = bulk::fields(visitor.desk, command, &today.to_string(), &typed);
    Ok(Asked { desk: visitor.desk, command: (*command).to_owned(), picks, rest, fields, typed, today })
}

/// 400 with what to do instead.
fn unfit(visitor: &Visitor, key: &str) -> Response {
    let words = visitor.words();
    let why = Refusal {
        what: words.t("preview-title"),
        why: words.say(key).with("most", PICKS_MAX).to_string(),
        mend: words.t("preview-mend"),
        ..Refusal::default()
    };
    visitor.problem(Kind::BadRequest, Some(why))
}

impl Asked {
    /// True if nothing that the action needs is missing.
    fn is_whole(&self) -> bool {
        self.fields.iter().all(|field| !field.required || !field.value.is_empty())
    }

    /// What stands for action, values and placements: so that only what was seen is done.
    fn seal(&self, picks: &[Pick]) -> String {
        let values = self.fields.iter().map(|field| format!("{}={}", field.name, field.value));
        let parts = [self.command.clone()].into_iter().chain(values).chain(picks.iter().map(Pick::text));
        let mut digest = Sha256::new();
        for part in parts {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        hex::encode(&digest.finalize()[..8])
    }

    fn moves(&self, picks: &[Pick]) -> Vec<Move> {
        let text = |name: &str| {
            let field = self.fields.iter().find(|field| field.name == name);
            field.map(|field| field.value.clone()).unwrap_or_default()
        };
        let one = |pick: &Pick| Move {
            placement_id: pick.id.clone(),
            command: self.command.clone(),
            occurred_on: text("occurred_on"),
            version: pick.version,
            reason: text("reason"),
            evidence: text("evidence"),
            language: text("language"),
            witness: text("witness"),
            for_worker: bulk::for_worker(self.desk, &self.command),
            kind: text("kind"),
            date: text("date"),
            valid_until: text("valid_until"),
            // What decides against one person is decided for that one alone.
            ..Move::default()
        };
        picks.iter().map(one).collect()
    }

    /// The page but for what the services say.
    fn page(&self, phase: Phase, rows: Vec<PreviewRow>) -> Preview {
        let back = local(param(&self.typed, "back"));
        Preview {
            phase,
            action: self.command.clone(),
            command: place::code(&self.command),
            grave: forms::is_grave(&self.command),
            fields: self.fields.clone(),
            rows,
            // A list has no field for the day.
            again: self.typed.contains_key("occurred_on"),
            changed: false,
            request_id: String::new(),
            seen: String::new(),
            back: if back.starts_with("/placements") { back } else { "/placements".to_owned() },
        }
    }
}

async fn preview(visitor: &Visitor, asked: &Asked, changed: bool) -> Result<String, Trouble> {
    let picks: Vec<Pick> = asked.picks.iter().chain(&asked.rest).cloned().collect();
    let mut phase = Phase::Asked;
    let mut told = vec![None; picks.len()];
    if asked.is_whole() {
        phase = Phase::Tried;
        told = call(visitor, asked, (&picks, String::new(), true)).await?.into_iter().map(Some).collect();
    }
    let rows = rows(visitor, asked, &picks, told).await;
    let will: Vec<Pick> =
        picks.iter().zip(&rows).filter(|(_, row)| row.is_made()).map(|(pick, _)| pick.clone()).collect();
    let page = Preview {
        changed: changed && phase == Phase::Tried,
        request_id: visitor.app.clock.id().to_string(),
        seen: asked.seal(&will),
        ..asked.page(phase, rows)
    };
    Ok(page.render(&frame(visitor, asked))?)
}

/// Does it. A form that is sent twice gets the same answer, and nothing is done twice.
async fn done(visitor: &Visitor, asked: &Asked, request_id: String) -> Result<String, Trouble> {
    let told = call(visitor, asked, (&asked.picks, request_id, false)).await?;
    let mut picks = asked.picks.clone();
    let mut told: Vec<_> = told.into_iter().map(Some).collect();
    // Those that were left out stand in the answer as well, as they were told before.
    if !asked.rest.is_empty() {
        picks.extend(asked.rest.iter().cloned());
        let left = call(visitor, asked, (&asked.rest, String::new(), true)).await?;
        told.extend(left.into_iter().map(|result| result.refusal.is_some().then_some(result)));
    }
    let rows = rows(visitor, asked, &picks, told).await;
    Ok(asked.page(Phase::Done, rows).render(&frame(visitor, asked))?)
}

fn frame(visitor: &Visitor, asked: &Asked) -> Frame {
    // The address of a form cannot be opened: refresh leads back to the list.
    let here = asked.page(Phase::Asked, Vec::new()).back;
    Frame { here, ..visitor.frame(Section::Placements, Some(asked.today), None) }
}

async fn call(
    visitor: &Visitor,
    asked: &Asked,
    (picks, request_id, validate_only): (&[Pick], String, bool),
) -> Result<Vec<MoveResult>, Status> {
    let mut service = visitor.app.upstream.placement(&visitor.session);
    let request = BatchMovePlacementsRequest { moves: asked.moves(picks), request_id, validate_only };
    let results = service.batch_move_placements(request).await?.into_inner().results;
    if results.len() == picks.len() {
        Ok(results)
    } else {
        Err(Status::internal("a batch has another number of results"))
    }
}

/// The placements as they stand, each with what was said of it.
async fn rows(visitor: &Visitor, asked: &Asked, picks: &[Pick], told: Vec<Option<MoveResult>>) -> Vec<PreviewRow> {
    let known = known(visitor, picks, asked.today).await;
    let words = visitor.words();
    let what = words.code("move", &place::code(&asked.command));
    let row = |(pick, told): (&Pick, Option<MoveResult>)| {
        let refusal = told.as_ref().and_then(|told| told.refusal.as_ref());
        PreviewRow {
            pick: pick.text(),
            number: short(&pick.id),
            placement: known.get(&pick.id).cloned(),
            then: told.as_ref().filter(|told| told.refusal.is_none()).map(|told| state(told.stage())),
            refusal: refusal.map(|refusal| refusal::inside(words, &what, refusal)),
        }
    };
    picks.iter().zip(told).map(row).collect()
}

fn state(stage: Stage) -> String {
    stage.as_str_name().trim_start_matches("STAGE_").to_owned()
}

/// What the list shows of these placements, as far as this desk may see them.
async fn known(visitor: &Visitor, picks: &[Pick], today: NaiveDate) -> HashMap<String, PlacementRow> {
    let service = visitor.app.upstream.placement(&visitor.session);
    let ids: Vec<String> = picks.iter().map(|pick| pick.id.clone()).collect();
    let asked = ids.into_iter().map(|placement_id| {
        let mut service = service.clone();
        async move {
            service
                .get_placement(GetPlacementRequest { placement_id, ..Default::default() })
                .await
                .ok()?
                .into_inner()
                .placement
        }
    });
    let found = stream::iter(asked).buffer_unordered(ASKED).filter_map(std::future::ready);
    let placed: Vec<_> =
        found.map(|placement| (place::of(&placement), placement)).map(|(at, it)| (it, at)).collect().await;
    let orders = placements::orders(visitor, &placed).await;
    let row = |(placement, at): &(_, _)| {
        let row = placements::row(placement, *at, &orders, today);
        (row.id.clone(), row)
    };
    placed.iter().map(row).collect()
}
