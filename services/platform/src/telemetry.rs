//! Logs, metrics, traces. Installed once, by `main`: a library never does.

use std::{io::IsTerminal, sync::OnceLock};

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use opentelemetry::trace::TracerProvider;
use tracing_subscriber::{EnvFilter, Layer, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config;

static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();

/// Seconds of the histogram's buckets.
const BUCKETS: [f64; 12] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

/// What a service logs unless told otherwise.
pub const SERVICE_LOG: &str = "info,sqlx::postgres::notice=error,librdkafka=warn,rdkafka=warn,h2=warn";
/// What a program that speaks to a person logs unless told otherwise: only what somebody should know, no slow statements.
pub const PERSON_LOG: &str = "warn,sqlx=error,librdkafka=error,rdkafka=error,h2=error";

/// Installs logging (`CIRCULA_LOG` filters, `log` if it is not set, `CIRCULA_LOG_FORMAT=json` for machines), metrics and, if
/// `OTEL_EXPORTER_OTLP_ENDPOINT` is set, traces.
///
/// # Errors
/// If something is installed already.
pub fn install(service: &str, log: &str) -> anyhow::Result<()> {
    let filter = EnvFilter::new(config::variable("CIRCULA_LOG").unwrap_or_else(|| log.to_owned()));
    let lines = if config::variable("CIRCULA_LOG_FORMAT").as_deref() == Some("json") {
        tracing_subscriber::fmt::layer().json().with_writer(std::io::stderr).boxed()
    } else {
        tracing_subscriber::fmt::layer()
            .with_writer(std::io::stderr)
            .with_ansi(std::io::stderr().is_terminal())
            .with_target(false)
            .boxed()
    };
    let traces = tracer(service)?.map(|tracer| tracing_opentelemetry::layer().with_tracer(tracer));
    tracing_subscriber::registry().with(filter).with(lines).with(traces).try_init()?;
    let recorder = PrometheusBuilder::new().set_buckets(&BUCKETS)?.build_recorder();
    METRICS.set(recorder.handle()).map_err(|_| anyhow::anyhow!("metrics are installed already"))?;
    metrics::set_global_recorder(recorder).map_err(|_| anyhow::anyhow!("metrics are installed already"))?;
    Ok(())
}

fn tracer(service: &str) -> anyhow::Result<Option<opentelemetry_sdk::trace::SdkTracer>> {
    if config::variable("OTEL_EXPORTER_OTLP_ENDPOINT").is_none() {
        return Ok(None);
    }
    let exporter = opentelemetry_otlp::SpanExporter::builder().with_tonic().build()?;
    let resource = opentelemetry_sdk::Resource::builder().with_service_name(service.to_owned()).build();
    let provider = opentelemetry_sdk::trace::SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(resource)
        .build();
    Ok(Some(provider.tracer("circula")))
}

/// All metrics in Prometheus's text form; empty if none are installed.
#[must_use]
pub fn metrics_text() -> String {
    METRICS.get().map(PrometheusHandle::render).unwrap_or_default()
}
