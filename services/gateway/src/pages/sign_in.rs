//! The page on which a development user is chosen.

use axum::response::Response;
use http::{HeaderMap, StatusCode};
use proto::Role;

use super::visitor::{Guest, answer};
use crate::{
    console::{
        frame::Desk,
        sign_in::{DevelopmentUser, SignIn},
        url,
    },
    server::App,
};

/// Offers the development users of the settings; the issuer does the rest.
pub(crate) fn page(app: &App, headers: &HeaderMap, to: &str) -> Response {
    let here = url::with_query("/sign-in", &[("to", to)]);
    let guest = Guest::new(app, headers, &here, String::new());
    let users = app.config.oidc.development_users.iter();
    let users = users.filter_map(|user| {
        let (id, organisation) = (user.name.clone(), user.organisation.clone());
        Some(DevelopmentUser { id, desk: desk(&user.desk)?, organisation })
    });
    // There is no session yet: forms of other sites are told by where the browser says they come from.
    let page = SignIn { users: users.collect(), csrf: String::new(), to: to.to_owned() };
    answer(StatusCode::OK, page.render(&guest.frame(None)))
}

/// The desk of a role. Nobody is offered who has none.
fn desk(role: &str) -> Option<Desk> {
    match role.parse::<Role>().ok()? {
        Role::Operator => Some(Desk::Operator),
        Role::Ministry => Some(Desk::Ministry),
        Role::Union => Some(Desk::Union),
        Role::Authority => Some(Desk::Authority),
        Role::Auditor | Role::Service => Some(Desk::Auditor),
        Role::Worker | Role::Employer => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_no_desk_is_not_offered() {
        assert_eq!(["union", "worker", "employer", "nobody"].map(desk), [Some(Desk::Union), None, None, None]);
    }
}
