//! Every page of the console at every desk.

use std::collections::BTreeSet;

use cli::house::House;
use proto::Role::{self, Auditor, Operator, Service};
use reqwest::{
    Client, Method, StatusCode,
    header::{COOKIE, LOCATION, SET_COOKIE},
    redirect::Policy,
};

use super::{
    doors::encode,
    world::{Instance, Thing, User, World},
};
use crate::shape::sources;

/// What there is to see at an address.
#[derive(Clone, Copy, Debug)]
enum Look {
    /// Nothing of tenants; nobody has to sign in.
    Open,
    /// Calls and files for machines, which the matrix of calls walks.
    Machine,
    /// The desk's own.
    Desk,
    /// Of these desks only; the others may not look.
    DeskOf(&'static [Role]),
    /// One thing; without it there is no page.
    One(Thing),
    /// The page is there; what it is narrowed to may not be.
    Narrowed(Thing),
    /// A live stream about one thing.
    Stream(Thing),
    /// A form about one thing, for these roles; none: for whoever may see it.
    Deed(Thing, &'static [Role]),
    /// A form about several things, each with its own result, for these roles.
    Each(Thing, &'static [Role]),
    /// A form about nothing of tenants, for these roles; what it names is not there.
    Act(&'static [Role]),
}

impl Look {
    /// What of a tenant the address names.
    fn thing(self) -> Option<Thing> {
        match self {
            Look::Open | Look::Machine | Look::Desk | Look::DeskOf(_) | Look::Act(_) => None,
            Look::One(thing)
            | Look::Narrowed(thing)
            | Look::Stream(thing)
            | Look::Deed(thing, _)
            | Look::Each(thing, _) => Some(thing),
        }
    }

    /// The page of a placement; a form that is refused shows it again.
    fn of_placement(self) -> bool {
        matches!(self, Look::One(thing) | Look::Stream(thing) | Look::Deed(thing, _) if thing == Thing::Placement)
    }

    /// True if this is the status for what is one's own.
    fn fits(self, role: Role, status: StatusCode) -> bool {
        match self {
            Look::Deed(_, roles) if !roles.is_empty() && !roles.contains(&role) => status == StatusCode::FORBIDDEN,
            Look::DeskOf(roles) | Look::Act(roles) | Look::Each(_, roles) if !roles.contains(&role) => {
                status == StatusCode::FORBIDDEN
            }
            Look::Act(_) => status == StatusCode::NOT_FOUND,
            Look::Deed(..) => status != StatusCode::NOT_FOUND && !status.is_server_error(),
            _ => status == StatusCode::OK,
        }
    }
}

/// Whoever may move placements.
const MOVERS: &[Role] = &[Role::Ministry, Role::Union, Operator, Role::Authority];

/// Verb and route as the router has them, an address of it, and what is there.
const PAGES: &[(&str, &str, &str, Look)] = &[
    ("get", "/", "/", Look::Desk),
    ("get", "/", "/?season=2026", Look::Desk),
    ("get", "/flows.csv", "/flows.csv?season=2026", Look::Desk),
    ("get", "/corridors/{code}", "/corridors/{id}", Look::One(Thing::Corridor)),
    ("get", "/corridors/{code}/packs", "/corridors/{id}/packs", Look::One(Thing::Corridor)),
    ("get", "/corridors/{code}/units", "/corridors/{id}/units", Look::One(Thing::Corridor)),
    ("post", "/corridors/{code}/units", "/corridors/{id}/units", Look::Deed(Thing::Corridor, &[Operator])),
    ("get", "/placements", "/placements", Look::Desk),
    ("get", "/placements", "/placements?corridor=GT-CA", Look::Desk),
    ("get", "/placements/{id}", "/placements/{id}", Look::One(Thing::Placement)),
    (
        "post",
        "/placements/{id}/moves/{command}",
        "/placements/{id}/moves/add-record",
        Look::Deed(Thing::Placement, &[]),
    ),
    ("post", "/preview", "/preview", Look::Each(Thing::Placement, MOVERS)),
    ("post", "/preview/confirm", "/preview/confirm", Look::Each(Thing::Placement, MOVERS)),
    ("get", "/who-sees-what", "/who-sees-what", Look::Desk),
    ("get", "/accessibility", "/accessibility", Look::Open),
    ("get", "/rounds", "/rounds", Look::Desk),
    ("get", "/rounds/{id}", "/rounds/{id}", Look::One(Thing::Round)),
    ("get", "/rounds/{id}", "/rounds/{round}?explain={id}", Look::One(Thing::RoundCandidate)),
    ("get", "/rounds/{id}", "/rounds/{round}?line={id}", Look::Narrowed(Thing::PairLine)),
    ("get", "/rounds/{id}", "/rounds/{round}?candidate={id}", Look::Narrowed(Thing::PairCandidate)),
    ("post", "/rounds/{id}/publish", "/rounds/{id}/publish", Look::Deed(Thing::Round, &[Operator, Service])),
    ("post", "/rounds/{id}/overrides", "/rounds/{id}/overrides", Look::Deed(Thing::Round, &[Operator, Service])),
    ("get", "/parked", "/parked", Look::DeskOf(&[Operator, Auditor, Service])),
    ("post", "/parked/{service}/replay", "/parked/demand/replay", Look::Act(&[Operator])),
    ("post", "/parked/{service}/discard", "/parked/demand/discard", Look::Act(&[Operator])),
    ("get", "/live", "/live?page=placement,{id}!00", Look::Stream(Thing::Placement)),
    ("get", "/language/{tag}", "/language/es", Look::Open),
    ("get", "/sign-in", "/sign-in", Look::Open),
    ("post", "/sign-in", "/sign-in", Look::Open),
    ("get", "/sign-in/callback", "/sign-in/callback", Look::Open),
    ("post", "/sign-out", "/sign-out", Look::Open),
    ("get", "/assets/console.css", "/assets/console.css", Look::Open),
    ("get", "/assets/live.js", "/assets/live.js", Look::Open),
    ("get", "/docs", "/docs", Look::Open),
    ("get", "/openapi.json", "/openapi.json", Look::Open),
    ("any", "/v1/{*rest}", "/v1/none", Look::Machine),
    // At the admin address.
    ("get", "/metrics", "/metrics", Look::Machine),
    ("get", "/livez", "/livez", Look::Machine),
    ("get", "/readyz", "/readyz", Look::Machine),
];

#[test]
fn every_page_has_a_row() {
    let mut found = BTreeSet::new();
    for (path, text) in sources("services/gateway/src") {
        let served = text.split("#[cfg(test)]").next().unwrap();
        for hidden in [".nest(", ".nest_service(", ".route_service(", ".fallback_service("] {
            assert!(!served.contains(hidden), "{}: {hidden} hides pages from this test", path.display());
        }
        for (_, rest) in served.match_indices(".route(").map(|(at, found)| served.split_at(at + found.len())) {
            let (route, handlers) = rest.trim_start().trim_start_matches('"').split_once('"').unwrap();
            let handlers = handlers.lines().next().unwrap();
            let verbs = ["get", "post", "put", "patch", "delete", "any"];
            let verbs: Vec<_> = verbs.into_iter().filter(|verb| handlers.contains(&format!("{verb}("))).collect();
            assert!(!verbs.is_empty(), "{}: no verb in {handlers}", path.display());
            found.extend(verbs.into_iter().map(|verb| (verb.to_owned(), route.to_owned())));
        }
    }
    let known: BTreeSet<(String, String)> =
        PAGES.iter().map(|(verb, route, ..)| ((*verb).to_owned(), (*route).to_owned())).collect();
    assert_eq!(found, known, "the router and the matrix have the same pages");
}

/// What a browser got.
#[derive(Debug)]
struct Page {
    status: StatusCode,
    location: String,
    reference: String,
    text: String,
}

impl Page {
    /// Without what differs from one look to the next: the id that was asked for, the reference, the masks of forms, the time.
    fn about(&self, asked: &Instance) -> (StatusCode, String, String) {
        let text = self.text.replace(&self.reference, "{reference}");
        let text = without(&without(&text, "name=\"csrf\" value=\""), "name=\"request_id\" value=\"");
        let short = asked.id.get(asked.id.len().saturating_sub(12)..).unwrap_or(&asked.id);
        let clean = |text: &str| untimed(text).replace(&asked.id, "{id}").replace(short, "{short}");
        (self.status, clean(&self.location), clean(&text))
    }
}

/// The text without the values of this attribute.
fn without(text: &str, attribute: &str) -> String {
    let mut parts = text.split(attribute);
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.split_once('"').map_or("", |(_, rest)| rest));
    }
    plain
}

/// The text without times of day.
fn untimed(text: &str) -> String {
    let signs: Vec<char> = text.chars().collect();
    let mut plain = String::new();
    let mut at = 0;
    while at < signs.len() {
        let time = signs
            .get(at..at + 5)
            .is_some_and(|five| five[2] == ':' && [0, 1, 3, 4].iter().all(|digit| five[*digit].is_ascii_digit()));
        plain.push(if time { '#' } else { signs[at] });
        at += if time { 5 } else { 1 };
    }
    plain
}

/// A browser without scripts; nobody has no cookie.
struct Browser<'h> {
    client: Client,
    house: &'h House,
    cookie: String,
}

impl<'h> Browser<'h> {
    fn nobody(house: &'h House) -> Self {
        let client = Client::builder().redirect(Policy::none()).build().unwrap();
        Self { client, house, cookie: String::new() }
    }

