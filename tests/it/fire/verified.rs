//! `circula verify` after a fault: every figure of the owners that run is what monitoring folds from their events.

use platform::testing::{Bench, eventually, request_id};
use proto::monitoring::{VerifyRequest, monitoring_service_client::MonitoringServiceClient};

use crate::process::Process;

/// Monitoring that knows where these owners are.
pub(super) async fn monitoring(bench: &Bench, owners: &[(&str, &Process)]) -> Process {
    let address = |(owner, process): &(&str, &Process)| {
        (format!("CIRCULA_MONITORING__OWNERS__{}", owner.to_uppercase()), process.url.clone())
    };
    let addresses: Vec<(String, String)> = owners.iter().map(address).collect();
    let addresses: Vec<(&str, &str)> = addresses.iter().map(|(name, url)| (name.as_str(), url.as_str())).collect();
    Process::start_with(bench, "monitoring", &addresses).await
}

/// These owners are compared with the fold, and nothing differs.
pub(super) async fn is_clean(bench: &Bench, monitoring: &Process, owners: &[&str]) {
    let channel = monitoring.channel().await;
    let (events, differences) = eventually(&format!("{owners:?} and the fold stand at the same event"), async || {
        let asked = bench.call("operator", VerifyRequest { request_id: request_id() });
        let told = MonitoringServiceClient::new(channel.clone()).verify(asked).await.ok()?.into_inner();
        let compared = told.sources.iter().filter(|source| source.failure.is_empty());
        let events = owners.iter().map(|owner| compared.clone().find(|source| source.service == *owner));
        let events: Vec<i64> = events.map(|source| Some(source?.events)).collect::<Option<_>>()?;
        Some((events, told.differences))
    })
    .await;
    assert_eq!(differences, Vec::new(), "every figure is its owner's");
    assert!(events.iter().all(|events| *events > 0), "{owners:?} have events to compare: {events:?}");
}

/// The same where no monitoring runs: it is started for this, and goes again.
pub(super) async fn figures_are_true(bench: &Bench, owners: &[(&str, &Process)]) {
    let mut monitoring = monitoring(bench, owners).await;
    let names: Vec<&str> = owners.iter().map(|(owner, _)| *owner).collect();
    is_clean(bench, &monitoring, &names).await;
    // With a goodbye: whoever comes next need not wait for its places.
    monitoring.signal("-TERM");
    monitoring.ended().await;
}
