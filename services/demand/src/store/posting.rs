use sqlx::{PgConnection, types::Json};

use super::programme::Season;
use crate::{
    order::Order,
    rules::{Pack, Rule},
};

/// What a posted order is judged by; what is not known is not there.
pub(crate) struct Facts {
    /// The employer, if it is one of the poster's organisation.
    pub(crate) employer: Option<Employer>,
    pub(crate) season: Option<Season>,
    /// Origins that have an open corridor to the order's destination.
    pub(crate) origins: Vec<String>,
    /// The destination's pack in force on the filing date, as [`crate::rules::in_force`] would choose it.
    pub(crate) pack: Option<Pack>,
}

/// What an order has to know of its employer.
pub(crate) struct Employer {
    pub(crate) name: String,
    pub(crate) accreditation: String,
}

/// All in one statement: the poster waits for each way to the database and back.
pub(crate) async fn facts(tx: &mut PgConnection, order: &Order) -> Result<Facts, sqlx::Error> {
    let row = sqlx::query!(
        r#"SELECT employer.name AS "employer_name?", employer.accreditation AS "accreditation?",
                  season.starts_on AS "starts_on?", season.ends_on AS "ends_on?",
                  ARRAY(SELECT origin FROM corridor WHERE destination = $4 AND open) AS "origins!",
                  pack.id AS "pack_id?", pack.valid_from AS "valid_from?", pack.rules AS "rules?: Json<Vec<Rule>>"
           FROM (SELECT) AS posted
               LEFT JOIN employer ON employer.id = $1 AND employer.organisation_id = $2
               LEFT JOIN season ON season.code = $3
               LEFT JOIN LATERAL (SELECT id, valid_from, rules FROM rule_pack WHERE code = $4 AND valid_from <= $5
                                  ORDER BY valid_from DESC LIMIT 1) AS pack ON true"#,
        order.employer_id.0,
        order.organisation_id,
        order.season_code,
        order.destination,
        order.filed_on
    )
    .fetch_one(tx)
    .await?;
    let employer = row.employer_name.zip(row.accreditation);
    let season = row.starts_on.zip(row.ends_on);
    let pack = row.pack_id.zip(row.valid_from).zip(row.rules);
    Ok(Facts {
        employer: employer.map(|(name, accreditation)| Employer { name, accreditation }),
        season: season.map(|(starts_on, ends_on)| Season { starts_on, ends_on }),
        origins: row.origins,
        pack: pack.map(|((id, valid_from), rules)| Pack { id, valid_from, rules: rules.0 }),
    })
}
