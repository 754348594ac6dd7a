use proto::common::{Count, Position};
use sqlx::PgConnection;

pub(crate) async fn counts(tx: &mut PgConnection) -> Result<Vec<Count>, sqlx::Error> {
    sqlx::query_as!(
        Count,
        r#"SELECT 'organisations' AS "figure!", '' AS "corridor!", '' AS "season!", kind AS "state!", count(*) AS "value!"
             FROM organisation GROUP BY kind
           UNION ALL SELECT 'corridors', code, '', state, 1 FROM corridor
           UNION ALL SELECT 'corridors_by_ministry', code, '', ministry_id::text, 1 FROM corridor
           UNION ALL SELECT 'rule_packs', '', '', '', count(*) FROM rule_pack
           UNION ALL SELECT 'seasons', '', '', '', count(*) FROM season
           UNION ALL SELECT 'quota_cap', corridor_code, season_code, '', sum(cap) FROM quota GROUP BY 2, 3"#
    )
    .fetch_all(tx)
    .await
}

pub(crate) async fn positions(tx: &mut PgConnection) -> Result<Vec<Position>, sqlx::Error> {
    sqlx::query_as!(
        Position,
        r#"SELECT 'organisation' AS "aggregate!", count(*) AS "aggregates!", coalesce(sum(version), 0)::bigint AS "events!"
             FROM organisation
           UNION ALL SELECT 'corridor', count(*), coalesce(sum(version), 0)::bigint FROM corridor
           UNION ALL SELECT 'rule_pack', count(*), coalesce(sum(version), 0)::bigint FROM rule_pack
           UNION ALL SELECT 'season', count(*), coalesce(sum(version), 0)::bigint FROM season
           UNION ALL SELECT 'quota', count(*), coalesce(sum(version), 0)::bigint FROM quota"#
    )
    .fetch_all(tx)
    .await
}
