//! One record: read, corrected, withdrawn. Only the ministry that registered it; for everybody else it is not there.

use std::collections::HashMap;

use platform::{Begun, Command, Error, Principal, Reach, Refused, command, outbox};
use proto::{
    Role,
    candidate::{
        CandidateCorrected, CandidateLeftRoster, CandidateRecord, CorrectCandidateRequest, GetCandidateRecordRequest,
        RecordChange, WithdrawCandidateRequest,
    },
    ids::{CandidateId, OrganisationId},
};
use sqlx::PgConnection;
use tonic::Code;

use super::{Service, batch, closed};
use crate::{
    candidate::{Candidate, Groups},
    entry::{self, COLUMNS, Entry, Judged},
    group::{self, MEMBERS_MAX},
    message::{self, Fact},
    person::Person,
    store,
};

/// Signs a reason may have.
const REASON_MAX: usize = 200;

impl Service {
    /// The record with the person and its history.
    pub(crate) async fn get(
        &self,
        principal: &Principal,
        request: &GetCandidateRecordRequest,
    ) -> Result<CandidateRecord, Error> {
        let asked = if request.candidate_id.is_empty() { &request.reference } else { &request.candidate_id };
        if asked.is_empty() {
            return Err(Refused::field("candidate_id", "ID_OR_REFERENCE", "the request names no record")
                .mend("name it by its id or by your own reference")
                .into());
        }
        if !principal.is(Role::Ministry) {
            return Err(not_found(asked).into());
        }
        let mut tx = self.database.begin_snapshot(own(principal)).await?;
        let id = if request.candidate_id.is_empty() {
            let references = std::slice::from_ref(&request.reference);
            let ministry = OrganisationId(principal.organisation_id);
            let found = store::by_references(&mut tx, ministry, references).await?;
            found.first().map(|(_, id)| *id)
        } else {
            request.candidate_id.parse().ok()
        };
        let id = id.ok_or_else(|| not_found(asked))?;
        let candidate = store::get(&mut tx, id).await?.ok_or_else(|| not_found(asked))?;
        record(&mut tx, &candidate).await
    }

    /// Corrects named fields. They are judged as in a batch, by the rules of the day from which the roster counts.
    pub(crate) async fn correct(
        &self,
        principal: &Principal,
        request: &CorrectCandidateRequest,
    ) -> Result<CandidateRecord, Error> {
        principal.needs(&[Role::Ministry])?;
        let plain = CorrectCandidateRequest { fields: HashMap::new(), ..request.clone() };
        let ordered = command::Ordered::new(&plain, &request.fields);
        let begun = command::begin(
            &self.database,
            (own(principal), principal.organisation_id),
            "CorrectCandidate",
            &request.request_id,
            &ordered,
        );
        let mut command = match begun.await? {
            Begun::Answered(record) => return Ok(record),
            Begun::New(command) => command,
        };
        let (mut candidate, person) = lock(command.tx(), &request.candidate_id).await?;
        if candidate.version != request.version {
            return Err(changed_meanwhile(candidate.version).into());
        }
        let filing = batch::filing(command.tx(), &candidate.origin, candidate.judged_on).await?;
        let before = Entry { person, facts: candidate.facts.clone() };
        let after = corrected(&before, &request.fields, &filing)?;
        let fields = differences(&before, &after);
        if fields.is_empty() {
            let record = record(command.tx(), &candidate).await?;
            return command.finish(record).await;
        }
        let groups = self.key.groups(candidate.organisation_id, &after.person);
        if groups != candidate.groups {
            must_have_room(command.tx(), candidate.organisation_id, &groups).await?;
        }
        candidate.correct((&after, groups), &filing.corridors).map_err(|fault| closed(fault.0))?;
        store::update_persons(command.tx(), &[(candidate.id, &after.person)]).await?;
        let fact = Fact::Corrected(CandidateCorrected { fields: fields.clone() });
        self.conclude(command, &candidate, (principal, "corrected".to_owned(), fields), fact).await
    }

    /// Takes a candidate off the roster.
    pub(crate) async fn withdraw(
        &self,
        principal: &Principal,
        request: &WithdrawCandidateRequest,
    ) -> Result<CandidateRecord, Error> {
        principal.needs(&[Role::Ministry])?;
        let reason = request.reason.trim();
        if reason.is_empty() || reason.chars().count() > REASON_MAX {
            let message = format!("a withdrawal needs a reason of at most {REASON_MAX} signs");
            return Err(Refused::field("reason", "REASON", message).mend("write why, for example OWN_WISH").into());
        }
        let begun = command::begin(
            &self.database,
            (own(principal), principal.organisation_id),
            "WithdrawCandidate",
            &request.request_id,
            request,
        );
        let mut command = match begun.await? {
            Begun::Answered(record) => return Ok(record),
            Begun::New(command) => command,
        };
        let (mut candidate, _) = lock(command.tx(), &request.candidate_id).await?;
        candidate.withdraw().map_err(|fault| closed(fault.0))?;
        let fact = Fact::LeftRoster(CandidateLeftRoster { reason: public_reason(reason) });
        self.conclude(command, &candidate, (principal, format!("withdrawn: {reason}"), Vec::new()), fact).await
    }

