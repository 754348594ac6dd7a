//! Seeds that are committed before their round, and what a round tells of its own.

use proto::matching::{CommitSeedRequest, Round as Computed, SeedCommitment};
use sha2::{Digest, Sha256};

use crate::{
    client::{Session, refusal, request_id},
    output::Output,
    words::Language,
};

/// Commits to a seed, of which the service is told the digest alone.
pub(crate) async fn commit(
    session: &Session,
    output: &Output,
    (season_code, destination): (String, String),
    (seed, reason): (&str, String),
) -> anyhow::Result<()> {
    let length = seed.trim().chars().count();
    anyhow::ensure!(
        (1..=200).contains(&length),
        "a seed has 1 to 200 characters: no round could be computed with this one"
    );
    let request =
        CommitSeedRequest { season_code, destination, seed_sha256: digest(seed), reason, request_id: request_id() };
    let committed = session.matching().commit_seed(request).await.map_err(|status| refusal(&status))?.into_inner();
    if output.json {
        return output.json("circula.matching.v1.SeedCommitment", &committed);
    }
    println!("{}", describe(output.language, &committed));
    Ok(())
}

/// SHA-256 of a seed as the service draws by it: without the spaces around it.
fn digest(seed: &str) -> String {
    format!("{:x}", Sha256::digest(seed.trim()))
}

fn describe(language: Language, committed: &SeedCommitment) -> String {
    let SeedCommitment { season_code: season, destination, seed_sha256, actor, committed_at } = committed;
    language.of([
        format!(
            "A seed is committed for season {season}, to {destination}, by {actor} at {committed_at}.\nSHA-256 \
             {seed_sha256}\nMake this known, and keep the seed: the rounds are computed with no other."
        ),
        format!(
            "Une graine est engagée pour la saison {season}, vers {destination}, par {actor} le {committed_at}.\nSHA-256 \
             {seed_sha256}\nFaites-le connaître et gardez la graine\u{a0}: aucune autre ne sert au calcul des tours."
        ),
        format!(
            "Hay una semilla comprometida para la temporada {season}, a {destination}, por {actor} el \
             {committed_at}.\nSHA-256 {seed_sha256}\nDelo a conocer y guarde la semilla: las rondas no se calculan con \
             ninguna otra."
        ),
    ])
}

/// The seed that a round was drawn by, and whether it was committed before.
pub(crate) fn drawn_by(language: Language, round: &Computed) -> String {
    let Computed { seed, seed_sha256, seed_committed_at: at, .. } = round;
    if seed_sha256.is_empty() {
        return language.of([
            format!("Seed {seed}, not committed before the round"),
            format!("Graine {seed}, non engagée avant le tour"),
            format!("Semilla {seed}, no comprometida antes de la ronda"),
        ]);
    }
    language.of([
        format!("Seed {seed}, committed at {at} by its SHA-256 {seed_sha256}"),
        format!("Graine {seed}, engagée le {at} par son SHA-256 {seed_sha256}"),
        format!("Semilla {seed}, comprometida el {at} por su SHA-256 {seed_sha256}"),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_says_in_each_language_whether_its_seed_was_committed_before() {
        let seed_sha256 = digest(" abc ");
        assert_eq!(
            seed_sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "as FIPS 180 has it"
        );
        let open = Computed { seed: "abc".to_owned(), ..Computed::default() };
        let held = Computed { seed_sha256, seed_committed_at: "2026-01-02T09:00:00Z".to_owned(), ..open.clone() };
        for (language, no, yes) in [
            (Language::En, "not committed", "committed at 2026-01-02T09:00:00Z by its SHA-256 ba7816bf"),
            (Language::Fr, "non engagée", "engagée le 2026-01-02T09:00:00Z par son SHA-256 ba7816bf"),
            (Language::Es, "no comprometida", "comprometida el 2026-01-02T09:00:00Z por su SHA-256 ba7816bf"),
        ] {
            let [no_said, yes_said] = [&open, &held].map(|round| drawn_by(language, round));
            assert!(no_said.contains(no) && yes_said.contains(yes) && !yes_said.contains(no), "{no_said}, {yes_said}");
        }
    }
}
