//! A played season as its tenants may know it: who they are, what is theirs, and what must never reach them.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use cli::house::House;
use platform::testing::Bench;
use proto::Role;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::{fire::database, season};

/// Kinds of things that requests and pages name. Of two kinds with one table the one says who may ask for it, the other
/// by what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Thing {
    Corridor,
    Quota,
    Consumer,
    Employer,
    OwnEmployer,
    Order,
    OrderReference,
    DemandImport,
    CandidateImport,
    Candidate,
    ChosenCandidate,
    Reference,
    Round,
    RoundCandidate,
    RoundLine,
    PairLine,
    PairCandidate,
    Placement,
    Line,
    PlacedLine,
    PlacedCandidate,
    PlacedOrder,
}

const THINGS: &[(Thing, &str, &str)] = &[
    (Thing::Corridor, "programme", "SELECT code, NULL::uuid, '' FROM corridor"),
    (Thing::Quota, "programme", "SELECT id::text, NULL::uuid, '' FROM quota"),
    (Thing::Employer, "demand", "SELECT id::text, organisation_id, '' FROM employer"),
    (Thing::OwnEmployer, "demand", "SELECT id::text, organisation_id, '' FROM employer"),
    (Thing::Order, "demand", "SELECT id::text, organisation_id, '' FROM job_order"),
    (Thing::OrderReference, "demand", "SELECT reference, organisation_id, '' FROM job_order"),
    (Thing::DemandImport, "demand", "SELECT id::text, organisation_id, '' FROM import"),
    (Thing::CandidateImport, "candidate", "SELECT id::text, organisation_id, '' FROM import"),
    (Thing::Candidate, "candidate", "SELECT id::text, organisation_id, '' FROM candidate"),
    (
        Thing::ChosenCandidate,
        "candidate",
        "SELECT candidate_id::text, unnest(ARRAY[ministry_id, union_id]), '' FROM sight WHERE chosen",
    ),
    (Thing::Reference, "candidate", "SELECT reference, organisation_id, '' FROM person"),
    (Thing::Round, "matching", "SELECT id::text, NULL::uuid, '' FROM round WHERE state = 4"),
    (
        Thing::RoundCandidate,
        "matching",
        "SELECT candidate_id::text, ministry_id, round_id::text FROM round_candidate JOIN round ON id = round_id
         WHERE state = 4",
    ),
    (
        Thing::RoundLine,
        "matching",
        "SELECT line_id::text, union_id, round_id::text FROM round_line JOIN round ON id = round_id WHERE state = 4",
    ),
    (
        Thing::PairLine,
        "matching",
        "SELECT line_id::text, unnest(ARRAY[ministry_id, union_id]), round_id::text FROM round_pair",
    ),
    (
        Thing::PairCandidate,
        "matching",
        "SELECT candidate_id::text, unnest(ARRAY[ministry_id, union_id]), round_id::text FROM round_pair",
    ),
    (Thing::Placement, "placement", "SELECT id::text, unnest(ARRAY[ministry_id, union_id]), '' FROM placement"),
    (
        Thing::Line,
        "placement",
        "SELECT id::text, organisation_id, '' FROM line UNION SELECT line_id::text, ministry_id, '' FROM placement",
    ),
    (Thing::PlacedLine, "placement", "SELECT line_id::text, unnest(ARRAY[ministry_id, union_id]), '' FROM placement"),
    (
        Thing::PlacedCandidate,
        "placement",
        "SELECT candidate_id::text, unnest(ARRAY[ministry_id, union_id]), '' FROM placement",
    ),
    (
        Thing::PlacedOrder,
        "placement",
        "SELECT order_id::text, organisation_id, '' FROM line
         UNION SELECT order_id::text, ministry_id, '' FROM placement",
    ),
];

impl Thing {
    /// True if a wider reach does not help: whoever sees all sees their own of these.
    fn own_only(self) -> bool {
        matches!(self, Self::OwnEmployer | Self::DemandImport | Self::CandidateImport)
    }

    /// True if it belongs to everybody.
    fn public(self) -> bool {
        matches!(self, Self::Corridor | Self::Quota | Self::Round | Self::Consumer)
    }
}

/// Something that a request may name.
#[derive(Clone, Debug, Default)]
pub(super) struct Instance {
    pub(super) id: String,
    pub(super) owners: BTreeSet<Uuid>,
    /// The round that it is of, if it is of one.
    pub(super) round: String,
}

/// Somebody who is signed in.
pub(super) struct User {
    pub(super) name: String,
    pub(super) token: String,
    pub(super) role: Role,
    organisation: Uuid,
    /// Ids, references and numbers of what is not theirs to see.
    foreign: HashSet<String>,
    /// Lines of others: whoever asks why somebody has no seat is told of the lines of the round.
    foreign_lines: HashSet<String>,
    /// Names of employers that are not theirs.
    employers: BTreeSet<String>,
    /// By placement that kept a seat, whose place it is: a ministry reads what its person is offered from PROPOSED on.
    offered: BTreeMap<String, String>,
    /// Names of the people whom they may not know, and of their own.
    pub(super) strangers: BTreeSet<String>,
    pub(super) people: BTreeSet<String>,
}

