//! Refusals that rest on what is stored.

use platform::Refused;
use proto::programme::Quota;
use tonic::Code;

use crate::quota::NotReleased;

/// The natural key is taken: by the very same content, or by other content. Either way the id tells where it stands.
pub(crate) fn exists(what: &str, id: &str, same: bool) -> Refused {
    if same {
        Refused::new(Code::AlreadyExists, "EXISTS", format!("this {what} is there already, as {id}"))
            .with("what", what)
            .with("id", id)
            .mend("nothing needs to be done")
    } else {
        Refused::new(Code::AlreadyExists, "EXISTS_OTHERWISE", format!("another {what} has this code or id: {id}"))
            .with("what", what)
            .with("id", id)
            .mend("choose another code, or leave the one that is there")
    }
}

/// A pack with this date says something else.
pub(crate) fn pack_published(id: &str) -> Refused {
    Refused::new(
        Code::FailedPrecondition,
        "PACK_PUBLISHED",
        format!("{id} is published with other rules: packs are not edited"),
    )
    .at("pack.valid_from")
    .with("id", id)
    .mend("publish the new rules under the date from which they hold")
}

/// The cap stands; changing it needs two people.
pub(crate) fn quota_set(quota: &Quota) -> Refused {
    let message = format!("the quota is set to {} with {} in reserve", quota.cap, quota.flexible_reserve);
    Refused::new(Code::FailedPrecondition, "QUOTA_SET", message)
        .at("cap")
        .with("id", &quota.id)
        .with("cap", quota.cap)
        .with("flexible_reserve", quota.flexible_reserve)
        .mend("a change of a cap that is set needs two people: release reserve with a second operator")
}

/// For a decision that was taken on another version of the quota.
pub(crate) fn quota_changed(there: &Quota) -> Refused {
    Refused::new(Code::Aborted, "VERSION", "the quota was changed after it was looked at")
        .with("version", there.version)
        .mend("look at the quota as it stands now and decide anew")
}

/// Nothing was released or proposed.
pub(crate) fn not_released(quota_id: &str, why: &NotReleased) -> Refused {
    let (reason, message, mend) = match why {
        NotReleased::TooFew(kept) => {
            ("RESERVE_TOO_SMALL", format!("the reserve holds {kept}"), "ask for no more than the reserve holds")
        }
        NotReleased::SamePerson => (
            "TWO_PEOPLE",
            "who proposes a release cannot complete it".to_owned(),
            "ask another operator to send the same release",
        ),
        NotReleased::OtherUnits(units) => (
            "RELEASE_DIFFERS",
            format!("a release of {units} is proposed"),
            "send the number that is proposed, or wait a week until the proposal lapses",
        ),
    };
    let refused = Refused::new(Code::FailedPrecondition, reason, message).at("units").mend(mend).with("id", quota_id);
    match why {
        NotReleased::TooFew(kept) => refused.with("kept", kept),
        NotReleased::OtherUnits(units) => refused.with("units", units),
        NotReleased::SamePerson => refused,
    }
}
