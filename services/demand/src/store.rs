//! SQL, and nothing else. Many rows go in as one JSON array by `jsonb_populate_recordset`: one statement whatever their
//! number, and columns that hold lists of different lengths, which `unnest` cannot take.

pub(crate) mod employer;
pub(crate) mod order;
pub(crate) mod posting;
pub(crate) mod programme;
pub(crate) mod tally;
