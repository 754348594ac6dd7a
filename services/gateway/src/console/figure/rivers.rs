//! The rivers: a lane per corridor, its height what reached each step.

use super::Direction;
use super::canvas::{Anchor, Canvas, bold, regular};
use crate::console::flow::{self, CorridorFlow};
use crate::console::step::Column;
use crate::console::words::Words;

#[cfg(test)]
mod tests;

const WIDTH: f64 = 1180.0;
const HEAD: f64 = 78.0;
/// Sizes of texts, as in the stylesheet.
const TEXT: f64 = 14.0;
const SMALL: f64 = 13.5;
/// From a line of a text to the next.
const LINE: f64 = 16.0;
/// Between a text and what stands after it.
const APART: f64 = 8.0;
/// From the bar of the last column to its labels, from any other to those in its stub.
const BESIDE: f64 = 14.0;
/// All lanes together, when nothing is below its least height.
const BODY: f64 = 250.0;
/// The least pitch of a lane: labels never collide.
const LEAST: f64 = 32.0;
/// A stub thicker than this carries its number.
const LABELLED: f64 = 14.0;

struct Plan {
    gutter: f64,
    gap: f64,
    scale: f64,
}

impl Plan {
    fn new(corridors: &[CorridorFlow], words: &Words) -> Plan {
        let names = corridors.iter().map(|flow| bold(&flow.corridor.name(words), TEXT));
        let feet = ["rivers-here-row", "rivers-dropped-row"].map(|key| regular(&words.t(key), TEXT));
        let gutter = names.chain(feet).fold(102.0, f64::max) + 18.0;
        let home = ["rivers-home", "rivers-none-home"].map(|key| BESIDE + regular(&words.t(key), TEXT));
        let last = words.t(Column::Returned.key());
        let end = last.split(' ').map(|word| regular(word, TEXT)).chain(home).fold(92.0, f64::max);
        let highest: u64 = corridors.iter().map(peak).sum();
        Plan { gutter, gap: (WIDTH - gutter - end - 5.0) / 7.0, scale: BODY / highest.max(1) as f64 }
    }

    fn x(&self, column: Column) -> f64 {
        self.gutter + self.gap * column as usize as f64
    }

    /// Room for the name of a column.
    fn room(&self, column: Column) -> f64 {
        if column == Column::Returned { WIDTH - self.x(column) } else { self.gap - APART }
    }

    fn tall(&self, number: u64) -> f64 {
        let height = number as f64 * self.scale;
        if number == 0 { 0.0 } else { height.max(1.2) }
    }

    fn pitch(&self, corridor: &CorridorFlow) -> f64 {
        let lane = self.tall(peak(corridor));
        let below = if corridor.dropped() + corridor.replaced > 0 { 26.0 } else { 12.0 };
        (lane + below).max(LEAST)
    }
}

fn peak(corridor: &CorridorFlow) -> u64 {
    corridor.columns.iter().map(|flow| flow.reached).max().unwrap_or(0)
}

/// Draws the rivers for wide pages.
#[must_use]
pub fn wide(corridors: &[CorridorFlow], words: &Words, direction: Direction) -> String {
    let plan = Plan::new(corridors, words);
    let lanes: f64 = corridors.iter().map(|corridor| plan.pitch(corridor)).sum();
    let foot = HEAD + lanes + 8.0;
    let mut canvas = Canvas::new(WIDTH, foot + 56.0, direction);
    heads(&mut canvas, &plan, words, corridors, foot);
    let mut top = HEAD;
    for (place, corridor) in corridors.iter().enumerate() {
        lane(&mut canvas, &plan, words, (corridor, place, top));
        top += plan.pitch(corridor);
    }
    feet(&mut canvas, &plan, words, corridors, foot);
    canvas.finish("rivers wide", &words.t("rivers-title"), &words.t("rivers-read"))
}

fn heads(canvas: &mut Canvas, plan: &Plan, words: &Words, corridors: &[CorridorFlow], foot: f64) {
    let total = flow::total(corridors);
    for column in Column::ALL {
        let x = plan.x(column);
        canvas.line("guide", (x + 2.5, HEAD - 12.0), (x + 2.5, foot));
        let name = words.t(column.key());
        // The last line stands above the number, whether or not there is one above it.
        for (above, line) in lines(&name, plan.room(column)).into_iter().rev().enumerate() {
            canvas.text("soft", Anchor::Start, (x, 34.0 - LINE * above as f64), line);
        }
        let reached = words.n(total[column as usize].reached);
        canvas.text("sum", Anchor::Start, (x, 56.0), &reached);
    }
}

/// A name in one line, or in two if it is too long for its room.
fn lines(name: &str, room: f64) -> Vec<&str> {
    match name.split_once(' ') {
        Some((first, rest)) if regular(name, TEXT) > room => vec![first, rest],
        _ => vec![name],
    }
}

fn lane(canvas: &mut Canvas, plan: &Plan, words: &Words, at: (&CorridorFlow, usize, f64)) {
    let (corridor, place, top) = at;
    let colour = format!("c{}", place % 6 + 1);
    for (column, next) in Column::ALL.iter().zip(Column::ALL.iter().skip(1)) {
        reach(canvas, plan, words, (corridor, *column, *next, top, &colour));
    }
    joining(canvas, plan, words, (corridor, top, &colour));
    for column in Column::ALL {
        let high = plan.tall(corridor.at(column).reached);
        if high > 0.0 {
            canvas.rect(&format!("bar {colour}"), (plan.x(column), top), (5.0, high));
        }
    }
    labels(canvas, plan, words, (corridor, top));
}

