use std::collections::HashMap;

use super::*;
use crate::entry::{Filing, Judged, judge};

fn spec(origin: &str, dirt: bool) -> Spec {
    let filing_date = NaiveDate::from_ymd_opt(2025, 12, 1).unwrap();
    Spec { seed: 7, origin: origin.to_owned(), count: 2000, filing_date, dirt }
}

fn judged(spec: &Spec, text: &str) -> Vec<Judged> {
    let delimiter = if spec.dirt { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
    let head = reader.headers().unwrap().clone();
    let filing = Filing { as_of: spec.filing_date, origin: spec.origin.clone(), corridors: Vec::new() };
    let row = |record: csv::StringRecord| {
        let fields: HashMap<&str, &str> = head.iter().zip(record.iter()).collect();
        judge(&|column| fields[column].to_owned(), &filing)
    };
    reader
        .records()
        .map(|record| record.unwrap())
        .filter(|record| record.iter().any(|field| !field.is_empty()))
        .map(row)
        .collect()
}

#[test]
fn the_same_spec_gives_the_same_bytes_and_another_seed_other_people() {
    let one = spec("CO", true);
    assert_eq!(batch(&one), batch(&one));
    assert_ne!(batch(&one), batch(&Spec { seed: 8, ..one }));
    let nowhere = Spec { origin: "XX".to_owned(), ..spec("CO", false) };
    assert_eq!(batch(&nowhere), Err(UnknownOrigin("XX".to_owned())));
}

#[test]
fn a_batch_without_dirt_has_no_findings_in_any_origin() {
    for origin in ["CO", "GT", "GH", "NG", "SN", "MX"] {
        let spec = spec(origin, false);
        let text = String::from_utf8(batch(&spec).unwrap()).unwrap();
        let judged = judged(&spec, &text);
        assert_eq!(judged.len(), spec.count);
        let findings: Vec<_> = judged.iter().flat_map(|judged| &judged.findings).collect();
        assert_eq!(findings, Vec::<&import::Finding>::new(), "{origin}");
    }
}

#[test]
fn at_least_95_rows_in_100_are_clean_and_the_dirt_is_of_every_kind() {
    let spec = spec("MX", true);
    let bytes = batch(&spec).unwrap();
    assert!(String::from_utf8(bytes.clone()).is_err(), "the file is Windows-1252");
    let marked = batch(&Spec { origin: "GH".to_owned(), ..spec.clone() }).unwrap();
    assert!(marked.starts_with(b"\xEF\xBB\xBF") && std::str::from_utf8(&marked).is_ok(), "UTF-8 with its mark");
    let text = encoding_rs::WINDOWS_1252.decode_without_bom_handling(&bytes).0.into_owned();
    assert!(text.ends_with(";;;\r\n"), "blank rows stand at the end");
    let mut rows: Vec<(i64, Judged)> = (2..).zip(judged(&spec, &text)).collect();
    crate::duplicates::mark(&mut rows, &crate::duplicates::OnRecord::default());
    let clean = rows.iter().filter(|(_, judged)| judged.findings.is_empty()).count();
    assert!((1900..2000).contains(&clean), "{clean} of 2000 rows are clean");
    let codes: std::collections::BTreeSet<&str> =
        rows.iter().flat_map(|(_, judged)| &judged.findings).map(|finding| finding.code.as_str()).collect();
    for code in ["CEFR-01", "DATE-01", "DOC-01", "DUP-01", "DUP-02", "ISCO-01", "MRZ-02", "MRZ-03", "REF-01"] {
        assert!(codes.contains(code), "{code} is among {codes:?}");
    }
}

#[test]
fn some_travel_as_families_of_two_or_in_crews_of_three_to_six_and_no_slip_breaks_a_group() {
    for spec in [spec("MX", true), spec("GH", false)] {
        let bytes = batch(&spec).unwrap();
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(western) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(western.as_bytes()).0.into_owned(),
        };
        let mut rows: Vec<(i64, Judged)> = (2..).zip(judged(&spec, &text)).collect();
        crate::duplicates::mark(&mut rows, &crate::duplicates::OnRecord::default());
        let mut groups: HashMap<(&str, &str), Vec<&Judged>> = HashMap::new();
        for (_, judged) in &rows {
            let Some(entry) = &judged.entry else { continue };
            for (column, name) in [("family_group", &entry.person.family_group), ("crew", &entry.person.crew)] {
                if !name.is_empty() {
                    groups.entry((column, name.as_str())).or_default().push(judged);
                }
            }
        }
        let mut people = HashMap::from([("family_group", 0), ("crew", 0)]);
        for ((column, name), members) in &groups {
            *people.get_mut(column).unwrap() += members.len();
            let sizes = if *column == "crew" { 3..=6 } else { 2..=2 };
            assert!(sizes.contains(&members.len()), "{name} has {} members", members.len());
            let refused = members.iter().flat_map(|judged| &judged.findings).any(|finding| finding.refuses);
            assert!(!refused, "{name} would come in without somebody");
            let destinations = |judged: &Judged| judged.entry.as_ref().unwrap().facts.destinations.clone();
            assert!(members.iter().all(|judged| destinations(judged) == destinations(members[0])), "{name}");
            let work = |judged: &Judged| judged.entry.as_ref().unwrap().facts.experience[0].isco_code.clone();
            assert!(
                members.iter().all(|judged| work(judged) == work(members[0])),
                "{name}: nobody could seat them all"
            );
        }
        assert!((15..=70).contains(&people["family_group"]), "2 in 100 of 2000 in families: {people:?}");
        assert!((25..=150).contains(&people["crew"]), "4 in 100 of 2000 in crews: {people:?}");
    }
}

#[test]
fn people_are_of_the_ages_and_shares_that_the_field_knows() {
    let spec = spec("CO", false);
    let text = String::from_utf8(batch(&spec).unwrap()).unwrap();
    let entries: Vec<_> = judged(&spec, &text).into_iter().filter_map(|judged| judged.entry).collect();
    let share = |count: usize| count * 100 / entries.len();
    let women = share(entries.iter().filter(|entry| entry.facts.sex == "F").count());
    assert!((24..=32).contains(&women), "{women} women in 100");
    let young = share(entries.iter().filter(|entry| entry.facts.birth_year > 2025 - 41).count());
    assert!((78..=92).contains(&young), "{young} in 100 are younger than 41");
    let documents: std::collections::HashSet<_> = entries.iter().map(|entry| &entry.person.document_number).collect();
    assert_eq!(documents.len(), entries.len(), "no two people share a document");
}
