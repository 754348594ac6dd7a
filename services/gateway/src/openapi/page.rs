//! All calls on one page, for people.

use super::comments::Comments;
use crate::{console::words::Language, server, transcoder::binding::Binding};

/// The page: one table per service.
pub(super) fn render(bindings: &[Binding], comments: &Comments) -> String {
    let mut services: Vec<&str> = bindings.iter().map(|binding| binding.call.service.as_str()).collect();
    services.sort_unstable();
    services.dedup();
    let tables: String = services.into_iter().map(|service| table(service, bindings, comments)).collect();
    let lead = "Send <code>Authorization: Bearer …</code> and JSON. A command repeated with the same \
        <code>Idempotency-Key</code> has one effect. A refusal says what, where, why, and what would mend it. \
        For machines: <a href=\"/openapi.json\">openapi.json</a>.";
    server::page(Language::English, "Calls · Circula", &format!("<h1>Calls</h1><p>{lead}</p>{tables}"))
}

fn table(service: &str, bindings: &[Binding], comments: &Comments) -> String {
    let rows: String = bindings
        .iter()
        .filter(|binding| binding.call.service == service)
        .map(|binding| {
            let (summary, text) = comments.call(&binding.call.method);
            let text = if text.is_empty() { summary } else { text };
            format!(
                "<tr><td>{}</td><td><code>{}</code></td><td>{}</td></tr>",
                binding.http,
                escape(binding.template.source()),
                escape(&text)
            )
        })
        .collect();
    format!(
        "<section><h2 id=\"{service}\">{service}</h2><div role=\"group\" tabindex=\"0\" aria-labelledby=\"{service}\"><table><thead>\
         <tr><th scope=\"col\">Method</th><th scope=\"col\">Path</th><th scope=\"col\">What it does</th></tr></thead>\
         <tbody>{rows}</tbody></table></div></section>"
    )
}

/// Text for HTML, in and out of attributes.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}
