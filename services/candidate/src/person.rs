//! The person behind a candidate, and the key under which lotteries draw for them.

use aws_lc_rs::hmac;
use chrono::NaiveDate;
use proto::ids::OrganisationId;
use serde::Serialize;

/// Personal data. It has no `Debug`, so that it cannot slip into a log line or a panic.
#[derive(Clone, Serialize)]
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
}

/// Makes lottery keys: equal input, equal draw, and nothing to read from it.
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
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

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
