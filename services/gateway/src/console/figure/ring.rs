//! The ring: 17 steps that close at Return verified.

use std::f64::consts::TAU;

use super::Direction;
use super::canvas::short;
use crate::console::step::Step;
use crate::console::words::{Words, escape};

/// How a placement stands at its step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Under way; the step is where it is now.
    Now,
    /// Behind: the step is done.
    Done,
    /// Still to come.
    Ahead,
    /// Ended badly at this step.
    Lost,
}

fn point(centre: f64, radius: f64, turn: f64, direction: Direction) -> String {
    let angle = turn * TAU;
    let sweep = match direction {
        Direction::Ltr => angle.sin(),
        Direction::Rtl => -angle.sin(),
    };
    let (x, y) = (centre + radius * sweep, centre - radius * angle.cos());
    format!("{} {}", short(x), short(y))
}

/// Draws the glyph beside a state; the state's name in words stands next to it.
#[must_use]
pub fn glyph(step: Option<Step>, standing: Standing) -> String {
    let filled = match (step, standing) {
        (Some(step), Standing::Now | Standing::Done | Standing::Lost) => step.number(),
        _ => 0,
    };
    let class = class(standing);
    let arc = match filled {
        0 => String::new(),
        17 => format!("<circle class=\"arc {class}\" cx=\"9\" cy=\"9\" r=\"7\"/>"),
        count => {
            let share = f64::from(count) / 17.0;
            let end = point(9.0, 7.0, share, Direction::Ltr);
            let large = u8::from(share > 0.5);
            format!("<path class=\"arc {class}\" d=\"M9 2A7 7 0 {large} 1 {end}\"/>")
        }
    };
    format!(
        "<svg class=\"ring\" viewBox=\"0 0 18 18\" aria-hidden=\"true\" focusable=\"false\">\
         <circle class=\"ringtrack\" cx=\"9\" cy=\"9\" r=\"7\"/>{arc}</svg>"
    )
}

fn class(standing: Standing) -> &'static str {
    match standing {
        Standing::Now => "now",
        Standing::Done => "done",
        Standing::Ahead => "ahead",
        Standing::Lost => "lost",
    }
}

/// Draws the head of the placement page: one segment per step.
#[must_use]
pub fn head(step: Step, standing: Standing, words: &Words, direction: Direction) -> String {
    let title =
        words.say("ring-title").with("number", step.number()).with("step", words.code("step", step.code())).to_string();
    let segments: String =
        Step::ALL.into_iter().map(|each| segment(each, segment_class(each, step, standing), direction)).collect();
    format!(
        "<svg class=\"bigring\" viewBox=\"0 0 144 144\" role=\"img\"><title>{}</title>{segments}\
         <text class=\"ringnumber\" x=\"72\" y=\"78\" text-anchor=\"middle\">{}</text>\
         <text class=\"soft\" x=\"72\" y=\"98\" text-anchor=\"middle\">{}</text></svg>",
        escape(&title),
        words.n(u64::from(step.number())),
        escape(&words.t("ring-of")),
    )
}

fn segment_class(each: Step, step: Step, standing: Standing) -> &'static str {
    match each.cmp(&step) {
        std::cmp::Ordering::Less => "done",
        std::cmp::Ordering::Equal => class(standing),
        std::cmp::Ordering::Greater => "ahead",
    }
}

/// Draws one segment between two radii, with a gap to its neighbours.
fn segment(step: Step, class: &str, direction: Direction) -> String {
    let (outer, inner, gap) = (68.0, 55.0, 0.0065);
    let start = f64::from(step.number() - 1) / 17.0 + gap;
    let end = f64::from(step.number()) / 17.0 - gap;
    let (over, back) = match direction {
        Direction::Ltr => (1, 0),
        Direction::Rtl => (0, 1),
    };
    let a = point(72.0, outer, start, direction);
    let b = point(72.0, outer, end, direction);
    let c = point(72.0, inner, end, direction);
    let d = point(72.0, inner, start, direction);
    format!(
        "<path class=\"seg {class}\" d=\"M{a}A{outer} {outer} 0 0 {over} {b}\
         L{c}A{inner} {inner} 0 0 {back} {d}Z\"/>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::words::Language;

    #[test]
    fn the_ring_closes_at_the_verified_return_only() {
        assert!(glyph(Some(Step::ReturnedVerified), Standing::Done).contains("<circle class=\"arc"));
        assert!(glyph(Some(Step::WorkEnded), Standing::Now).contains("<path class=\"arc"));
        assert!(!glyph(None, Standing::Ahead).contains("arc"));
    }

    #[test]
    fn the_head_has_seventeen_segments_and_one_is_now() {
        let words = Words { language: Language::English };
        let svg = head(Step::VisaGranted, Standing::Now, &words, Direction::Ltr);
        assert_eq!(svg.matches("class=\"seg done\"").count(), 7);
        assert_eq!(svg.matches("class=\"seg now\"").count(), 1);
        assert_eq!(svg.matches("class=\"seg ahead\"").count(), 9);
        let turned = head(Step::VisaGranted, Standing::Now, &words, Direction::Rtl);
        assert_ne!(svg, turned);
    }
}
