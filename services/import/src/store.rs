//! SQL of the import engine. The engine has no database of its own to check queries against, so they are checked by the
//! tests of every service that imports.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
};

use chrono::{DateTime, Utc};
use platform::{Error, Refused};
use proto::common::{self, ImportState};
use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, Row as _, postgres::PgRow, types::Json};
use uuid::Uuid;

use crate::{Finding, Group, Row, Verdict, decode::Decoded};

const COLUMNS: &str = "id, organisation_id, layout, file_name, parameters, state, bytes_received, encoding, separator, head, rows_read, rows_accepted, rows_refused, rows_flagged, rows_blank, groups_accepted, groups_registered, created_at, version, code_counts";

/// How many rows have a finding, as it is stored.
#[derive(Serialize, Deserialize)]
struct CodeCount {
    code: String,
    rows: i64,
    refused: bool,
}

impl CodeCount {
    fn message(self) -> common::CodeCount {
        common::CodeCount { code: self.code, rows: self.rows, refused: self.refused }
    }
}

/// A row of `import`, with its tally of codes.
pub(crate) struct Record {
    pub(crate) id: Uuid,
    pub(crate) organisation_id: Uuid,
    pub(crate) layout: String,
    pub(crate) file_name: String,
    pub(crate) parameters: HashMap<String, String>,
    pub(crate) state: i32,
    pub(crate) bytes_received: i64,
    pub(crate) encoding: String,
    pub(crate) separator: String,
    pub(crate) head: Vec<String>,
    pub(crate) rows_read: i64,
    pub(crate) rows_accepted: i64,
    pub(crate) rows_refused: i64,
    pub(crate) rows_flagged: i64,
    pub(crate) rows_blank: i64,
    pub(crate) groups_accepted: i64,
    pub(crate) groups_registered: i64,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) version: i64,
    /// `None`: the file was not checked yet, or by a build that did not keep them.
    codes: Option<Vec<common::CodeCount>>,
}

impl Record {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let parameters: Json<HashMap<String, String>> = row.try_get("parameters")?;
        let counts: Option<Json<Vec<CodeCount>>> = row.try_get("code_counts")?;
        Ok(Self {
            id: row.try_get("id")?,
            organisation_id: row.try_get("organisation_id")?,
            layout: row.try_get("layout")?,
            file_name: row.try_get("file_name")?,
            parameters: parameters.0,
            state: i32::from(row.try_get::<i16, _>("state")?),
            bytes_received: row.try_get("bytes_received")?,
            encoding: row.try_get("encoding")?,
            separator: row.try_get("separator")?,
            head: row.try_get("head")?,
            rows_read: row.try_get("rows_read")?,
            rows_accepted: row.try_get("rows_accepted")?,
            rows_refused: row.try_get("rows_refused")?,
            rows_flagged: row.try_get("rows_flagged")?,
            rows_blank: row.try_get("rows_blank")?,
            groups_accepted: row.try_get("groups_accepted")?,
            groups_registered: row.try_get("groups_registered")?,
            created_at: row.try_get("created_at")?,
            version: row.try_get("version")?,
            codes: counts.map(|counts| counts.0.into_iter().map(CodeCount::message).collect()),
        })
    }

    pub(crate) fn message(&self) -> common::Import {
        common::Import {
            id: self.id.to_string(),
            organisation_id: self.organisation_id.to_string(),
            layout: self.layout.clone(),
            file_name: self.file_name.clone(),
            state: self.state,
            bytes_received: self.bytes_received,
            encoding: self.encoding.clone(),
            separator: self.separator.clone(),
            rows_read: self.rows_read,
            rows_accepted: self.rows_accepted,
            rows_refused: self.rows_refused,
            rows_flagged: self.rows_flagged,
            rows_blank: self.rows_blank,
            groups_registered: self.groups_registered,
            groups_accepted: self.groups_accepted,
            codes: self.codes.clone().unwrap_or_default(),
            create_time: Some(prost_types::Timestamp { seconds: self.created_at.timestamp(), nanos: 0 }),
            version: self.version,
        }
    }
}

