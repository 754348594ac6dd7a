//! What an earlier run left: counted in the databases of its services, whose figures they are.

use anyhow::Context;
use chrono::NaiveDate;
use proto::placement::Stage;
use sqlx::{ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};

use crate::output::{number, word};

/// What is there. Nothing of it is there in a house that has just begun.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Found {
    pub organisations: i64,
    pub orders: i64,
    pub candidates: i64,
    /// Placements by stage.
    pub placements: Vec<(Stage, i64)>,
    /// The day up to which the clocks were run.
    pub reached: Option<NaiveDate>,
}

impl Found {
    /// Counts on the server of a superuser's URL; `prefix` stands before the names of the databases.
    ///
    /// # Errors
    /// If the server does not answer.
    pub async fn look(superuser: &str, prefix: &str) -> anyhow::Result<Self> {
        let server: PgConnectOptions = superuser.parse()?;
        let mut found = Self::default();
        for (service, table, count) in [
            ("programme", "organisation", &mut found.organisations),
            ("demand", "job_order", &mut found.orders),
            ("candidate", "candidate", &mut found.candidates),
        ] {
            if let Some(mut database) = open(&server, &format!("{prefix}{service}"), table).await? {
                let sql = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
                *count = sqlx::query_scalar(sql).fetch_one(&mut database).await?;
                database.close().await?;
            }
        }
        if let Some(mut database) = open(&server, &format!("{prefix}placement"), "calendar").await? {
            let stages: Vec<(i16, i64)> =
                sqlx::query_as("SELECT stage, count(*) FROM placement GROUP BY stage ORDER BY stage")
                    .fetch_all(&mut database)
                    .await?;
            found.placements = stages
                .into_iter()
                .map(|(stage, count)| (Stage::try_from(i32::from(stage)).unwrap_or_default(), count))
                .collect();
            found.reached = sqlx::query_scalar("SELECT max(as_of) FROM calendar").fetch_one(&mut database).await?;
            database.close().await?;
        }
        Ok(found)
    }

    /// True if there is nothing.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// In lines, each indented by two.
    #[must_use]
    pub fn in_words(&self) -> String {
        let stages: Vec<String> = self
            .placements
            .iter()
            .map(|(stage, count)| {
                let stage = word(stage.as_str_name(), "STAGE_").replace('_', " ");
                format!("{} {stage}", number(*count))
            })
            .collect();
        let all = self.placements.iter().map(|(_, count)| count).sum();
        let mut text = format!(
            "  {} organisations, {} orders, {} candidates, {} placements",
            number(self.organisations),
            number(self.orders),
            number(self.candidates),
            number(all)
        );
        if !stages.is_empty() {
            text.push_str(&format!("\n  placements by state: {}", stages.join(", ")));
        }
        if let Some(reached) = self.reached {
            text.push_str(&format!("\n  its clocks were run up to {reached}"));
        }
        text
    }
}

/// The database, if it is there and has the table.
async fn open(server: &PgConnectOptions, name: &str, table: &str) -> anyhow::Result<Option<PgConnection>> {
    let mut postgres = server.connect().await.context("PostgreSQL does not answer")?;
    let there: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
        .bind(name)
        .fetch_one(&mut postgres)
        .await?;
    postgres.close().await?;
    if !there {
        return Ok(None);
    }
    let mut database = server.clone().database(name).connect().await?;
    let made: bool =
        sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL").bind(table).fetch_one(&mut database).await?;
    Ok(made.then_some(database))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_is_said_with_its_states_and_its_day() {
        let found = Found {
            organisations: 13,
            orders: 1204,
            candidates: 30_000,
            placements: vec![(Stage::Working, 1200), (Stage::ReEntryEligible, 34)],
            reached: NaiveDate::from_ymd_opt(2017, 5, 14),
        };
        let said = found.in_words();
        for wanted in [
            "13 organisations",
            "1,204 orders",
            "30,000 candidates",
            "1,234 placements",
            "1,200 working",
            "34 re entry eligible",
            "2017-05-14",
        ] {
            assert!(said.contains(wanted), "{wanted} is not in\n{said}");
        }
        assert!(Found::default().is_nothing() && !found.is_nothing());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_server_that_has_no_house_yet_has_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let postgres = local::postgres::Postgres::start(folder.path()).await.unwrap();
        assert!(Found::look(postgres.url(), "").await.unwrap().is_nothing());
        let server: PgConnectOptions = postgres.url().parse().unwrap();
        let mut connection = server.connect().await.unwrap();
        for sql in ["CREATE DATABASE programme", "CREATE DATABASE placement"] {
            sqlx::query(sql).execute(&mut connection).await.unwrap();
        }
        let mut programme = server.database("programme").connect().await.unwrap();
        assert!(Found::look(postgres.url(), "").await.unwrap().is_nothing(), "a database without tables");
        sqlx::query("CREATE TABLE organisation AS SELECT generate_series(1, 3)").execute(&mut programme).await.unwrap();
        assert_eq!(Found::look(postgres.url(), "").await.unwrap().organisations, 3);
    }
}