    async fn of(house: &'h House, user: &str) -> Self {
        let mut browser = Self::nobody(house);
        let to_issuer = browser.send(Method::GET, &format!("/sign-in?login_hint={user}"), None).await;
        let back = browser.client.get(to_issuer.location).send().await.unwrap();
        let back = back.headers()[LOCATION].to_str().unwrap().to_owned();
        let path = back.strip_prefix(&house.addresses.gateway).unwrap();
        let home = browser.send(Method::GET, path, None).await;
        assert_eq!((home.status, home.location.as_str()), (StatusCode::SEE_OTHER, "/"), "{user} is signed in");
        browser
    }

    async fn send(&mut self, method: Method, path: &str, form: Option<&[(&str, &str)]>) -> Page {
        let mut request = self.client.request(method, format!("{}{path}", self.house.addresses.gateway));
        if !self.cookie.is_empty() {
            request = request.header(COOKIE, &self.cookie);
        }
        if let Some(form) = form {
            request = request.form(form);
        }
        let answer = request.send().await.unwrap();
        let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let (status, location, reference) =
            (answer.status(), header("location").to_owned(), header("x-request-id").to_owned());
        let stream = header("content-type").starts_with("text/event-stream");
        for cookie in answer.headers().get_all(SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap()) {
            let pair = cookie.split(';').next().unwrap();
            if !cookie.contains("Max-Age=0") {
                pair.clone_into(&mut self.cookie);
            }
        }
        let text = if stream { "a stream".to_owned() } else { answer.text().await.unwrap() };
        Page { status, location, reference, text }
    }

