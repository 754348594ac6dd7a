use super::*;

const GOOD: [(&str, &str); 14] = [
    ("reference", "A-1"),
    ("family_name", "Ñáñez"),
    ("given_names", "Luz"),
    ("birth_date", "28/02/1994"),
    ("sex", "f"),
    ("region", "co-vac"),
    ("phone", "+57 300 555 0123"),
    ("document_number", "ab 123456"),
    ("document_expiry", "2031-01-01"),
    ("occupations", "9211:24|6112:6"),
    ("languages", "ES:c2|en:A1"),
    ("certificates", "tractor"),
    ("fit_until", "2030-01-01"),
    ("available_from", "01/03/2026"),
];

fn filing() -> Filing {
    Filing { as_of: "2026-01-10".parse().unwrap(), origin: "CO".to_owned(), corridors: Vec::new() }
}

fn judged(changes: &[(&str, &str)]) -> Judged {
    let fields: Vec<(String, String)> =
        changes.iter().chain(&GOOD).map(|(column, value)| ((*column).to_owned(), (*value).to_owned())).collect();
    let get = |column: &str| {
        fields.iter().find(|(name, _)| name == column).map(|(_, value)| value.clone()).unwrap_or_default()
    };
    judge(&get, &filing())
}

/// Somebody with everything, for the tests of others.
pub(crate) fn entry() -> Entry {
    judged(&[]).entry.unwrap()
}

#[test]
fn a_good_row_is_read_in_any_letter_case() {
    let judged = judged(&[]);
    assert_eq!(judged.findings, []);
    let entry = judged.entry.unwrap();
    assert_eq!((entry.facts.sex.as_str(), entry.facts.region.as_str()), ("F", "CO-VAC"));
    assert_eq!(entry.facts.languages, ["es:C2", "en:A1"]);
    assert_eq!(entry.person.document_number, "AB123456");
    assert_eq!(entry.person.document_country, "CO");
    assert_eq!(entry.field("occupations"), "9211:24|6112:6");
}

#[test]
fn what_is_written_back_is_read_the_same() {
    let entry = entry();
    let again = judge(&|column| entry.field(column), &filing());
    assert_eq!(again.findings, []);
    assert_eq!(again.entry.unwrap().facts, entry.facts);
}

#[test]
fn each_fault_has_its_code_in_its_column() {
    for (column, value, code, refuses) in [
        ("reference", "", "REF-01", true),
        ("reference", "Añ-1", "REF-02", true),
        ("family_name", "", "NAME-01", true),
        ("given_names", "Luz\u{202E}", "TEXT-01", true),
        ("birth_date", "30/02/1994", "DATE-01", true),
        ("birth_date", "1994", "DATE-02", true),
        ("birth_date", "", "DATE-03", true),
        ("birth_date", "01/01/2027", "DATE-04", true),
        ("birth_date", "11/01/2008", "AGE-01", true),
        ("birth_date", "09/01/1965", "AGE-02", true),
        ("available_until", "01/02/2026", "DATE-05", true),
        ("sex", "mujer", "SEX-01", true),
        ("region", "Valle del Cauca", "REGION-01", true),
        ("region", "GH-AH", "REGION-02", false),
        ("phone", "300 555", "PHONE-01", false),
        ("document_number", "", "DOC-02", false),
        ("document_number", "A?", "DOC-03", true),
        ("document_expiry", "01/01/2026", "DOC-01", false),
        ("document_expiry", "", "DOC-04", false),
        ("occupations", "9999:3", "ISCO-01", true),
        ("occupations", "9211", "ISCO-02", true),
        ("languages", "xx:B1", "LANG-01", true),
        ("languages", "es:B7", "CEFR-01", true),
        ("certificates", "años", "CERT-01", true),
        ("destinations", "Spain", "DEST-01", true),
        ("priorities", "a b", "PRIO-01", true),
        ("seasons_returned", "-1", "SEASON-01", true),
        ("family_group", "Muñoz", "GROUP-01", true),
        ("crew", "a crew whose name is longer than the sixty-four signs it may have", "GROUP-01", true),
        ("mrz", "L898902C36UTO7408122F1204159ZE184226B<<<<<1", "MRZ-01", true),
        ("mrz", "L898902C46UTO7408122F1204159ZE184226B<<<<<10", "MRZ-02", true),
        ("mrz", "L898902C36UTO74O8122F1204159ZE184226B<<<<<10", "MRZ-03", true),
        ("mrz", "L898902C36UTO7408122F1204159ZE184226B<<<<<10", "MRZ-04", true),
    ] {
        let findings = judged(&[(column, value)]).findings;
        let found: Vec<(&str, &str, &str, bool)> = findings
            .iter()
            .map(|finding| (finding.column.as_str(), finding.value.as_str(), finding.code.as_str(), finding.refuses))
            .collect();
        assert_eq!(found, [(column, value, code, refuses)]);
        assert!(findings.iter().all(|finding| !finding.mend.is_empty()), "{code} says what would mend it");
    }
}

