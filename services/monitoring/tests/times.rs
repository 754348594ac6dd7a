//! How long clocks took: counted while placements are folded, and the same as if every placement were read.

use proto::{monitoring::GetClockTimesRequest, placement::Track};
use rand::{SeedableRng, seq::SliceRandom};
use sqlx::{Connection, PgConnection};

use crate::{
    House, season,
    ways::{Way, marker},
};

#[tokio::test(flavor = "multi_thread")]
async fn clocks_that_ended_tell_how_long_half_and_nine_of_ten_took() {
    let house = House::start().await;
    let early = (1..=3).map(|number| Way::spain(number).accepted(&[Track::Authorisation]));
    let late = (4..=5).map(|number| Way::spain(number).accepted(&[Track::Contract, Track::Authorisation]));
    let other = [Way::canada(6).accepted(&[Track::Authorisation]), Way::spain(7)];
    let events: Vec<_> = early.chain(late).chain(other).flat_map(|way| way.events()).collect();
    house.produce_all(&events).await;
    house.folded("placement", i64::try_from(events.len()).unwrap()).await;
    let times = async |who: &str| {
        let request = GetClockTimesRequest { corridor_code: "CO-ES".to_owned(), season_code: "2026".to_owned() };
        let told = house.client.clone().get_clock_times(house.bench.call(who, request)).await.unwrap().into_inner();
        told.clocks
    };
    let told = times("operator").await;
    let names: Vec<(&str, i64)> = told.iter().map(|time| (time.clock.as_str(), time.ended)).collect();
    assert_eq!(
        names,
        [("C-ANSWER", 5), ("C-AUTHORISE", 5), ("C-OFFER", 5), ("C-SELECT", 5), ("C-SIGN", 2)],
        "those that still run are not told"
    );
    let authorised = &told[1];
    assert_eq!((authorised.days_half, authorised.days_nine_of_ten, authorised.days_longest), (1, 2, 2));
    assert!(times("guatemala").await.is_empty(), "a tenant sees its own");
    assert_eq!(times("spain").await, told);

    // Told again, and older: nothing is counted twice.
    house.produce_all(&events).await;
    for partition in 0..4 {
        house.produce(&marker(partition), Some(partition)).await;
    }
    house.folded("season_record", 4).await;
    assert_eq!(times("operator").await, told);

    // Whoever writes the fold, the counts follow: a row that moves, one that goes, and the fold thrown away.
    let mut superuser = PgConnection::connect(&house.bench.superuser_url(monitoring::NAME)).await.unwrap();
    let fives = format!("id = '{}'", Way::spain(5).id());
    let moved = format!("UPDATE placement SET season_code = '2027' WHERE {fives}");
    sqlx::query(sqlx::AssertSqlSafe(moved)).execute(&mut superuser).await.unwrap();
    let authorised = times("operator").await.remove(1);
    let figures = (authorised.ended, authorised.days_half, authorised.days_nine_of_ten, authorised.days_longest);
    assert_eq!(figures, (4, 1, 2, 2));
    sqlx::query(sqlx::AssertSqlSafe(format!("DELETE FROM placement WHERE id = '{}'", Way::spain(4).id())))
        .execute(&mut superuser)
        .await
        .unwrap();
    let told = times("operator").await;
    let names: Vec<(&str, i64)> = told.iter().map(|time| (time.clock.as_str(), time.ended)).collect();
    assert_eq!(names, [("C-ANSWER", 3), ("C-AUTHORISE", 3), ("C-OFFER", 3), ("C-SELECT", 3)]);
    sqlx::query("TRUNCATE placement").execute(&mut superuser).await.unwrap();
    assert!(times("operator").await.is_empty());
    let last = Way::spain(8).accepted(&[Track::Authorisation]);
    house.produce_all(&last.events()).await;
    house.folded("placement", 5).await;
    assert_eq!(times("operator").await[1].ended, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_of_clock_times_are_those_of_every_placement_in_whatever_order_they_come() {
    let house = House::start().await;
    let mut events: Vec<_> = season().iter().flat_map(Way::events).collect();
    events.extend(events.clone());
    events.shuffle(&mut rand_chacha::ChaCha8Rng::seed_from_u64(11));
    house.produce_all(&events).await;
    for partition in 0..4 {
        house.produce(&marker(partition), Some(partition)).await;
    }
    house.folded("season_record", 4).await;
    let mut superuser = PgConnection::connect(&house.bench.superuser_url(monitoring::NAME)).await.unwrap();
    let differ = "WITH told AS (
                      SELECT p.corridor_code, p.ministry_id, p.union_id, s.clock, s.days, count(*) AS ended
                      FROM placement p, jsonb_to_recordset(p.spans) AS s (clock text, days int) GROUP BY 1, 2, 3, 4, 5
                  ), kept AS (
                      SELECT corridor_code, ministry_id, union_id, clock, days, ended FROM clock_time WHERE ended <> 0
                  )
                  SELECT (SELECT count(*) FROM (TABLE told EXCEPT TABLE kept) AS missing),
                         (SELECT count(*) FROM (TABLE kept EXCEPT TABLE told) AS surplus), (SELECT count(*) FROM kept)";
    let (missing, surplus, kept): (i64, i64, i64) = sqlx::query_as(differ).fetch_one(&mut superuser).await.unwrap();
    assert_eq!((missing, surplus), (0, 0));
    assert!(kept > 8, "{kept}");
}