pub(crate) async fn insert(
    tx: &mut PgConnection,
    (id, organisation_id): (Uuid, Uuid),
    request: &common::CreateImportRequest,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO import (id, organisation_id, layout, file_name, parameters, state, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(id)
    .bind(organisation_id)
    .bind(&request.layout)
    .bind(request.file_name.chars().take(200).collect::<String>())
    .bind(Json(&request.parameters))
    .bind(ImportState::Uploading as i16)
    .bind(now)
    .execute(tx)
    .await?;
    Ok(())
}

pub(crate) async fn get(tx: &mut PgConnection, id: Uuid) -> Result<Record, Error> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM import WHERE id = $1"));
    let row =
        sqlx::query(sql).bind(id).fetch_optional(&mut *tx).await?.ok_or_else(|| Refused::not_found("import", id))?;
    with_codes(tx, Record::from_row(&row)?).await
}

/// The record with its tally of codes, whichever build checked the file.
async fn with_codes(tx: &mut PgConnection, mut record: Record) -> Result<Record, Error> {
    if record.codes.is_none() && record.rows_read > 0 {
        record.codes = Some(codes(tx, record.id).await?.into_iter().map(CodeCount::message).collect());
    }
    Ok(record)
}

pub(crate) async fn lock(tx: &mut PgConnection, id: Uuid) -> Result<Record, Error> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM import WHERE id = $1 FOR UPDATE"));
    let row = sqlx::query(sql).bind(id).fetch_optional(tx).await?.ok_or_else(|| Refused::not_found("import", id))?;
    Ok(Record::from_row(&row)?)
}

pub(crate) async fn list(tx: &mut PgConnection, before: Option<Uuid>, limit: i64) -> Result<Vec<Record>, Error> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM import WHERE $1::uuid IS NULL OR id < $1 ORDER BY id DESC LIMIT $2"
    ));
    let rows = sqlx::query(sql).bind(before).bind(limit).fetch_all(tx).await?;
    Ok(rows.iter().map(Record::from_row).collect::<Result<_, _>>()?)
}

/// Counts the rows with each finding, those that refuse first, the most common first: of imports that were checked by a build
/// that did not keep the counts.
async fn codes(tx: &mut PgConnection, id: Uuid) -> Result<Vec<CodeCount>, Error> {
    let rows = sqlx::query(
        "SELECT (finding ->> 'code') COLLATE \"C\" AS code, (finding ->> 'refuses')::boolean AS refuses, count(DISTINCT row_number) AS rows
         FROM import_row, jsonb_array_elements(findings) AS finding
         WHERE import_id = $1 AND findings <> '[]' GROUP BY 1, 2 ORDER BY 2 DESC, 3 DESC, 1",
    )
    .bind(id)
    .fetch_all(tx)
    .await?;
    let count = |row: &PgRow| -> Result<CodeCount, sqlx::Error> {
        Ok(CodeCount { code: row.try_get("code")?, rows: row.try_get("rows")?, refused: row.try_get("refuses")? })
    };
    Ok(rows.iter().map(count).collect::<Result<_, _>>()?)
}

pub(crate) async fn append(tx: &mut PgConnection, id: Uuid, offset: i64, data: &[u8]) -> Result<(), Error> {
    sqlx::query("INSERT INTO import_chunk (import_id, file_offset, data) VALUES ($1, $2, $3)")
        .bind(id)
        .bind(offset)
        .bind(data)
        .execute(&mut *tx)
        .await?;
    sqlx::query("UPDATE import SET bytes_received = bytes_received + $2, version = version + 1 WHERE id = $1")
        .bind(id)
        .bind(i64::try_from(data.len()).unwrap_or_default())
        .execute(tx)
        .await?;
    Ok(())
}

