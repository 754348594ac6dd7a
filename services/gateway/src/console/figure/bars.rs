//! Bars inside table cells. Their numbers are in the row, so they are hidden
//! from screen readers and carry no text; they stretch to the cell.

use crate::console::flow::Flow;

/// Draws a step's bar: went on, is here now, dropped out, of the most.
#[must_use]
pub fn flow(flow: Flow, most: u64) -> String {
    parts(&[("fill went", flow.went_on()), ("fill here", flow.here), ("fill lost", flow.dropped)], most)
}

/// Draws parts end to end on a track that stands for the whole.
#[must_use]
pub fn parts(parts: &[(&str, u64)], whole: u64) -> String {
    let mut body = String::from("<rect class=\"track\" width=\"100\" height=\"10\"/>");
    let mut x = 0.0;
    for (class, number) in parts {
        let width = share(*number, whole);
        if width > 0.0 {
            let (at, wide) = (short(x), short(width));
            body.push_str(&format!("<rect class=\"{class}\" x=\"{at}\" width=\"{wide}\" height=\"10\"/>"));
        }
        x += width;
    }
    wrap("cellbar", &body)
}

/// What a clock bar shows, all in days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClockDays {
    /// Half of those who finished needed at most this long.
    pub half: Option<u64>,
    /// Nine of ten needed at most this long.
    pub nine: Option<u64>,
    /// The rule's limit.
    pub limit: Option<u64>,
    /// The longest running clock that is past its limit.
    pub oldest: Option<u64>,
}

/// Draws a clock: dark half, pale nine of ten, upright limit, red oldest late.
#[must_use]
pub fn clock(days: ClockDays, most: u64) -> String {
    let mut body = String::from("<rect class=\"track\" width=\"100\" height=\"10\"/>");
    let mut bar = |class: &str, x: f64, width: f64| {
        let (x, width) = (short(x), short(width));
        body.push_str(&format!("<rect class=\"{class}\" x=\"{x}\" width=\"{width}\" height=\"10\"/>"));
    };
    if let Some(nine) = days.nine {
        bar("fill nine", 0.0, share(nine, most));
    }
    if let Some(half) = days.half {
        bar("fill half", 0.0, share(half, most));
    }
    let limit = days.limit.map(|limit| share(limit, most));
    if let (Some(oldest), Some(limit)) = (days.oldest, limit) {
        let end = share(oldest, most);
        bar("fill lost", limit, (end - limit).max(0.0));
    }
    if let Some(limit) = limit {
        bar("mark", limit.min(98.8), 1.2);
    }
    wrap("cellbar clockbar", &body)
}

/// Draws how much of one clock is used; `late` turns it red, `soon` amber.
#[must_use]
pub fn used(used: u64, allowed: u64, tone: &str) -> String {
    parts(&[(&format!("fill {tone}"), used.min(allowed))], allowed)
}

fn share(number: u64, whole: u64) -> f64 {
    (number as f64 * 100.0 / whole.max(1) as f64).min(100.0)
}

fn short(number: f64) -> String {
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn wrap(class: &str, body: &str) -> String {
    format!(
        "<svg class=\"{class}\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" \
         aria-hidden=\"true\" focusable=\"false\">{body}</svg>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_never_leaves_its_track_and_says_nothing() {
        let svg = flow(Flow { reached: 100, here: 20, dropped: 10 }, 200);
        assert!(svg.contains("aria-hidden"), "{svg}");
        assert!(!svg.contains("<text"), "{svg}");
        assert!(svg.contains("class=\"fill went\" x=\"0\" width=\"35\""), "{svg}");
        assert!(svg.contains("class=\"fill lost\" x=\"45\" width=\"5\""), "{svg}");
        assert_eq!(share(500, 100), 100.0);
    }

    #[test]
    fn the_red_of_a_clock_begins_at_its_limit() {
        let days = ClockDays { half: Some(10), nine: Some(20), limit: Some(30), oldest: Some(45) };
        let svg = clock(days, 60);
        assert!(svg.contains("class=\"fill lost\" x=\"50\" width=\"25\""), "{svg}");
    }
}
