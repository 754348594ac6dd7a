//! Batches: judging the rows of layout `candidates-v1` and registering the people in them.

use std::collections::{BTreeSet, HashMap, HashSet};

use async_trait::async_trait;
use chrono::NaiveDate;
use import::{File, Group, Layout, Row, Verdict};
use platform::{Clock, Error, Refused, outbox};
use proto::{
    candidate::CandidateRegistered,
    ids::{CandidateId, OrganisationId},
};
use sqlx::PgConnection;
use tonic::Code;

use crate::{
    candidate::{Candidate, Identity},
    duplicates::{self, OnRecord},
    entry::{self, Entry, Filing, Judged},
    group::{self, MEMBERS_MAX},
    message::{self, Fact},
    person::{LotteryKey, Person},
    store,
};

/// The layout `candidates-v1`.
pub(super) struct Candidates {
    clock: Clock,
    key: LotteryKey,
}

impl Candidates {
    pub(super) const fn new(clock: Clock, key: LotteryKey) -> Self {
        Self { clock, key }
    }

    /// What the rows are judged by: the filing date that the file names, else today, and the rules of that date.
    async fn filing(&self, tx: &mut PgConnection, file: &File<'_>) -> Result<Filing, Error> {
        let as_of = match file.parameters.get("as_of").map(String::as_str) {
            None | Some("") => self.clock.now().date_naive(),
            Some(text) => text.parse().map_err(|_| {
                Refused::field("parameters.as_of", "AS_OF", format!("{text:?} is not a date"))
                    .mend("write the filing date as 2026-01-31, or leave it out for today")
            })?,
        };
        let country = store::programme::country(tx, ministry(file)).await?;
        filing(tx, &country.ok_or_else(origin_unknown)?, as_of).await
    }

    fn identity(&self, file: &File<'_>, origin: &str, person: &Person) -> Identity {
        Identity {
            id: CandidateId(self.clock.id()),
            organisation_id: ministry(file),
            origin: origin.to_owned(),
            lottery_key: self.key.digest(ministry(file), &person.reference),
            groups: self.key.groups(ministry(file), person),
        }
    }

    /// Digests of the groups that these people are in, each once.
    fn groups<'e>(&self, file: &File<'_>, entries: impl Iterator<Item = &'e Entry>) -> Vec<String> {
        let of = |entry: &Entry| {
            let groups = self.key.groups(ministry(file), &entry.person);
            groups.named().map(|(_, digest)| digest.to_owned())
        };
        entries.filter_map(of).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Another file or a correction may have filled a group since this file was checked. Nothing of this call is kept then, and
    /// it may come again once there is room.
    async fn must_have_room(
        &self,
        tx: &mut PgConnection,
        file: &File<'_>,
        (entries, groups): (&[Entry], &[String]),
    ) -> Result<(), Error> {
        let members = store::group::members(tx, ministry(file), groups).await?;
        let too_large = entries.iter().find_map(|entry| {
            let groups = self.key.groups(ministry(file), &entry.person);
            let (column, digest) = groups.named()?;
            (members.get(digest)? > &MEMBERS_MAX).then_some((column, entry))
        });
        let Some((column, entry)) = too_large else { return Ok(()) };
        let group = entry.field(column);
        let message = format!("the group {group:?} would have more than {MEMBERS_MAX} members");
        Err(Refused::new(Code::FailedPrecondition, "GROUP_FULL", message)
            .at(column)
            .with("group", group)
            .with("most", MEMBERS_MAX)
            .mend("correct or withdraw members on record until there is room, then register again")
            .into())
    }
}

/// What people of an origin are judged by on a day.
pub(super) async fn filing(tx: &mut PgConnection, origin: &str, as_of: NaiveDate) -> Result<Filing, Error> {
    let corridors = store::programme::corridors(tx, origin, as_of).await?;
    Ok(Filing { as_of, origin: origin.to_owned(), corridors })
}

pub(super) fn origin_unknown() -> Refused {
    Refused::new(Code::FailedPrecondition, "ORIGIN_UNKNOWN", "the programme has not told yet which country you act for")
        .mend("send the same check again in a moment; if it stays so, ask the operator to register your organisation")
}

/// Whose file it is.
const fn ministry(file: &File<'_>) -> OrganisationId {
    OrganisationId(file.organisation_id)
}

fn judge(file: &File<'_>, row: &Row, filing: &Filing) -> Judged {
    entry::judge(&|column| plain(file.get(row, column)), filing)
}

