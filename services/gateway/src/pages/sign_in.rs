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
    let users = users.map(|user| DevelopmentUser {
        id: user.name.clone(),
        desk: desk(&user.desk),
        organisation: user.organisation.clone(),
    });
    // There is no session yet: forms of other sites are told by where the browser says they come from.
    let page = SignIn { users: users.collect(), csrf: String::new(), to: to.to_owned() };
    answer(StatusCode::OK, page.render(&guest.frame(None)))
}

fn desk(role: &str) -> Desk {
    match role.parse() {
        Ok(Role::Operator) => Desk::Operator,
        Ok(Role::Ministry | Role::Worker) => Desk::Ministry,
        Ok(Role::Union | Role::Employer) => Desk::Union,
        Ok(Role::Authority) => Desk::Authority,
        Ok(Role::Auditor | Role::Service) | Err(_) => Desk::Auditor,
    }
}
