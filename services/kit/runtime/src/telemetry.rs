//! Logs: to stderr, readable on a terminal and JSON anywhere else. Spans: to a collector, where one
//! is configured.
//!
//! Spans are only those that we begin ourselves (visits-trace). Nothing turns logs or other crates'
//! spans into them: a database driver's hold values, and values stay inside the process (R19).

use std::io::{IsTerminal as _, stderr};

use opentelemetry_otlp::{SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt as _;
use visits_core::Fault;

/// Starts logging at `level`: `warn`, or a filter such as `info,visits_durable=debug`. The
/// environment's `RUST_LOG` wins.
///
/// # Errors
/// `InvalidInput` if the filter can't be read. Logging that is already on stays as it is.
pub fn init(level: &str) -> Result<(), Fault> {
    let filter = filter(level)?;
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr);
    if stderr().is_terminal() {
        let _ = logs.with_target(false).finish().try_init();
    } else {
        let _ = logs.json().flatten_event(true).finish().try_init();
    }
    Ok(())
}

fn filter(level: &str) -> Result<EnvFilter, Fault> {
    let wanted = std::env::var(EnvFilter::DEFAULT_ENV).unwrap_or_else(|_| level.to_owned());
    EnvFilter::try_new(&wanted).map_err(|error| {
        let what = format!("must be a level or a filter such as info,visits=debug: {error}");
        Fault::invalid(vec![visits_core::FieldViolation::new("log", what)])
    })
}

/// The way of spans to a collector.
#[derive(Debug)]
pub struct SpanExport {
    provider: SdkTracerProvider,
}

impl SpanExport {
    /// Sends spans to the OTLP/gRPC collector at `endpoint` as those of `name`, a batch at a time. A
    /// collector that is away costs spans and nothing else.
    ///
    /// # Errors
    /// `InvalidInput` if `endpoint` is no address.
    pub fn start(endpoint: &str, name: &str) -> Result<Self, Fault> {
        let exporter = SpanExporter::builder()
            .with_tonic()
            .with_endpoint(endpoint)
            .build();
        let exporter = exporter.map_err(|error| {
            let what = format!("must be an address such as http://collector:4317: {error}");
            let violation = visits_core::FieldViolation::new("telemetry.otlp_endpoint", what);
            Fault::invalid(vec![violation])
        })?;
        let resource = Resource::builder().with_service_name(name.to_owned());
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource.build())
            .build();
        opentelemetry::global::set_tracer_provider(provider.clone());
        Ok(Self { provider })
    }

    /// Sends what waits to be sent, if the collector takes it in time.
    pub async fn finish(self) {
        let ended = tokio::task::spawn_blocking(move || self.provider.shutdown()).await;
        if let Ok(Err(error)) = ended {
            tracing::warn!("the last spans were not sent: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_that_cannot_be_read_is_named() {
        assert!(filter("warn").is_ok());
        let fault = filter("visits=loud").expect_err("no level");
        assert_eq!(fault.violations[0].field, "log");
    }
}
