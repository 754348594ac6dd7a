//! `/who-sees-what`: the table itself, the same for all.

use axum::response::Response;

use super::visitor::Visitor;
use crate::console::{
    frame::{Frame, Section},
    sight::WhoSeesWhat,
};

pub(super) async fn page(visitor: Visitor) -> Response {
    let frame = Frame { section: None, ..visitor.frame(Section::Home, None, None) };
    visitor.answer(WhoSeesWhat.render(&frame).map_err(Into::into))
}