/// The cell without the apostrophes that keep a spreadsheet from computing it, as reports on rows write them: at its
/// beginning, and after what separates cells elsewhere.
fn plain(cell: &str) -> String {
    if !cell.contains('\'') {
        return cell.to_owned();
    }
    let formula = |part: &str| part.trim_start_matches(['\'', '"', ' ']).starts_with(['=', '+', '-', '@', '\t', '\r']);
    let bare = |part: &'_ str| match part.strip_prefix('\'') {
        Some(rest) if formula(rest) => rest.to_owned(),
        _ => part.to_owned(),
    };
    cell.split_inclusive([';', '\t', '\r', '\n']).map(bare).collect()
}

/// What the ministry has on record of the people in these rows, which are filed on a day.
async fn on_record(
    tx: &mut PgConnection,
    (ministry, filed_on): (OrganisationId, NaiveDate),
    rows: &[(i64, Judged)],
) -> Result<OnRecord, Error> {
    let persons = || rows.iter().filter_map(|(_, judged)| judged.entry.as_ref()).map(|entry| &entry.person);
    let references: Vec<String> = persons().map(|person| person.reference.clone()).collect();
    let numbers: Vec<String> = persons().map(|person| person.document_number.clone()).collect();
    let known = store::by_references(tx, ministry, &references).await?;
    let ids: Vec<CandidateId> = known.iter().map(|(_, id)| *id).collect();
    let expired: HashSet<CandidateId> = store::expired(tx, &ids, filed_on).await?.into_iter().collect();
    Ok(OnRecord {
        expired: known.iter().filter(|(_, id)| expired.contains(id)).map(|(reference, _)| reference.clone()).collect(),
        references: known.into_iter().map(|(reference, _)| reference).collect(),
        documents: store::by_documents(tx, ministry, &numbers).await?.into_iter().collect(),
    })
}

#[async_trait]
impl Layout for Candidates {
    fn name(&self) -> &'static str {
        "candidates-v1"
    }

    fn columns(&self) -> &'static [&'static str] {
        &entry::REQUIRED
    }

    async fn judge(&self, tx: &mut PgConnection, file: &File<'_>) -> Result<Vec<Verdict>, Error> {
        let filing = self.filing(tx, file).await?;
        let mut rows: Vec<(i64, Judged)> =
            file.rows.iter().map(|row| (row.number, judge(file, row, &filing))).collect();
        let on_record = on_record(tx, (ministry(file), filing.as_of), &rows).await?;
        duplicates::mark(&mut rows, &on_record);
        let groups = self.groups(file, rows.iter().filter_map(|(_, judged)| judged.entry.as_ref()));
        if !groups.is_empty() {
            let members = store::group::members(tx, ministry(file), &groups).await?;
            let of = |person: &Person| self.key.groups(ministry(file), person);
            group::mark(&mut rows, of, &on_record.references, members);
        }
        // Whoever is no entry is in no group: a number, say that of the row, may be somebody's reference.
        let verdict = |judged: Judged| Verdict {
            findings: judged.findings,
            group: judged.entry.map(|entry| entry.person.reference).unwrap_or_default(),
        };
        Ok(rows.into_iter().map(|(_, judged)| verdict(judged)).collect())
    }

    async fn register(&self, tx: &mut PgConnection, file: &File<'_>, groups: &[Group]) -> Result<Vec<String>, Error> {
        let filing = self.filing(tx, file).await?;
        let entries: Vec<Entry> =
            groups.iter().flat_map(|group| &group.rows).filter_map(|row| judge(file, row, &filing).entry).collect();
        let references: Vec<String> = entries.iter().map(|entry| entry.person.reference.clone()).collect();
        let known = store::by_references(tx, ministry(file), &references).await?;
        let mut ids: HashMap<String, CandidateId> = known.into_iter().collect();
        // Records before groups, as a correction locks them.
        let expired = expired(tx, &ids, filing.as_of).await?;
        let grouped = self.groups(file, entries.iter());
        if !grouped.is_empty() {
            store::group::hold(tx, ministry(file)).await?;
        }
        self.register_again(tx, (file, &filing), expired, &entries).await?;
        let new: Vec<(Candidate, &Entry)> = entries
            .iter()
            .filter(|entry| !ids.contains_key(&entry.person.reference))
            .map(|entry| {
                let identity = self.identity(file, &filing.origin, &entry.person);
                (Candidate::register(identity, entry, &filing.corridors, filing.as_of), entry)
            })
            .collect();
        ids.extend(self.save(tx, file, new).await?);
        if !grouped.is_empty() {
            self.must_have_room(tx, file, (&entries, &grouped)).await?;
        }
        // On record already, or registered by another import meanwhile.
        let references = entries.iter().map(|entry| &entry.person.reference);
        let known: Vec<String> = references.filter(|reference| !ids.contains_key(*reference)).cloned().collect();
        if !known.is_empty() {
            ids.extend(store::by_references(tx, ministry(file), &known).await?);
        }
        groups.iter().map(|group| record_id(&ids, &group.key)).collect()
    }
}