impl User {
    /// The answer about one placement without the employer whose place it is, as far as this user is told of it there.
    pub(super) fn unoffered(&self, text: &str, placement: &str) -> String {
        self.offered.get(placement).map_or_else(|| text.to_owned(), |employer| text.replace(employer, "{employer}"))
    }

    /// What of others stands in a text; lines of others may, where a round publishes them.
    pub(super) fn leak(&self, text: &str, published_lines: bool) -> Option<String> {
        let word = |sign: char| !(sign.is_ascii_alphanumeric() || sign == '-');
        let foreign =
            |word: &&str| self.foreign.contains(*word) && !(published_lines && self.foreign_lines.contains(*word));
        let token = text.split(word).find(foreign).map(str::to_owned);
        token.or_else(|| self.employers.iter().find(|name| text.contains(name.as_str())).cloned())
    }
}

pub(super) struct World {
    pub(super) users: Vec<User>,
    things: BTreeMap<Thing, BTreeMap<String, Instance>>,
}

/// Everybody whose eyes the matrix looks through.
const USERS: [&str; 11] = [
    "operator",
    "auditor",
    "authority",
    "scheduler",
    "ministry-co",
    "ministry-gt",
    "union-es",
    "union-ca",
    "union-us",
    "worker-co",
    "employer-es",
];

/// As whom the matrix looks.
pub(super) fn roles() -> BTreeSet<Role> {
    season::users().into_iter().filter(|user| USERS.contains(&&*user.name)).map(|user| user.roles[0]).collect()
}

impl World {
    pub(super) async fn look(bench: &Bench, house: &House) -> Self {
        let mut things = BTreeMap::new();
        for (thing, service, sql) in THINGS {
            let rows: Vec<(String, Option<Uuid>, String)> =
                sqlx::query_as(*sql).fetch_all(&mut database(bench, service).await).await.unwrap();
            let mut found: BTreeMap<String, Instance> = BTreeMap::new();
            for (id, owner, round) in rows {
                let instance = found.entry(id.clone()).or_insert_with(|| Instance { id, round, ..Instance::default() });
                instance.owners.extend(owner);
            }
            assert!(!found.is_empty(), "the season has no {thing:?}");
            things.insert(*thing, found);
        }
        let mut users = Vec::new();
        for name in USERS {
            users.push(user(bench, house, name).await);
        }
        Self { users, things }
    }

    fn any(&self, thing: Thing, fits: impl Fn(&Instance) -> bool) -> Option<Instance> {
        self.things.get(&thing)?.values().find(|instance| fits(instance)).cloned()
    }

    /// Something that this user may see; of a worker and an employer, something that their organisation may.
    pub(super) fn own(&self, thing: Thing, user: &User) -> Option<Instance> {
        let all = thing.public() || (user.role.sees_all() && !thing.own_only());
        self.any(thing, |instance| all || instance.owners.contains(&user.organisation))
    }

    /// Something that is there and not for this user.
    pub(super) fn foreign(&self, thing: Thing, user: &User) -> Option<Instance> {
        if thing.public() || (user.role.sees_all() && !thing.own_only()) {
            return None;
        }
        self.any(thing, |instance| !instance.owners.contains(&user.organisation))
    }

    /// Something that is not there, named as the other is.
    pub(super) fn absent(&self, like: &Instance) -> Instance {
        let id = match Uuid::parse_str(&like.id) {
            Ok(_) => platform::testing::request_id(),
            Err(_) => like.id.chars().rev().collect(),
        };
        Instance { id, ..like.clone() }
    }

    /// How many of a kind are this user's own.
    pub(super) fn owned<'w>(&'w self, thing: Thing, user: &'w User) -> impl Iterator<Item = &'w str> {
        let all = user.role.sees_all() && !thing.own_only();
        let instances = self.things.get(&thing).into_iter().flat_map(BTreeMap::values);
        let own = move |instance: &&Instance| all || instance.owners.contains(&user.organisation);
        instances.filter(own).map(|instance| instance.id.as_str())
    }
}

async fn strings(bench: &Bench, service: &str, sql: &str, organisation: Uuid) -> BTreeSet<String> {
    let query = sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).bind(organisation);
    let rows: Vec<String> = query.fetch_all(&mut database(bench, service).await).await.unwrap();
    rows.into_iter().filter(|text| text.len() >= 8).collect()
}