pub(crate) async fn bytes(tx: &mut PgConnection, id: Uuid) -> Result<Vec<u8>, Error> {
    let chunks: Vec<Vec<u8>> =
        sqlx::query_scalar("SELECT data FROM import_chunk WHERE import_id = $1 ORDER BY file_offset")
            .bind(id)
            .fetch_all(tx)
            .await?;
    Ok(chunks.concat())
}

/// Stores the rows with what is thought of them. The pieces of the file have served and go.
pub(crate) async fn checked(
    tx: &mut PgConnection,
    id: Uuid,
    decoded: &Decoded,
    verdicts: &[Verdict],
) -> Result<(), Error> {
    for (rows, verdicts) in decoded.rows.chunks(500).zip(verdicts.chunks(500)) {
        insert_rows(tx, id, rows, verdicts).await?;
    }
    sqlx::query("DELETE FROM import_chunk WHERE import_id = $1").bind(id).execute(&mut *tx).await?;
    let accepted: Vec<&Verdict> = verdicts.iter().filter(|verdict| verdict.accepted()).collect();
    let flagged = accepted.iter().filter(|verdict| !verdict.findings.is_empty()).count();
    let groups: HashSet<&str> = accepted.iter().map(|verdict| verdict.group.as_str()).collect();
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    sqlx::query(
        "UPDATE import SET state = $2, encoding = $3, separator = $4, head = $5, rows_blank = $6, code_counts = $7,
             rows_read = $8, rows_accepted = $9, rows_refused = $8 - $9, rows_flagged = $10, groups_accepted = $11,
             version = version + 1
         WHERE id = $1",
    )
    .bind(id)
    .bind(ImportState::Checked as i16)
    .bind(decoded.encoding)
    .bind(decoded.separator.to_string())
    .bind(&decoded.head)
    .bind(i64::try_from(decoded.blank).unwrap_or(i64::MAX))
    .bind(Json(code_counts(verdicts)))
    .bind(number(verdicts.len()))
    .bind(number(accepted.len()))
    .bind(number(flagged))
    .bind(number(groups.len()))
    .execute(tx)
    .await?;
    Ok(())
}

/// Counts the rows with each finding as [`codes`] does.
fn code_counts(verdicts: &[Verdict]) -> Vec<CodeCount> {
    let mut rows: BTreeMap<(&str, bool), i64> = BTreeMap::new();
    for verdict in verdicts {
        // A row may have the same finding in two columns.
        let found: BTreeSet<(&str, bool)> =
            verdict.findings.iter().map(|finding| (finding.code.as_str(), finding.refuses)).collect();
        for finding in found {
            *rows.entry(finding).or_default() += 1;
        }
    }
    let count = |((code, refused), rows): ((&str, bool), i64)| CodeCount { code: code.to_owned(), rows, refused };
    let mut counts: Vec<CodeCount> = rows.into_iter().map(count).collect();
    counts.sort_by_key(|count| Reverse((count.refused, count.rows)));
    counts
}

/// An array a column: a value for each field of each row takes the server longer to read than to store, and so do records of
/// JSON.
async fn insert_rows(tx: &mut PgConnection, id: Uuid, rows: &[Row], verdicts: &[Verdict]) -> Result<(), Error> {
    let codes = |verdict: &Verdict| array(verdict.findings.iter().map(|finding| finding.code.as_str()));
    sqlx::query(
        "INSERT INTO import_row (import_id, row_number, fields, accepted, findings, codes, group_key)
         SELECT $1, n.row_number, n.fields::text[], n.accepted, n.findings, n.codes::text[], n.group_key
         FROM unnest($2::bigint[], $3::text[], $4::bool[], $5::jsonb[], $6::text[], $7::text[])
              AS n (row_number, fields, accepted, findings, codes, group_key)",
    )
    .bind(id)
    .bind(rows.iter().map(|row| row.number).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| array(row.fields.iter().map(String::as_str))).collect::<Vec<_>>())
    .bind(verdicts.iter().map(Verdict::accepted).collect::<Vec<_>>())
    .bind(verdicts.iter().map(|verdict| Json(&verdict.findings)).collect::<Vec<_>>())
    .bind(verdicts.iter().map(codes).collect::<Vec<_>>())
    .bind(verdicts.iter().map(|verdict| verdict.group.as_str()).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

/// Texts as the server writes an array of them: there is no way to send arrays of arrays that differ in length.
fn array<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let mut array = String::from("{");
    for text in texts {
        array.push_str(if array.len() == 1 { "\"" } else { ",\"" });
        for sign in text.chars() {
            if matches!(sign, '"' | '\\') {
                array.push('\\');
            }
            array.push(sign);
        }
        array.push('"');
    }
    array.push('}');
    array
}

