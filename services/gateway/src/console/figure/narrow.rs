//! The rivers for narrow pages: one stacked bar per step, with its numbers.

use super::Direction;
use super::canvas::{Anchor, Canvas};
use crate::console::flow::{self, CorridorFlow};
use crate::console::step::Column;
use crate::console::words::Words;

const WIDTH: f64 = 326.0;
const ROW: f64 = 66.0;
const BAR: f64 = 14.0;

/// Draws the season as eight stacked bars.
#[must_use]
pub fn narrow(corridors: &[CorridorFlow], words: &Words, direction: Direction) -> String {
    let height = ROW * Column::ALL.len() as f64 - 14.0;
    let mut canvas = Canvas::new(WIDTH, height, direction);
    let total = flow::total(corridors);
    let most = total.iter().map(|flow| flow.reached).max().unwrap_or(0);
    let scale = WIDTH / most.max(1) as f64;
    for column in Column::ALL {
        row(&mut canvas, words, (corridors, column, scale));
    }
    canvas.finish("rivers narrow", &words.t("rivers-title"), &words.t("rivers-read-narrow"))
}

fn row(canvas: &mut Canvas, words: &Words, at: (&[CorridorFlow], Column, f64)) {
    let (corridors, column, scale) = at;
    let top = ROW * column as usize as f64;
    let flow = flow::total(corridors)[column as usize];
    canvas.text("name", Anchor::Start, (0.0, top + 14.0), &words.t(column.key()));
    canvas.text("name", Anchor::End, (WIDTH, top + 14.0), &words.n(flow.reached));
    let mut x = 0.0;
    for (place, corridor) in corridors.iter().enumerate() {
        let width = corridor.at(column).reached as f64 * scale;
        if width > 0.0 {
            let class = format!("bar c{}", place % 6 + 1);
            canvas.rect(&class, (x, top + 20.0), (width, BAR));
        }
        x += width;
    }
    if column == Column::Returned {
        return;
    }
    let key = if column == Column::Ordered { "rivers-open" } else { "rivers-here" };
    let here = words.say(key).with("count", flow.here).to_string();
    canvas.text("soft", Anchor::Start, (0.0, top + 49.0), &here);
    if flow.dropped > 0 {
        let lost = words.say("rivers-dropped").with("count", flow.dropped).to_string();
        canvas.text("lost", Anchor::End, (WIDTH, top + 49.0), &lost);
    }
}