/// What marks a row: by service, a query for those of an organisation and, with `true`, of all.
const MARKS: &[(&str, &str)] = &[
    ("demand", "SELECT id::text FROM employer WHERE $1 = organisation_id"),
    ("demand", "SELECT unnest(ARRAY[id::text, reference]) FROM job_order WHERE $1 = organisation_id"),
    ("demand", "SELECT id::text FROM farm_allocation WHERE $1 = organisation_id"),
    ("demand", "SELECT id::text FROM import WHERE $1 = organisation_id"),
    ("candidate", "SELECT id::text FROM import WHERE $1 = organisation_id"),
    ("candidate", "SELECT id::text FROM candidate WHERE $1 = organisation_id"),
    ("candidate", "SELECT unnest(ARRAY[reference, document_number]) FROM person WHERE $1 = organisation_id"),
    ("placement", "SELECT id::text FROM placement WHERE $1 IN (ministry_id, union_id)"),
];
const LINES: (&str, &str) = ("demand", "SELECT id::text FROM order_line WHERE $1 = organisation_id");
/// What placements and pairs tell the two parties of each other.
const TOLD: &[(&str, &str)] = &[
    (
        "placement",
        "SELECT unnest(ARRAY[candidate_id, line_id, order_id])::text FROM placement WHERE $1 IN (ministry_id, union_id)",
    ),
    (
        "matching",
        "SELECT unnest(ARRAY[placement_id, candidate_id, line_id, coalesce(order_id, line_id)])::text FROM round_pair
         LEFT JOIN job_line ON job_line.id = line_id WHERE $1 IN (ministry_id, union_id)",
    ),
];

/// Everything, or what this query gives for an organisation.
fn of_all(sql: &str) -> String {
    let (before, _) = sql.split_once(" WHERE $1").expect("a mark is of an organisation");
    format!("{before} WHERE $1::uuid IS NOT NULL")
}

async fn user(bench: &Bench, house: &House, name: &str) -> User {
    let known = house.issuer.users().iter().find(|user| user.name == name).unwrap().clone();
    let (organisation, role) = (known.organisation_id, known.roles[0]);
    // Nothing of the organisation is known to be a worker's or an employer's own.
    let theirs = if Role::READERS.contains(&role) { organisation } else { Uuid::nil() };
    let (mut foreign, mut foreign_lines, mut employers) = (HashSet::new(), HashSet::new(), BTreeSet::new());
    if !role.sees_all() {
        for (service, sql) in MARKS {
            foreign.extend(strings(bench, service, &of_all(sql), theirs).await);
        }
        foreign_lines.extend(strings(bench, LINES.0, &of_all(LINES.1), theirs).await);
        foreign.extend(foreign_lines.iter().cloned());
        for (service, sql) in MARKS.iter().chain([&LINES]).chain(TOLD) {
            for own in strings(bench, service, sql, theirs).await {
                foreign.remove(&own);
            }
        }
        let names = "SELECT name FROM employer WHERE $1 <> organisation_id EXCEPT SELECT name FROM employer
            WHERE $1 = organisation_id";
        employers = strings(bench, "demand", names, theirs).await;
    }
    let offered = match role {
        Role::Ministry => offered(bench, organisation).await,
        _ => BTreeMap::new(),
    };
    let full = "SELECT given_names || ' ' || family_name FROM person WHERE $1";
    let people = strings(bench, "candidate", &format!("{full} = organisation_id"), theirs).await;
    let others = strings(bench, "candidate", &format!("{full} <> organisation_id"), theirs).await;
    // A union knows by name whom it has chosen, an operator whom anybody has.
    let chosen =
        "SELECT given_names || ' ' || family_name FROM person JOIN sight USING (candidate_id) WHERE chosen AND $1";
    let known = match role {
        Role::Union => strings(bench, "candidate", &format!("{chosen} = union_id"), organisation).await,
        Role::Operator => strings(bench, "candidate", &format!("{chosen} IS NOT NULL"), organisation).await,
        _ => BTreeSet::new(),
    };
    let strangers = others.difference(&people).filter(|name| !known.contains(*name)).cloned().collect();
    let token = house.issuer.token(name).unwrap();
    let name = name.to_owned();
    User { name, token, role, organisation, foreign, foreign_lines, employers, offered, strangers, people }
}

/// Whose place it is, by placement of a ministry that ever kept a seat.
async fn offered(bench: &Bench, ministry: Uuid) -> BTreeMap<String, String> {
    let sql = "SELECT id::text, terms ->> 'employer' FROM placement JOIN line_terms USING (line_id)
        WHERE ministry_id = $1 AND EXISTS (SELECT FROM hold WHERE placement_id = placement.id AND ledger = 'SEAT')";
    let rows: Vec<(String, String)> =
        sqlx::query_as(sql).bind(ministry).fetch_all(&mut database(bench, "placement").await).await.unwrap();
    rows.into_iter().filter(|(_, employer)| !employer.is_empty()).collect()
}
