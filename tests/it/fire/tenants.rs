//! Who may do and see what: every call by both its doors and every page of the console, by every role, for what is one's
//! own, what is another's and what is not there; and the row-level security beneath, from the catalogues of the databases.
//!
//! A call, a binding or a page without a row in the matrix fails.

mod catalogue;
mod doors;
mod pages;
mod rows;
mod work;
mod world;

use std::collections::BTreeSet;

use cli::{demo::play, house::SERVICES};
use futures::future::join_all;
use platform::testing::{Bench, request_id};
use proto::Role;
use serde_json::Value;
use tonic::Code;

use crate::season;
use doors::{Answer, Doors};
use rows::{NO_IDS, Names, ROWS, Row};
use world::{Instance, User, World};

#[test]
fn every_call_and_every_field_that_names_something_has_a_row() {
    let mut missing = Vec::new();
    for method in doors::methods(&doors::contracts()) {
        let name = doors::name(&method);
        let rows: Vec<&Row> = ROWS.iter().filter(|row| row.method == name).collect();
        if rows.is_empty() {
            missing.push(format!("{name} has no row: say who may call it and what it names"));
        }
        for field in method.input().fields().map(|field| field.name().to_owned()) {
            let names =
                field != "request_id" && (field.ends_with("_id") || field.ends_with("_ids") || field == "reference");
            let known = rows.iter().any(|row| row.names.field() == field) || NO_IDS.contains(&(name.as_str(), &field));
            if names && !known && !rows.is_empty() {
                missing.push(format!("{name} has no row for {field}"));
            }
        }
        for row in rows.iter().filter(|row| !row.names.field().is_empty()) {
            let there = method.input().get_field_by_name(row.names.field()).is_some();
            assert!(there, "{name} has no field {}", row.names.field());
        }
    }
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn somebody_of_every_role_is_walked() {
    let walked = world::roles();
    let missing: Vec<Role> = Role::ALL.into_iter().filter(|role| !walked.contains(role)).collect();
    assert!(missing.is_empty(), "nobody walks as {missing:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_and_every_page_keeps_tenants_apart() {
    let bench = Bench::new(season::users()).await;
    let directory = tempfile::tempdir().unwrap();
    let house = season::house(&bench, directory.path()).await;
    let mut faults = catalogue::faults(&bench).await;
    catalogue::take_from_owners(&bench).await;
    let script = season::script(directory.path());
    faults.extend(catalogue::while_under_way(&bench, play(&house, &script)).await);
    faults.extend(catalogue::what_strangers_see(&bench).await);

    let doors = Doors::of(&house).await;
    imports_of_others(&house).await;
    let mut world = World::look(&bench, &house).await;
    faults.extend(unwalked(&doors));
    faults.extend(pages::faults(&house, &world).await);
    let walks = world.users.iter().map(|user| walk(&world, &doors, user));
    faults.extend(join_all(walks).await.into_iter().flatten());
    faults.extend(nobody(&doors).await);
    house.stop().await;
    faults.extend(work::faults(&bench, &mut world).await);
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// Files of orders that a second union has begun to send.
async fn imports_of_others(house: &cli::house::House) {
    for user in ["union-es", "union-ca"] {
        let request = proto::common::CreateImportRequest {
            layout: "oflc-h2a-fy2017".to_owned(),
            file_name: "orders.csv".to_owned(),
            parameters: [("season".to_owned(), "2017".to_owned())].into(),
            request_id: request_id(),
        };
        season::session(house, user).demand().create_import(request).await.unwrap();
    }
}

/// Bindings of the document that no call of the matrix leads to.
fn unwalked(doors: &Doors) -> Vec<String> {
    let known: BTreeSet<String> = ROWS
        .iter()
        .map(|row| doors.method(row.method))
        .map(|method| format!("{}_{}", method.parent_service().name(), method.name()))
        .collect();
    let of_none = doors.bindings.iter().filter(|(name, _)| !known.contains(*name));
    of_none.map(|(name, bindings)| format!("{bindings:?} leads to {name}, which has no row")).collect()
}

/// The services that a row asks.
fn services(row: &Row) -> Vec<&'static str> {
    let (service, _) = row.method.split_once('.').unwrap();
    SERVICES.into_iter().filter(|name| service == "operation" || *name == service).collect()
}

fn body(row: &Row, service: &str, about: &Instance) -> Value {
    let text = row
        .body
        .replace("{id}", &about.id)
        .replace("{round}", &about.round)
        .replace("{service}", service)
        .replace("{request}", &request_id());
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("the row of {}: {error}: {text}", row.method))
}

/// What one user gets by one door: for their own, another's, and what is not there.
struct Got {
    own: Option<(Instance, Answer)>,
    foreign: Option<(Instance, Answer)>,
    absent: (Instance, Answer),
}

async fn walk(world: &World, doors: &Doors, user: &User) -> Vec<String> {
    let mut faults = Vec::new();
    for row in ROWS {
        let method = doors.method(row.method);
        let operation = format!("{}_{}", method.parent_service().name(), method.name());
        for service in services(row) {
            let by_grpc = async |about: Instance| {
                let answer = doors.grpc(service, &method, (Some(user), &body(row, service, &about))).await;
                Some((about, answer))
            };
            let mut walked = vec![("gRPC".to_owned(), get(world, row, user, by_grpc).await)];
            for binding in doors.bindings.get(&operation).into_iter().flatten() {
                let by_http = async |about: Instance| {
                    let answer = doors.http(binding, &method, (Some(user), &body(row, service, &about))).await?;
                    Some((about, answer))
                };
                walked.push((format!("{} {}", binding.verb, binding.path), get(world, row, user, by_http).await));
            }
            for (door, got) in walked {
                let judged = got.map(|got| judge(world, (row, user), &got)).unwrap_or_default();
                let at = format!("{} asks {service} for {} by {door}", user.name, row.method);
                faults.extend(judged.into_iter().map(|fault| format!("{at}: {fault}")));
            }
        }
    }
    faults
}

/// Asks for the foreign first: what is done to one's own must not change what others are told.
async fn get(
    world: &World,
    row: &Row,
    user: &User,
    ask: impl AsyncFn(Instance) -> Option<(Instance, Answer)>,
) -> Option<Got> {
    let thing = row.names.thing().filter(|_| !row.names.field().is_empty());
    let own = thing.and_then(|thing| world.own(thing, user));
    let foreign = thing.and_then(|thing| world.foreign(thing, user));
    let named = Instance { id: "nobody".to_owned(), ..Instance::default() };
    let absent = world.absent(foreign.as_ref().or(own.as_ref()).unwrap_or(&named));
    let foreign = match foreign {
        Some(about) => Some(ask(about).await?),
        None => None,
    };
    let absent = ask(absent).await?;
    let own = match own {
        Some(about) => Some(ask(about).await?),
        None => None,
    };
    Some(Got { own, foreign, absent })
}

fn judge(world: &World, (row, user): (&Row, &User), got: &Got) -> Vec<String> {
    let mut faults = Vec::new();
    let (absent_id, absent) = (&got.absent.0, &got.absent.1);
    let others = [("own", &got.own), ("another's", &got.foreign)];
    let given = || others.iter().filter_map(|(whose, got)| got.as_ref().map(|(about, answer)| (*whose, about, answer)));
    if !row.roles.contains(&user.role) {
        let hidden = matches!(row.names, Names::Hidden(..));
        let wanted = if hidden { (Code::NotFound, "NOT_FOUND") } else { (Code::PermissionDenied, "ROLE_NEEDED") };
        if (absent.code, absent.reason.as_str()) != wanted {
            faults.push(format!("the role may not, and the answer is {absent:?}"));
        }
        for (whose, about, answer) in
            given().filter(|(_, about, answer)| answer.about(about) != absent.about(absent_id))
        {
            faults.push(format!("the role may not, and what is {whose} ({}) shows: {answer:?}", about.id));
        }
        return faults;
    }
    let there = |answer: &Answer| match row.names {
        Names::Each(..) => !answer.text.contains("NOT_FOUND"),
        _ => answer.code != Code::NotFound,
    };
    match row.names {
        Names::One(..) | Names::Hidden(..) | Names::Each(..) if there(absent) => {
            faults.push(format!("what is not there is answered with {absent:?}"));
        }
        Names::Narrowed(..) if absent.code != Code::Ok => faults.push(format!("a list is refused: {absent:?}")),
        _ => {}
    }
    if let Some((about, answer)) = &got.foreign
        && answer.about(about) != absent.about(absent_id)
    {
        faults.push(format!("not yours ({}) and not there differ: {answer:?} and {absent:?}", about.id));
    }
    if let Some((about, answer)) = &got.own
        && (!there(answer) || answer.reason == "ROLE_NEEDED" || answer.code == Code::Internal)
    {
        faults.push(format!("their own {} is answered with {answer:?}", about.id));
    }
    if let Names::Own(thing) = row.names {
        let own: Vec<&str> = world.owned(thing, user).collect();
        if absent.code != Code::Ok || (!own.is_empty() && !own.iter().any(|id| absent.text.contains(id))) {
            faults.push(format!("none of their {} of this kind is listed: {:.300}", own.len(), absent.text));
        }
    }
    let published_lines = row.method == "matching.ExplainCandidate";
    // What a person is offered, the ministry reads with the placement.
    let tells_of_offer = row.method == "placement.GetPlacement";
    for (whose, about, answer) in given().chain([("not there", absent_id, absent)]) {
        // What is asked for may be said again; whether it is there is judged above.
        let asked = [&got.foreign, &got.own].into_iter().flatten().map(|(about, _)| about.id.as_str());
        let told = if tells_of_offer { user.unoffered(&answer.text, &about.id) } else { answer.text.clone() };
        let text = asked.fold(told, |text, id| text.replace(id, "{id}"));
        if let Some(leak) = user.leak(&text, published_lines) {
            faults.push(format!("the answer for what is {whose} tells of {leak}, which is another's"));
        }
    }
    faults
}

/// Whoever has not signed in is told to, whatever they ask.
async fn nobody(doors: &Doors) -> Vec<String> {
    let mut faults = Vec::new();
    let about = Instance { id: request_id(), round: request_id(), ..Instance::default() };
    for row in ROWS {
        let method = doors.method(row.method);
        let operation = format!("{}_{}", method.parent_service().name(), method.name());
        for service in services(row) {
            let body = body(row, service, &about);
            let mut answers = vec![doors.grpc(service, &method, (None, &body)).await];
            for binding in doors.bindings.get(&operation).into_iter().flatten() {
                answers.extend(doors.http(binding, &method, (None, &body)).await);
            }
            let wrong = |answer: &Answer| answer.code != Code::Unauthenticated || answer.reason != "SIGN_IN";
            let wrong = answers.into_iter().filter(wrong);
            faults.extend(wrong.map(|answer| format!("nobody asks {service} for {}: {answer:?}", row.method)));
        }
    }
    faults
}
