//! Figures: numbers in, an SVG string out.
//!
//! Geometry is in attributes, colour in classes, so that theme and print
//! follow the stylesheet. Every number in a figure is also in the table beside
//! it. A figure knows its direction: `Direction::Rtl` mirrors the geometry,
//! and `text-anchor` mirrors by itself.

pub mod bars;
pub mod canvas;
pub mod interval;
pub mod narrow;
pub mod ring;
pub mod rivers;

/// The direction in which a page is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    #[default]
    Ltr,
    Rtl,
}