    /// Saves one change with its history and its event, and answers the record.
    async fn conclude(
        &self,
        mut command: Command,
        candidate: &Candidate,
        (principal, what, fields): (&Principal, String, Vec<String>),
        fact: Fact,
    ) -> Result<CandidateRecord, Error> {
        let tx = command.tx();
        store::update_candidates(tx, std::slice::from_ref(candidate)).await?;
        let change = store::Change {
            candidate_id: candidate.id,
            version: candidate.version,
            organisation_id: candidate.organisation_id,
            what,
            actor: principal.subject.clone(),
            recorded_at: self.clock.now(),
            fields,
        };
        store::insert_changes(tx, &[change]).await?;
        outbox::append(tx, &self.clock, &[message::event(candidate, fact)]).await?;
        let record = record(tx, candidate).await?;
        command.finish(record).await
    }
}

/// A record is its ministry's own, whatever else the caller may see.
const fn own(principal: &Principal) -> Reach {
    Reach::Own(principal.organisation_id)
}

pub(super) fn not_found(asked: &str) -> Refused {
    Refused::not_found("candidate", asked)
}

fn changed_meanwhile(version: i64) -> Refused {
    Refused::new(Code::Aborted, "VERSION", "the record was changed meanwhile; nothing of yours was saved")
        .at("version")
        .with("version", version)
        .mend("read the record again and repeat the correction")
}

async fn lock(tx: &mut PgConnection, id: &str) -> Result<(Candidate, Person), Error> {
    let key: CandidateId = id.parse().map_err(|_| not_found(id))?;
    let candidate = store::lock(tx, &[key]).await?.into_iter().next().ok_or_else(|| not_found(id))?;
    let person = store::person(tx, key).await?.ok_or_else(|| not_found(id))?;
    Ok((candidate, person))
}

async fn record(tx: &mut PgConnection, candidate: &Candidate) -> Result<CandidateRecord, Error> {
    let person = store::person(tx, candidate.id).await?.ok_or_else(|| not_found(&candidate.id.to_string()))?;
    let history = store::history(tx, candidate.id).await?;
    Ok(CandidateRecord {
        candidate: Some(message::candidate(candidate)),
        person: Some(message::person(candidate, person)),
        missing: candidate.missing.clone(),
        history: history.into_iter().map(history_line).collect(),
    })
}

fn history_line(change: store::Change) -> RecordChange {
    RecordChange {
        version: change.version,
        what: change.what,
        actor: change.actor,
        recorded_at: change.recorded_at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
        fields: change.fields,
    }
}

/// The entry with the fields put in. What was already wrong with the record does not hinder a correction elsewhere.
fn corrected(before: &Entry, fields: &HashMap<String, String>, filing: &entry::Filing) -> Result<Entry, Refused> {
    for column in fields.keys() {
        if column == "reference" {
            return Err(Refused::field(column, "REFERENCE_FIXED", "a reference does not change: draws rest on it")
                .mend("withdraw this record and register the person under the other reference"));
        }
        if !COLUMNS.contains(&column.as_str()) {
            return Err(Refused::field(column, "COLUMN_UNKNOWN", format!("the layout has no column {column:?}"))
                .mend(format!("use one of: {}", COLUMNS.join(", "))));
        }
    }
    let old = entry::judge(&|column| before.field(column), filing);
    let put = |column: &str| fields.get(column).cloned().unwrap_or_else(|| before.field(column));
    let Judged { entry, findings } = entry::judge(&put, filing);
    let new: Vec<_> = findings.into_iter().filter(|found| found.refuses && !old.findings.contains(found)).collect();
    match (new.first(), entry) {
        (None, Some(entry)) => Ok(entry),
        (Some(found), _) => Err(Refused::field(&found.column, &found.code, &found.message)
            .with("findings", new.len())
            .mend(&found.mend)),
        (None, None) => Err(Refused::field("birth_date", "DATE-03", "The date of birth is missing.")
            .mend("Write the date as in the passport, for example 28/02/1994.")),
    }
}

/// The group that a correction leads into takes one more.
async fn must_have_room(tx: &mut PgConnection, ministry: OrganisationId, groups: &Groups) -> Result<(), Error> {
    let Some((column, digest)) = groups.named() else { return Ok(()) };
    store::group::hold(tx, ministry).await?;
    let members = store::group::members(tx, ministry, &[digest.to_owned()]).await?;
    if members.values().all(|members| *members < MEMBERS_MAX) {
        return Ok(());
    }
    Err(Refused::field(column, "GROUP-03", group::sentence()).with("most", MEMBERS_MAX).mend(group::MEND).into())
}

fn differences(before: &Entry, after: &Entry) -> Vec<String> {
    let differs = |column: &&&str| before.field(column) != after.field(column);
    COLUMNS.iter().filter(differs).map(|column| (*column).to_owned()).collect()
}

/// What others learn of a reason: its code if it is one. Free text may name people and stays in the history.
fn public_reason(reason: &str) -> String {
    let sign = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    if reason.len() <= 40 && reason.bytes().all(sign) { reason.to_owned() } else { "WITHDRAWN".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_code_travels_as_a_reason() {
        assert_eq!(public_reason("OWN_WISH"), "OWN_WISH");
        assert_eq!(public_reason("her mother is ill"), "WITHDRAWN");
        assert_eq!(public_reason("OWN WISH"), "WITHDRAWN");
    }
}
