//! The organisations of the founding corridors and of the real feed, and who may sign in for them in development. Users
//! are named by their desk.

use platform::issuer::User;
use proto::{Role, programme::OrganisationKind};
use uuid::Uuid;

/// An organisation that the demo registers.
#[derive(Debug, Clone, Copy)]
pub struct Organisation {
    pub code: &'static str,
    pub kind: OrganisationKind,
    pub name: &'static str,
    pub country: &'static str,
    /// Name of its user.
    pub user: &'static str,
    pub role: Role,
}

impl Organisation {
    /// Derived from the code, so that tokens fit before the registration.
    #[must_use]
    pub fn id(&self) -> Uuid {
        Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("circula/organisation/{}", self.code).as_bytes())
    }
}

macro_rules! organisations {
    ($($code:literal $kind:ident $name:literal $country:literal $user:literal $role:ident)*) => {
        /// Everybody who takes part.
        pub const ORGANISATIONS: &[Organisation] = &[$(Organisation {
            code: $code, kind: OrganisationKind::$kind, name: $name, country: $country, user: $user, role: Role::$role,
        }),*];
    };
}

organisations! {
    "operator" Operator "Programme operator" "CH" "operator" Operator
    "authority" Authority "Authorities of the destinations" "ES" "authority" Authority
    "auditor" Auditor "Auditor" "CH" "auditor" Auditor
    "sena" Ministry "SENA, Agencia Pública de Empleo" "CO" "ministry-co" Ministry
    "mintrab-gt" Ministry "Ministry of Labour of Guatemala" "GT" "ministry-gt" Ministry
    "labour-gh" Ministry "Ministry of Labour of Ghana" "GH" "ministry-gh" Ministry
    "labour-ng" Ministry "Ministry of Labour of Nigeria" "NG" "ministry-ng" Ministry
    "labour-sn" Ministry "Ministry of Labour of Senegal" "SN" "ministry-sn" Ministry
    "stps" Ministry "Ministry of Labour of Mexico" "MX" "ministry-mx" Ministry
    "unio-de-pagesos" Union "Unió de Pagesos" "ES" "union-es" Union
    "ferme" Union "FERME" "CA" "union-ca" Union
    "union-it" Union "Farmers' unions of Italy" "IT" "union-it" Union
    "oflc-feed" Union "Employers of the H-2A feed" "US" "union-us" Union
}

/// A corridor of the demo: origin, destination, agreement, season, cap and flexible reserve of its quota.
pub type CorridorPlan = (&'static str, &'static str, &'static str, &'static str, i32, i32);

/// The founding corridors, and those of the real feed.
pub const CORRIDORS: &[CorridorPlan] = &[
    ("CO", "ES", "Agreement on labour migration flows, Colombia and Spain, 2001", "2026", 4000, 400),
    ("CO", "CA", "Memorandum of understanding with FERME", "2026", 500, 50),
    ("GT", "CA", "Memorandum of understanding IOM and FERME, 2003", "2026", 3900, 300),
    ("GH", "IT", "Pilot of 2011", "2026", 100, 10),
    ("NG", "IT", "Pilot of 2011", "2026", 70, 10),
    ("SN", "IT", "Pilot of 2011", "2026", 130, 10),
    ("MX", "US", "H-2A", "2017", 200_000, 0),
    ("GT", "US", "H-2A", "2017", 20_000, 0),
    ("CO", "US", "H-2A", "2017", 10_000, 0),
];

/// The organisation that a code names.
///
/// # Panics
/// If no organisation of the demo has this code.
#[must_use]
pub fn organisation(code: &str) -> &'static Organisation {
    ORGANISATIONS.iter().find(|organisation| organisation.code == code).expect("a code of the cast")
}

/// The ministry of an origin.
///
/// # Panics
/// If the demo has none for this country.
#[must_use]
pub fn ministry(origin: &str) -> &'static Organisation {
    let fits = |organisation: &&Organisation| organisation.role == Role::Ministry && organisation.country == origin;
    ORGANISATIONS.iter().find(fits).expect("an origin of the cast")
}

/// The union of a destination.
///
/// # Panics
/// If the demo has none for this country.
#[must_use]
pub fn union(destination: &str) -> &'static Organisation {
    let fits = |organisation: &&Organisation| organisation.role == Role::Union && organisation.country == destination;
    ORGANISATIONS.iter().find(fits).expect("a destination of the cast")
}

/// Everybody who may sign in at the development issuer.
#[must_use]
pub fn users() -> Vec<User> {
    let mut users: Vec<User> =
        ORGANISATIONS.iter().map(|organisation| user(organisation.user, organisation, organisation.role)).collect();
    let operator = organisation("operator");
    users.push(user("second-operator", operator, Role::Operator));
    users.push(user("scheduler", operator, Role::Service));
    users
}

fn user(name: &str, organisation: &Organisation, role: Role) -> User {
    let desk = format!("{}, {}", organisation.name, role);
    User { name: name.to_owned(), desk, organisation_id: organisation.id(), roles: vec![role] }
}
