//! Batches of drawn people, for demonstrations and tests: the same [`Spec`] gives the same bytes. Nobody in them is
//! real: names, dates and numbers are drawn independently of each other from the lists in `generate/country.rs`.

mod country;
mod dirt;
mod group;
mod row;

use std::collections::HashSet;

use aws_lc_rs::digest;
use chrono::NaiveDate;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::entry::COLUMNS;
use country::Country;
use row::Draft;

/// Which batch to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spec {
    pub seed: u64,
    /// ISO 3166-1 alpha-2: CO, GT, GH, NG, SN or MX.
    pub origin: String,
    /// Rows in the file, blank ones not counted.
    pub count: usize,
    /// The day the batch is filed; ages and last days are drawn around it. Give it to the import as `as_of`.
    pub filing_date: NaiveDate,
    /// With what real spreadsheets bring along: another encoding, other separators, and at most 4 rows in 100 with a slip.
    pub dirt: bool,
}

/// No list of names and regions for this origin.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("candidates can be drawn for CO, GT, GH, NG, SN and MX, not for {0:?}")]
pub struct UnknownOrigin(pub String);

/// A file of layout `candidates-v1`.
///
/// # Errors
/// [`UnknownOrigin`].
pub fn batch(spec: &Spec) -> Result<Vec<u8>, UnknownOrigin> {
    let country = country::find(&spec.origin).ok_or_else(|| UnknownOrigin(spec.origin.clone()))?;
    let stamp = stamp(spec);
    let mut chance = ChaCha8Rng::from_seed(stamp);
    let mut drafts: Vec<Draft> =
        (0..spec.count).map(|serial| row::draw(spec, country, (serial, &stamp), &mut chance)).collect();
    let spoilt = if spec.dirt { dirt::spoil(&mut drafts, &mut chance) } else { HashSet::new() };
    // A stream of its own: what is drawn of groups changes nothing else. A slip in a row would leave its group without a member.
    let mut chance = ChaCha8Rng::from_seed(stamp);
    chance.set_stream(1);
    group::join(&mut drafts, &spoilt, &mut chance);
    Ok(write(spec, country, &drafts))
}

/// Seed of the batch, and what keeps its references and documents apart from those of other batches.
fn stamp(spec: &Spec) -> [u8; 32] {
    let text = format!("{} {} {}", spec.seed, spec.origin, spec.filing_date);
    let digest = digest::digest(&digest::SHA256, text.as_bytes());
    digest.as_ref().try_into().expect("SHA-256 has 32 bytes")
}

fn write(spec: &Spec, country: &Country, drafts: &[Draft]) -> Vec<u8> {
    let separator = if spec.dirt { b';' } else { b',' };
    let terminator = if spec.dirt { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
    let mut writer = csv::WriterBuilder::new().delimiter(separator).terminator(terminator).from_writer(Vec::new());
    let rows =
        std::iter::once(COLUMNS.map(str::to_owned).to_vec()).chain(drafts.iter().map(|draft| draft.fields(spec.dirt)));
    let blank = vec![String::new(); COLUMNS.len()];
    let tail = std::iter::repeat_n(blank, if spec.dirt { 3 } else { 0 });
    for fields in rows.chain(tail) {
        writer.write_record(&fields).expect("a vector takes every record of one width");
    }
    let text = String::from_utf8(writer.into_inner().expect("a vector is flushed")).expect("fields are text");
    encode(text, spec.dirt, country.western)
}

/// A spreadsheet of western Europe or the Americas saves as Windows-1252; others put a byte-order mark before UTF-8.
fn encode(text: String, dirt: bool, western: bool) -> Vec<u8> {
    match (dirt, western) {
        (false, _) => text.into_bytes(),
        (true, true) => encoding_rs::WINDOWS_1252.encode(&text).0.into_owned(),
        (true, false) => [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
    }
}

#[cfg(test)]
mod tests;