/// The groups that begin in the next rows of the file, `limit` of them from the first open one on, whole, and the last of these
/// rows. What follows of them further down is a second question, not one join: the planner knows nothing of an import that is
/// new, and joins it row by row with itself. Asked for the first so many rows, and not for those between two numbers, it would
/// sort all that are left.
pub(crate) async fn next_groups(tx: &mut PgConnection, id: Uuid, limit: i64) -> Result<(Vec<Group>, i64), Error> {
    let rows = sqlx::query(
        "WITH first AS MATERIALIZED (
             SELECT min(row_number) AS row_number FROM import_row
             WHERE import_id = $1 AND row_number > (SELECT registered_to FROM import WHERE id = $1)
                   AND accepted AND NOT registered)
         SELECT group_key, row_number, fields,
                EXISTS (SELECT FROM import_row
                        WHERE import_id = $1 AND row_number >= (SELECT row_number FROM first) + $2
                              AND accepted AND NOT registered) AS goes_on
         FROM import_row
         WHERE import_id = $1 AND row_number >= (SELECT row_number FROM first)
               AND row_number < (SELECT row_number FROM first) + $2 AND accepted AND NOT registered
         ORDER BY row_number",
    )
    .bind(id)
    .bind(limit)
    .fetch_all(&mut *tx)
    .await?;
    let Some(first) = rows.first() else { return Ok((Vec::new(), 0)) };
    let last = first.try_get::<i64, _>("row_number")? + limit - 1;
    let goes_on: bool = first.try_get("goes_on")?;
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut groups: Vec<Group> = Vec::new();
    for row in &rows {
        let key: String = row.try_get("group_key")?;
        let place = *places.entry(key).or_insert_with_key(|key| {
            groups.push(Group { key: key.clone(), rows: Vec::new() });
            groups.len() - 1
        });
        groups[place].rows.push(fields(row)?);
    }
    if !goes_on {
        return Ok((groups, last));
    }
    let keys: Vec<&str> = groups.iter().map(|group| group.key.as_str()).collect();
    // `+ 0`: found by their keys, not among all that are left.
    let rows = sqlx::query(
        "SELECT group_key, row_number, fields FROM import_row
         WHERE import_id = $1 AND accepted AND NOT registered AND group_key = ANY($2) AND row_number + 0 > $3
         ORDER BY row_number",
    )
    .bind(id)
    .bind(&keys)
    .bind(last)
    .fetch_all(tx)
    .await?;
    for row in &rows {
        if let Some(place) = places.get(row.try_get::<&str, _>("group_key")?) {
            groups[*place].rows.push(fields(row)?);
        }
    }
    Ok((groups, last))
}

fn fields(row: &PgRow) -> Result<Row, sqlx::Error> {
    Ok(Row { number: row.try_get("row_number")?, fields: row.try_get("fields")? })
}

