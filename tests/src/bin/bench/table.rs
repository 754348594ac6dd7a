//! The one table: what, ours, the peer's, their ratio, the aim.

use platform::config::variable;
use serde_json::json;
use sqlx::{Connection, PgConnection};

/// What a figure should be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Aim {
    /// At least this share of the peer's.
    Share(f64),
    /// At least this.
    Least(f64),
    /// At most this.
    Most(f64),
    /// At most so many times the peer's, and at most this.
    Both(f64, f64),
    /// At most so many times the peer's.
    Times(f64),
    /// The peer's, give or take this share of it.
    Same(f64),
    /// None: it is only told.
    None,
}

struct Figure {
    what: String,
    unit: &'static str,
    ours: f64,
    peer: Option<f64>,
    aim: Aim,
    note: String,
}

#[derive(Default)]
pub(crate) struct Table(Vec<Figure>);

impl Table {
    /// A figure: what and in which unit, ours and the peer's, the aim, and what else there is to say.
    pub(crate) fn add(
        &mut self,
        (what, unit): (impl Into<String>, &'static str),
        (ours, peer): (f64, Option<f64>),
        aim: Aim,
        note: impl Into<String>,
    ) {
        let figure = Figure { what: what.into(), unit, ours, peer, aim, note: note.into() };
        eprintln!("bench: {}", figure.line());
        self.0.push(figure);
    }

    pub(crate) fn markdown(&self) -> String {
        let head = "| what | ours | peer | ratio | aim | met | |\n|---|---|---|---|---|---|---|\n";
        let lines: Vec<String> = self.0.iter().map(Figure::line).collect();
        format!("{head}{}\n", lines.join("\n"))
    }

    pub(crate) fn json(&self) -> String {
        let figure = |figure: &Figure| {
            json!({
                "what": figure.what, "unit": figure.unit, "ours": figure.ours, "peer": figure.peer,
                "ratio": figure.ratio(), "aim": figure.aim(), "met": figure.met(), "note": figure.note,
            })
        };
        let figures: Vec<_> = self.0.iter().map(figure).collect();
        serde_json::to_string_pretty(&figures).expect("figures are JSON")
    }
}

impl Figure {
    fn ratio(&self) -> Option<f64> {
        self.peer.map(|peer| self.ours / peer)
    }

    fn met(&self) -> Option<bool> {
        let ratio = self.ratio().unwrap_or(f64::NAN);
        match self.aim {
            Aim::Share(share) => Some(ratio >= share),
            Aim::Least(least) => Some(self.ours >= least),
            Aim::Most(most) => Some(self.ours <= most),
            Aim::Both(times, most) => Some(ratio <= times && self.ours <= most),
            Aim::Times(times) => Some(ratio <= times),
            Aim::Same(share) => Some((ratio - 1.0).abs() <= share),
            Aim::None => None,
        }
    }

    fn aim(&self) -> String {
        match self.aim {
            Aim::Share(share) => format!("≥ {:.0} %", share * 100.0),
            Aim::Least(least) => format!("≥ {}", number(least)),
            Aim::Most(most) => format!("≤ {}", number(most)),
            Aim::Both(times, most) => format!("≤ {times:.0} × and ≤ {}", number(most)),
            Aim::Times(times) => format!("≤ {times:.0} ×"),
            Aim::Same(share) => format!("100 ± {:.0} %", share * 100.0),
            Aim::None => "–".to_owned(),
        }
    }

    fn line(&self) -> String {
        let or_dash = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
        let met = self.met().map(|met| if met { "yes" } else { "no" }.to_owned());
        format!(
            "| {}, {} | {} | {} | {} | {} | {} | {} |",
            self.what,
            self.unit,
            number(self.ours),
            or_dash(self.peer.map(number)),
            or_dash(self.ratio().map(|ratio| format!("{:.0} %", ratio * 100.0))),
            self.aim(),
            or_dash(met),
            self.note
        )
    }
}

fn number(value: f64) -> String {
    match value {
        100.0.. => format!("{value:.0}"),
        1.0.. => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// The middle one of several runs.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// On what all this was measured.
pub(crate) async fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let profile = if cfg!(debug_assertions) { "dev (opt-level 1)" } else { "release" };
    let url = variable("CIRCULA_TEST_POSTGRES").expect("the servers are named: run `make bench`");
    let mut database = PgConnection::connect(&url).await.unwrap();
    let setting = async |name: &str, database: &mut PgConnection| -> String {
        sqlx::query_scalar("SELECT current_setting($1)").bind(name).fetch_one(database).await.unwrap()
    };
    let version = setting("server_version", &mut database).await;
    let fsync = setting("fsync", &mut database).await;
    let commit = setting("synchronous_commit", &mut database).await;
    let kind = variable("CIRCULA_TEST_KAFKA_KIND").unwrap_or_else(|| "named".to_owned());
    format!(
        "{cores} cores, load at the end {}; profile {profile}; PostgreSQL {version}, fsync {fsync}, synchronous_commit \
         {commit}; broker: {kind}.\n",
        load.split(' ').next().unwrap_or_default()
    )
}