impl Candidates {
    /// Registers those anew whose place on the roster was over before the filing date, by reference and locked.
    async fn register_again(
        &self,
        tx: &mut PgConnection,
        (file, filing): (&File<'_>, &Filing),
        mut expired: HashMap<String, Candidate>,
        entries: &[Entry],
    ) -> Result<(), Error> {
        let (mut again, mut persons) = (Vec::new(), Vec::new());
        for entry in entries {
            let Some(mut candidate) = expired.remove(&entry.person.reference) else { continue };
            let groups = self.key.groups(candidate.organisation_id, &entry.person);
            // Another import may have been first.
            if candidate.register_again((entry, groups), &filing.corridors, filing.as_of) {
                persons.push((candidate.id, &entry.person));
                again.push(candidate);
            }
        }
        if again.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        store::update_persons(tx, &persons).await?;
        store::update_candidates(tx, &again).await?;
        let change = |candidate: &Candidate| store::Change {
            candidate_id: candidate.id,
            version: candidate.version,
            organisation_id: candidate.organisation_id,
            what: "registered again".to_owned(),
            actor: format!("import {}", file.import_id),
            recorded_at: now,
            fields: Vec::new(),
        };
        store::insert_changes(tx, &again.iter().map(change).collect::<Vec<_>>()).await?;
        self.tell(tx, file, &again).await
    }

    /// Persons first: who loses the race for a reference to another import of the same ministry is left out. Answers who was
    /// registered, by reference.
    async fn save(
        &self,
        tx: &mut PgConnection,
        file: &File<'_>,
        new: Vec<(Candidate, &Entry)>,
    ) -> Result<Vec<(String, CandidateId)>, Error> {
        let persons: Vec<(CandidateId, &Person)> =
            new.iter().map(|(candidate, entry)| (candidate.id, &entry.person)).collect();
        let inserted = store::insert_persons(tx, ministry(file), &persons).await?;
        let inserted: HashSet<CandidateId> = inserted.into_iter().collect();
        let (candidates, ids): (Vec<Candidate>, Vec<(String, CandidateId)>) = new
            .into_iter()
            .filter(|(candidate, _)| inserted.contains(&candidate.id))
            .map(|(candidate, entry)| {
                let id = candidate.id;
                (candidate, (entry.person.reference.clone(), id))
            })
            .unzip();
        if candidates.is_empty() {
            return Ok(ids);
        }
        let actor = format!("import {}", file.import_id);
        store::insert_candidates(tx, &candidates, (&actor, self.clock.now())).await?;
        self.tell(tx, file, &candidates).await?;
        Ok(ids)
    }

    /// Writes who was registered as events.
    async fn tell(&self, tx: &mut PgConnection, file: &File<'_>, candidates: &[Candidate]) -> Result<(), Error> {
        let registered = CandidateRegistered { import_id: file.import_id.to_string() };
        let events: Vec<_> = candidates
            .iter()
            .map(|candidate| message::event(candidate, Fact::Registered(registered.clone())))
            .collect();
        outbox::append(tx, &self.clock, &events).await
    }
}

/// Locks those of these candidates whose place on the roster was over before a day. By reference.
async fn expired(
    tx: &mut PgConnection,
    known: &HashMap<String, CandidateId>,
    before: NaiveDate,
) -> Result<HashMap<String, Candidate>, Error> {
    if known.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<CandidateId> = known.values().copied().collect();
    let expired = store::expired(tx, &ids, before).await?;
    let mut locked: HashMap<CandidateId, Candidate> =
        store::lock(tx, &expired).await?.into_iter().map(|one| (one.id, one)).collect();
    Ok(known.iter().filter_map(|(reference, id)| Some((reference.clone(), locked.remove(id)?))).collect())
}

fn record_id(ids: &HashMap<String, CandidateId>, reference: &str) -> Result<String, Error> {
    let id = ids.get(reference).ok_or_else(|| Error::Internal("a group became no record".to_owned()))?;
    Ok(id.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_neutralised_cell_is_taken_back_as_it_was() {
        for (cell, was) in [
            ("'=HYPERLINK(1)", "=HYPERLINK(1)"),
            ("'+57 300 555 0123", "+57 300 555 0123"),
            ("'-1", "-1"),
            ("'@x", "@x"),
            ("'\t1", "\t1"),
            ("'\t'=1", "\t=1"),
            ("x;'=cmd|' /C calc'!A0", "x;=cmd|' /C calc'!A0"),
            ("x;'\"=1\"\n'-1", "x;\"=1\"\n-1"),
            ("x;''=1", "x;'=1"),
            ("x;'t Hooft", "x;'t Hooft"),
            ("''=1", "'=1"),
            ("'t Hooft", "'t Hooft"),
            ("=1", "=1"),
            ("'", "'"),
            ("", ""),
        ] {
            assert_eq!(plain(cell), was);
        }
    }
}