type Reach<'a> = (&'a CorridorFlow, Column, Column, f64, &'a str);

/// Draws what leaves a column: the band, the pale stub, the red branch.
fn reach(canvas: &mut Canvas, plan: &Plan, words: &Words, at: Reach) {
    let (corridor, column, next, top, colour) = at;
    let flow = corridor.at(column);
    let from = plan.x(column) + 5.0;
    let band = plan.tall(flow.went_on());
    if band > 0.0 {
        let size = (plan.x(next) - from, band);
        canvas.rect(&format!("band {colour}"), (from, top), size);
    }
    let stub = plan.tall(flow.here);
    if stub > 0.0 {
        let length = plan.gap * if stub > LABELLED { 0.86 } else { 0.28 };
        let class = format!("stub {colour}");
        canvas.rect(&class, (from + 1.0, top + band + 0.5), (length, stub));
    }
    if stub > LABELLED {
        let told = words.say(stub_key(column)).with("count", flow.here).to_string();
        let fits = regular(&told, SMALL) <= plan.gap - BESIDE;
        let text = if fits { told } else { words.n(flow.here) };
        let at = (plan.x(column) + BESIDE, top + band + stub / 2.0 + 5.0);
        canvas.text("small", Anchor::Start, at, &text);
    }
    if flow.dropped > 0 {
        let foot = top + band + stub;
        let width = (flow.dropped as f64 * plan.scale).max(1.6);
        let y = foot + width / 2.0;
        let reach = plan.gap * 0.34;
        canvas.branch("drop", (from, y), (from + reach, y + 10.0), width);
    }
}

fn stub_key(column: Column) -> &'static str {
    match column {
        Column::Ordered => "rivers-open",
        Column::Working => "rivers-at-work",
        _ => "rivers-here",
    }
}

/// Draws the replacements that join at Proposed.
fn joining(canvas: &mut Canvas, plan: &Plan, words: &Words, at: (&CorridorFlow, f64, &str)) {
    let (corridor, top, colour) = at;
    if corridor.replaced == 0 {
        return;
    }
    let width = (corridor.replaced as f64 * plan.scale).max(1.6);
    let x = plan.x(Column::Proposed);
    let joins = top + plan.tall(corridor.at(Column::Ordered).went_on()) + width / 2.0;
    let starts = joins + 13.0;
    let class = format!("joins {colour}");
    canvas.branch(&class, (x - plan.gap * 0.25, starts), (x, joins), width);
    if plan.tall(peak(corridor)) > 30.0 {
        let count = corridor.replaced;
        let text = words.say("rivers-replaced").with("count", count).to_string();
        let end = x - plan.gap * 0.25 - 5.0;
        // Below the open seats, whose number stands in their stub.
        let foot =
            top + plan.tall(corridor.at(Column::Ordered).went_on()) + plan.tall(corridor.at(Column::Ordered).here);
        canvas.text("small", Anchor::End, (end, (starts + 5.0).max(foot + 14.0)), &text);
    }
}

fn labels(canvas: &mut Canvas, plan: &Plan, words: &Words, at: (&CorridorFlow, f64)) {
    let (corridor, top) = at;
    let roomy = plan.tall(peak(corridor)) > 30.0;
    let line = if roomy { top + 14.0 } else { top + 6.0 };
    canvas.text("name", Anchor::Start, (0.0, line), &corridor.corridor.name(words));
    let end = plan.x(Column::Returned) + BESIDE;
    let home = corridor.at(Column::Returned).reached;
    if home == 0 {
        canvas.text("soft", Anchor::Start, (end, line), &words.t("rivers-none-home"));
        return;
    }
    canvas.text("name", Anchor::Start, (end, line), &words.n(home));
    if roomy {
        canvas.text("soft", Anchor::Start, (0.0, line + 18.0), &corridor.corridor.code);
        canvas.text("soft", Anchor::Start, (end, line + 18.0), &words.t("rivers-home"));
    }
}

fn feet(canvas: &mut Canvas, plan: &Plan, words: &Words, corridors: &[CorridorFlow], foot: f64) {
    let total = flow::total(corridors);
    canvas.line("axis", (0.0, foot), (WIDTH, foot));
    canvas.text("soft", Anchor::Start, (0.0, foot + 22.0), &words.t("rivers-here-row"));
    canvas.text("soft", Anchor::Start, (0.0, foot + 43.0), &words.t("rivers-dropped-row"));
    for column in Column::ALL {
        if column == Column::Returned {
            continue;
        }
        let flow = total[column as usize];
        let here = match column {
            Column::Ordered => words.say("rivers-open").with("count", flow.here).to_string(),
            _ => words.n(flow.here),
        };
        canvas.text("plain", Anchor::Start, (plan.x(column), foot + 22.0), &here);
        if flow.dropped > 0 {
            let dropped = words.n(flow.dropped);
            canvas.text("lost", Anchor::Start, (plan.x(column), foot + 43.0), &dropped);
        }
    }
}
