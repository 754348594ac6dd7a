//! A small writer of SVG that can mirror what it draws.

use std::fmt::Write;

use super::Direction;
use crate::console::words::escape;

/// Where a text is tied to its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// A drawing of fixed size.
pub struct Canvas {
    width: f64,
    height: f64,
    direction: Direction,
    body: String,
}

impl Canvas {
    #[must_use]
    pub fn new(width: f64, height: f64, direction: Direction) -> Canvas {
        Canvas { width, height, direction, body: String::new() }
    }

    fn x(&self, x: f64) -> f64 {
        match self.direction {
            Direction::Ltr => x,
            Direction::Rtl => self.width - x,
        }
    }

    fn put(&mut self, arguments: std::fmt::Arguments) {
        // Writing to a String cannot fail.
        let _infallible = self.body.write_fmt(arguments);
    }

    /// Draws a rectangle from its upper start corner.
    pub fn rect(&mut self, class: &str, corner: (f64, f64), size: (f64, f64)) {
        let start = match self.direction {
            Direction::Ltr => corner.0,
            Direction::Rtl => self.width - corner.0 - size.0,
        };
        let (x, y) = (short(start), short(corner.1));
        let (w, h) = (short(size.0), short(size.1));
        self.put(format_args!("<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\"/>"));
    }

    /// Draws a straight line.
    pub fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        let (x1, x2) = (short(self.x(from.0)), short(self.x(to.0)));
        let (y1, y2) = (short(from.1), short(to.1));
        self.put(format_args!("<line class=\"{class}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>"));
    }

    /// Draws an S-shaped branch between two points, as wide as its number.
    pub fn branch(&mut self, class: &str, from: (f64, f64), to: (f64, f64), width: f64) {
        let bend = f64::midpoint(from.0, to.0);
        let (x1, x2, xm) = (self.x(from.0), self.x(to.0), self.x(bend));
        let (x1, x2, xm) = (short(x1), short(x2), short(xm));
        let (y1, y2, w) = (short(from.1), short(to.1), short(width));
        self.put(format_args!(
            "<path class=\"{class}\" d=\"M{x1} {y1}C{xm} {y1} {xm} {y2} {x2} {y2}\" stroke-width=\"{w}\"/>"
        ));
    }

    /// Writes a text; empty texts leave no trace.
    pub fn text(&mut self, class: &str, anchor: Anchor, at: (f64, f64), text: &str) {
        if text.is_empty() {
            return;
        }
        let (x, y) = (short(self.x(at.0)), short(at.1));
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let text = escape(text);
        self.put(format_args!("<text class=\"{class}\" x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{text}</text>"));
    }

    /// Ends the drawing: title and description are what a screen reader says.
    #[must_use]
    pub fn finish(self, class: &str, title: &str, description: &str) -> String {
        let (title, description) = (escape(title), escape(description));
        let (width, height) = (short(self.width), short(self.height));
        format!(
            "<svg class=\"{class}\" viewBox=\"0 0 {width} {height}\" role=\"img\">\
             <title>{title}</title><desc>{description}</desc>{}</svg>",
            self.body
        )
    }
}

/// The least room that a bold text of this size needs: the page's font is whatever the reader's system has, so this holds for
/// `DejaVu` Sans, one of the widest.
#[must_use]
pub fn bold(text: &str, size: f64) -> f64 {
    size * text.chars().map(em).sum::<f64>()
}

/// As `bold`, of a text in regular weight.
#[must_use]
pub fn regular(text: &str, size: f64) -> f64 {
    0.88 * bold(text, size)
}

/// The width of the widest sign of a kind. Ems.
fn em(sign: char) -> f64 {
    match sign {
        'm' | 'w' | 'M' | 'W' => 1.11,
        'i' | 'j' | 'l' | 'í' | 'ï' | 'I' | 'J' | 'Î' | '.' | ',' | '\'' | '’' | '-' => 0.42,
        'f' | 'r' | 't' => 0.5,
        _ if sign.is_whitespace() => 0.42,
        _ if sign.is_lowercase() || sign.is_ascii_digit() => 0.72,
        _ => 0.86,
    }
}

/// Returns a coordinate with at most one decimal.
#[must_use]
pub fn short(number: f64) -> String {
    let text = format!("{number:.1}");
    match text.strip_suffix(".0") {
        Some("-0") => "0".to_owned(),
        Some(whole) => whole.to_owned(),
        None => text,
    }
}