/// Notes what the groups that begin up to a row became, and answers the import; it is whole when none is left. No join, for the
/// reason given above: the rows are found by the same index as in [`next_groups`].
pub(crate) async fn registered(
    tx: &mut PgConnection,
    (id, to): (Uuid, i64),
    groups: &[Group],
    records: &[String],
) -> Result<Record, Error> {
    if groups.len() != records.len() {
        return Err(Error::Internal(format!("{} groups became {} records", groups.len(), records.len())));
    }
    let keys: Vec<&str> = groups.iter().map(|group| group.key.as_str()).collect();
    // An object, not a second array: a key is found in it without looking at every other.
    let became: HashMap<&str, &String> = keys.iter().copied().zip(records).collect();
    let sql = sqlx::AssertSqlSafe(format!(
        "WITH noted AS (
             UPDATE import_row SET registered = true, record_id = $3::jsonb ->> group_key
             WHERE import_id = $1 AND accepted AND NOT registered AND group_key = ANY($2))
         UPDATE import SET groups_registered = groups_registered + $4, registered_to = $6, version = version + 1,
             state = CASE WHEN groups_registered + $4 = groups_accepted THEN $5 ELSE state END
         WHERE id = $1 RETURNING {COLUMNS}"
    ));
    let row = sqlx::query(sql)
        .bind(id)
        .bind(&keys)
        .bind(Json(became))
        .bind(i64::try_from(groups.len()).unwrap_or_default())
        .bind(ImportState::Registered as i16)
        .bind(to)
        .fetch_one(&mut *tx)
        .await?;
    with_codes(tx, Record::from_row(&row)?).await
}

pub(crate) async fn discard(tx: &mut PgConnection, id: Uuid) -> Result<(), Error> {
    sqlx::query("DELETE FROM import_chunk WHERE import_id = $1").bind(id).execute(&mut *tx).await?;
    sqlx::query("UPDATE import SET state = $2, version = version + 1 WHERE id = $1")
        .bind(id)
        .bind(ImportState::Discarded as i16)
        .execute(tx)
        .await?;
    Ok(())
}

pub(crate) async fn rows(
    tx: &mut PgConnection,
    filter: &common::ListImportRowsRequest,
    (id, after): (Uuid, i64),
    limit: i64,
) -> Result<Vec<common::RowReport>, Error> {
    let rows = sqlx::query(
        "SELECT row_number, fields, accepted, findings, record_id FROM import_row
         WHERE import_id = $1 AND row_number > $2 AND ($3 = '' OR $3 = ANY(codes)) AND NOT ($4 AND accepted)
               AND NOT ($5 AND (NOT accepted OR codes = '{}'))
         ORDER BY row_number LIMIT $6",
    )
    .bind(id)
    .bind(after)
    .bind(&filter.code)
    .bind(filter.refused_only)
    .bind(filter.flagged_only)
    .bind(limit)
    .fetch_all(tx)
    .await?;
    Ok(rows.iter().map(report).collect::<Result<_, _>>()?)
}

fn report(row: &PgRow) -> Result<common::RowReport, sqlx::Error> {
    let findings: Json<Vec<Finding>> = row.try_get("findings")?;
    let accepted: bool = row.try_get("accepted")?;
    let outcome = if accepted { common::RowOutcome::Accepted } else { common::RowOutcome::Refused };
    Ok(common::RowReport {
        row: row.try_get("row_number")?,
        outcome: outcome as i32,
        record_id: row.try_get("record_id")?,
        findings: findings.0.into_iter().map(finding).collect(),
        fields: row.try_get("fields")?,
    })
}

fn finding(finding: Finding) -> common::RowFinding {
    common::RowFinding {
        column: finding.column,
        value: finding.value,
        code: finding.code,
        message: finding.message,
        mend: finding.mend,
        refuses: finding.refuses,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_is_written_as_the_server_reads_it() {
        assert_eq!(array(std::iter::empty()), "{}");
        assert_eq!(array([r#"say "a\b""#, "", "NULL", "{x,y}"].into_iter()), r#"{"say \"a\\b\"","","NULL","{x,y}"}"#);
    }
}
