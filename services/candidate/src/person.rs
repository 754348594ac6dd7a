//! The person behind a candidate, and the key under which lotteries draw for them.

use aws_lc_rs::hmac;
use chrono::NaiveDate;
use proto::ids::OrganisationId;

use crate::candidate::Groups;

/// Personal data. It has no `Debug`, so that it cannot slip into a log line or a panic.
#[derive(Clone)]
pub(crate) struct Person {
    /// The ministry's own reference, unique among its records; it never changes.
    pub(crate) reference: String,
    pub(crate) family_name: String,
    pub(crate) given_names: String,
    pub(crate) born_on: NaiveDate,
    /// ISO 3166-1 alpha-2; empty as long as there is no document.
    pub(crate) document_country: String,
    /// Capitals and digits only; empty as long as there is no document.
    pub(crate) document_number: String,
    pub(crate) document_expires_on: Option<NaiveDate>,
    pub(crate) phone: String,
    /// The ministry's own names for whom the person travels with; at most one is not empty.
    pub(crate) family_group: String,
    pub(crate) crew: String,
}

/// Makes lottery keys and the digests of groups: equal input, equal output, and nothing to read from it.
#[derive(Clone)]
pub(crate) struct LotteryKey(hmac::Key);

impl LotteryKey {
    pub(crate) fn new(secret: &str) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()))
    }

    /// The first 16 bytes of HMAC-SHA-256 over organisation id and reference, in hexadecimal.
    pub(crate) fn digest(&self, organisation_id: OrganisationId, reference: &str) -> String {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(organisation_id.0.as_bytes());
        context.update(reference.as_bytes());
        hex::encode(&context.sign().as_ref()[..16])
    }

    /// Digests of the groups that a ministry names, made as [`Self::digest`] is, each under a prefix of its kind. Letter case
    /// is no difference: a name is typed once for each member.
    pub(crate) fn groups(&self, organisation_id: OrganisationId, person: &Person) -> Groups {
        // No prefix begins as an organisation id does, which has a byte above ASCII: no group shares a digest with a reference.
        let digest = |prefix: &[u8], name: &str| {
            (!name.is_empty()).then(|| {
                let mut context = hmac::Context::with_key(&self.0);
                context.update(prefix);
                context.update(organisation_id.0.as_bytes());
                context.update(name.to_ascii_uppercase().as_bytes());
                hex::encode(&context.sign().as_ref()[..16])
            })
        };
        Groups {
            family: digest(b"circula/family\0", &person.family_group),
            crew: digest(b"circula/crew\0", &person.crew),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::entry::tests::entry;

    #[test]
    fn a_group_is_one_for_one_ministry_and_kind_however_it_is_typed() {
        let key = LotteryKey::new("one");
        let [ours, theirs] = [1, 2].map(|id| OrganisationId(Uuid::from_u128(id)));
        let named = |family_group: &str, crew: &str| Person {
            family_group: family_group.to_owned(),
            crew: crew.to_owned(),
            ..entry().person
        };
        assert_eq!(key.groups(ours, &named("", "")), Groups::default());
        let family = key.groups(ours, &named("Rojas", "")).family.unwrap();
        assert_eq!(key.groups(ours, &named("ROJAS", "")).family.as_ref(), Some(&family));
        assert_eq!(family.len(), 32);
        for other in [
            key.groups(ours, &named("Rojas 2", "")).family,
            key.groups(ours, &named("", "Rojas")).crew,
            key.groups(theirs, &named("Rojas", "")).family,
            LotteryKey::new("two").groups(ours, &named("Rojas", "")).family,
            Some(key.digest(ours, "Rojas")),
        ] {
            assert_ne!(Some(&family), other.as_ref());
        }
    }

    #[test]
    fn a_lottery_key_depends_on_secret_organisation_and_reference() {
        let (key, ministry) = (LotteryKey::new("one"), OrganisationId(Uuid::from_u128(1)));
        let digest = key.digest(ministry, "A-1");
        assert_eq!(digest, LotteryKey::new("one").digest(ministry, "A-1"));
        assert_eq!(digest.len(), 32);
        for other in [
            LotteryKey::new("two").digest(ministry, "A-1"),
            key.digest(OrganisationId(Uuid::from_u128(2)), "A-1"),
            key.digest(ministry, "A-2"),
        ] {
            assert_ne!(digest, other);
        }
    }
}