    async fn at(&mut self, verb: &str, address: &str, about: &Instance, csrf: &str) -> Page {
        let path = address.replace("{id}", &encode(&about.id)).replace("{round}", &about.round);
        let request_id = platform::testing::request_id();
        let pick = format!("{}.999999", about.id);
        let form = [
            ("csrf", csrf),
            ("pick", pick.as_str()),
            ("action", "AddRecord"),
            ("request_id", request_id.as_str()),
            ("version", "999999"),
            ("occurred_on", "2026-10-01"),
            ("kind", "STATEMENT"),
            ("consumer", "demand-nothing"),
            ("key", "nothing"),
            ("reason", "MESSAGE"),
            ("explain", request_id.as_str()),
            ("pin", request_id.as_str()),
        ];
        match verb {
            "post" => self.send(Method::POST, &path, Some(&form)).await,
            _ => self.send(Method::GET, &path, None).await,
        }
    }
}

pub(super) async fn faults(house: &House, world: &World) -> Vec<String> {
    let mut faults = Vec::new();
    for user in &world.users {
        faults.extend(desk(house, world, user).await);
    }
    let mut nobody = Browser::nobody(house);
    let about = Instance { id: platform::testing::request_id(), round: "1".to_owned(), ..Instance::default() };
    for (verb, _, address, look) in PAGES {
        let page = nobody.at(verb, address, &about, "").await;
        let signs_in = page.status == StatusCode::SEE_OTHER && page.location.starts_with("/sign-in");
        match look {
            Look::Machine => {}
            Look::Open if page.status.is_server_error() => faults.push(format!("{verb} {address} broke: {page:?}")),
            Look::Open => {}
            // A form is not sent again after a sign-in.
            Look::Deed(..) | Look::Each(..) | Look::Act(_) if page.status == StatusCode::UNAUTHORIZED => {}
            _ if !signs_in => faults.push(format!("nobody at {verb} {address} gets {} {}", page.status, page.location)),
            _ => {}
        }
    }
    faults
}

async fn desk(house: &House, world: &World, user: &User) -> Vec<String> {
    let mut faults = Vec::new();
    let mut browser = Browser::of(house, &user.name).await;
    if !Role::READERS.contains(&user.role) {
        return no_desk(&mut browser, world, user).await;
    }
    let home = browser.send(Method::GET, "/", None).await;
    let csrf =
        home.text.split_once("name=\"csrf\" value=\"").map(|(_, rest)| rest.split('"').next().unwrap().to_owned());
    let csrf = csrf.unwrap_or_else(|| panic!("the home of {} has a form", user.name));
    let mut named = 0;
    for (verb, _, address, look) in PAGES {
        if matches!(look, Look::Open | Look::Machine) {
            continue;
        }
        let thing = look.thing();
        let (own, foreign) = match thing {
            Some(thing) => (world.own(thing, user), world.foreign(thing, user)),
            None => (Some(Instance::default()), None),
        };
        let at = format!("{} at {verb} {address}", user.name);
        let mut pages = Vec::new();
        if let Some(like) = foreign.as_ref().or(own.as_ref()).filter(|_| thing.is_some()) {
            let absent = world.absent(like);
            let none = browser.at(verb, address, &absent, &csrf).await;
            let wanted = match look {
                Look::Narrowed(_) | Look::Stream(_) => StatusCode::OK,
                Look::Each(_, roles) if roles.contains(&user.role) => StatusCode::OK,
                Look::Each(..) => StatusCode::FORBIDDEN,
                _ => StatusCode::NOT_FOUND,
            };
            if none.status != wanted {
                faults.push(format!("{at}: what is not there is answered with {}", none.status));
            }
            if let Some(foreign) = &foreign {
                let page = browser.at(verb, address, foreign, &csrf).await;
                if page.about(foreign) != none.about(&absent) {
                    faults.push(format!("{at}: not yours ({}) and not there differ", foreign.id));
                }
                pages.push((foreign.clone(), page));
            }
            pages.push((absent, none));
        }
        if let Some(own) = own {
            let page = browser.at(verb, address, &own, &csrf).await;
            if !look.fits(user.role, page.status) {
                faults.push(format!("{at}: their own ({}) is answered with {}", own.id, page.status));
            }
            pages.push((own, page));
        }
        for (asked, page) in pages {
            named += user.people.iter().filter(|name| page.text.contains(name.as_str())).count();
            if let Some(name) = user.strangers.iter().find(|name| page.text.contains(name.as_str())) {
                faults.push(format!("{at} for {} names {name}, who is another's", asked.id));
            }
            let text = if look.of_placement() { user.unoffered(&page.text, &asked.id) } else { page.text };
            if let Some(leak) = user.leak(&text.replace(&asked.id, ""), false) {
                faults.push(format!("{at} for {} tells of {leak}, which is another's", asked.id));
            }
        }
    }
    if user.role == Role::Ministry && named == 0 {
        faults.push(format!("no page names anybody of {}, so the test would not see a name either", user.name));
    }
    faults
}

/// Who has no desk is told so at every page, and whatever it is about in the same words.
async fn no_desk(browser: &mut Browser<'_>, world: &World, user: &User) -> Vec<String> {
    let mut faults = Vec::new();
    for (verb, _, address, look) in PAGES.iter().filter(|(.., look)| !matches!(look, Look::Open | Look::Machine)) {
        let own = look.thing().and_then(|thing| world.own(thing, user));
        let foreign = look.thing().and_then(|thing| world.foreign(thing, user));
        let absent = own.as_ref().or(foreign.as_ref()).map(|like| world.absent(like)).unwrap_or_default();
        let none = browser.at(verb, address, &absent, "").await;
        let at = format!("{} at {verb} {address}", user.name);
        if none.status != StatusCode::FORBIDDEN {
            faults.push(format!("{at}: who has no desk is answered with {}", none.status));
        }
        for about in [own, foreign].into_iter().flatten() {
            let page = browser.at(verb, address, &about, "").await;
            if page.about(&about) != none.about(&absent) {
                faults.push(format!("{at}: that {} is there shows: {page:?}", about.id));
            }
        }
        if let Some(leak) = user.leak(&none.text.replace(&absent.id, ""), false) {
            faults.push(format!("{at} tells of {leak}, which is another's"));
        }
    }
    faults
}
