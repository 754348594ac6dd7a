//! Rows with more cells than the head has columns: a separator stands in a field that is not quoted, so nobody knows which
//! cell belongs where.

use std::collections::HashMap;

use crate::{Finding, Verdict, decode::Decoded};

/// Refuses those rows, and with each what would be registered together with it.
pub(crate) fn refuse_overlong(decoded: &Decoded, verdicts: &mut [Verdict]) {
    let numbers = || decoded.rows.iter().map(|row| row.number);
    let overlong = numbers().zip(verdicts.iter()).filter(|(number, _)| decoded.overlong.contains_key(number));
    let groups: HashMap<String, i64> = overlong.map(|(number, verdict)| (verdict.group.clone(), number)).collect();
    for (number, verdict) in numbers().zip(verdicts) {
        let finding = match (decoded.overlong.get(&number), groups.get(&verdict.group)) {
            (Some(cell), _) => too_long(cell, decoded),
            (None, Some(other)) if verdict.accepted() => belongs_to(*other, &verdict.group),
            _ => continue,
        };
        verdict.findings.push(finding);
    }
}

fn too_long(cell: &str, decoded: &Decoded) -> Finding {
    Finding {
        column: decoded.head.last().cloned().unwrap_or_default(),
        value: cell.chars().take(200).collect(),
        code: "ROW-01".to_owned(),
        message: format!("the row has more cells than the {} columns of the head row", decoded.head.len()),
        mend: format!("put the field that has a {:?} in it between quotes", decoded.separator),
        refuses: true,
    }
}

fn belongs_to(row: i64, group: &str) -> Finding {
    Finding {
        column: String::from("row"),
        value: group.chars().take(200).collect(),
        code: "ROW-02".to_owned(),
        message: format!("this row belongs to row {row}, which has too many cells"),
        mend: format!("mend row {row} and send both again"),
        refuses: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::decode;

    #[test]
    fn a_row_with_a_cell_too_many_is_refused_with_those_that_belong_to_it() {
        let decoded = decode(b"case,name\nA,Li\nA,Mu\xC3\xB1oz, Luz\nB,Ruiz\nC,Rojas,,\n").unwrap();
        let verdict = |group: &str| Verdict { findings: Vec::new(), group: group.to_owned() };
        let mut verdicts = ["A", "A", "B", "C"].map(verdict);
        refuse_overlong(&decoded, &mut verdicts);
        let found = verdicts.each_ref().map(|verdict| {
            verdict.findings.iter().map(|found| (found.code.as_str(), found.value.as_str())).collect::<Vec<_>>()
        });
        assert_eq!(found, [vec![("ROW-02", "A")], vec![("ROW-01", "Luz")], vec![], vec![]]);
        assert!(verdicts[0].findings[0].message.contains("row 3"), "{:?}", verdicts[0]);
        assert!(
            !verdicts[0].accepted() && !verdicts[1].accepted() && verdicts[2].accepted(),
            "empty cells are nothing"
        );
    }
}