#[test]
fn a_passport_that_agrees_is_no_news() {
    let changes = [
        ("mrz", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"),
        ("document_number", "L898902C3"),
        ("birth_date", "1974-08-12"),
        ("document_expiry", "2012-04-15"),
    ];
    let mut filing = filing();
    filing.as_of = "2010-01-01".parse().unwrap();
    let get = |column: &str| {
        let found = changes.iter().chain(&GOOD).find(|(name, _)| *name == column);
        found.map(|(_, value)| (*value).to_owned()).unwrap_or_default()
    };
    assert_eq!(judge(&get, &filing).findings, []);
}

#[test]
fn the_sentences_are_those_of_the_console() {
    let date = &judged(&[("birth_date", "30/02/1994")]).findings[0];
    assert_eq!(date.message, "30 February does not exist.");
    assert_eq!(date.mend, "Write the date as in the passport, for example 28/02/1994.");
    let mrz = &judged(&[("mrz", "L8989O2C36UTO7408122F1204159ZE184226B<<<<<10")]).findings[0];
    assert_eq!(mrz.message, "The check digit does not fit. The 6th sign is the letter O.");
    assert_eq!(mrz.mend, "Probably a zero: compare with the second line of the passport.");
}

#[test]
fn nobody_is_in_a_family_and_in_a_crew() {
    let findings = judged(&[("family_group", "F-1"), ("crew", "C-1")]).findings;
    let found: Vec<_> =
        findings.iter().map(|found| (found.column.as_str(), found.code.as_str(), found.refuses)).collect();
    assert_eq!(found, [("crew", "GROUP-02", true)]);
    for one in [("family_group", "F-1"), ("crew", "C-1")] {
        let judged = judged(&[one]);
        assert_eq!(judged.findings, []);
        assert_eq!(judged.entry.unwrap().field(one.0), one.1);
    }
}

#[test]
fn a_formula_is_data() {
    let judged = judged(&[("family_name", "=1+1"), ("given_names", "@SUM(A1)")]);
    assert_eq!(judged.findings, []);
    assert_eq!(judged.entry.unwrap().person.family_name, "=1+1");
}

#[test]
fn an_age_is_judged_by_the_corridors_the_person_would_go_by() {
    let corridor = |destination: &str, age_max: i32| Requirements {
        corridor: format!("CO-{destination}"),
        destination: destination.to_owned(),
        age_max,
        ..Requirements::default()
    };
    let mut filing = filing();
    filing.corridors = vec![corridor("ES", 41), corridor("CA", 60)];
    let codes = |destinations: &str| -> Vec<String> {
        let changes = [("birth_date", "1980-01-01"), ("destinations", destinations)];
        let get = |column: &str| {
            let found = changes.iter().chain(&GOOD).find(|(name, _)| *name == column);
            found.map(|(_, value)| (*value).to_owned()).unwrap_or_default()
        };
        judge(&get, &filing).findings.into_iter().map(|finding| finding.code).collect()
    };
    assert_eq!(codes("ES"), ["AGE-02"]);
    assert_eq!(codes("ES|CA"), Vec::<String>::new());
    assert_eq!(codes("IT"), ["DEST-02"]);
}
