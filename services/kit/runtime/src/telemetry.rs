//! Logs: to stderr, readable on a terminal and JSON anywhere else. Spans and figures: to a
//! collector, where one is configured.
//!
//! Spans are only those that we begin ourselves (visits-trace). Nothing turns logs or other crates'
//! spans into them: a database driver's hold values, and values stay inside the process (R19).

use std::io::{IsTerminal as _, stderr};
use std::time::Duration;

use opentelemetry_otlp::{ExporterBuildError, MetricExporter, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider};
use opentelemetry_sdk::trace::SdkTracerProvider;
use tokio::sync::oneshot;
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

/// How often figures are sent. An operator's alert is late by that much at most.
const EVERY: Duration = Duration::from_secs(15);

/// So long the end of the process waits for a collector.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// The way of spans and figures to a collector.
#[derive(Debug)]
pub struct Export {
    spans: SdkTracerProvider,
    figures: SdkMeterProvider,
}

impl Export {
    /// Sends spans and figures to the OTLP/gRPC collector at `endpoint` as those of `name`: spans a
    /// batch at a time, figures every fifteen seconds. A collector that is away costs what it would
    /// have been sent and nothing else.
    ///
    /// # Errors
    /// `InvalidInput` if `endpoint` is no address.
    pub fn start(endpoint: &str, name: &str) -> Result<Self, Fault> {
        let resource = Resource::builder()
            .with_service_name(name.to_owned())
            .build();
        let exporter = SpanExporter::builder()
            .with_tonic()
            .with_endpoint(endpoint)
            .build();
        let spans = SdkTracerProvider::builder()
            .with_batch_exporter(exporter.map_err(|error| no_address(&error))?)
            .with_resource(resource.clone())
            .build();
        let exporter = MetricExporter::builder()
            .with_tonic()
            .with_endpoint(endpoint)
            .build();
        let reader = PeriodicReader::builder(exporter.map_err(|error| no_address(&error))?)
            .with_interval(EVERY)
            .build();
        let figures = SdkMeterProvider::builder()
            .with_reader(reader)
            .with_resource(resource)
            .build();
        opentelemetry::global::set_tracer_provider(spans.clone());
        opentelemetry::global::set_meter_provider(figures.clone());
        Ok(Self { spans, figures })
    }

    /// Sends what waits to be sent, if the collector takes it in time: the process ends within its own
    /// (R12), whatever becomes of its last spans.
    pub async fn finish(self) {
        let (tell, ended) = oneshot::channel();
        let runtime = tokio::runtime::Handle::current();
        // In a thread of its own, for which the end of the process doesn't wait.
        std::thread::spawn(move || {
            let _inside = runtime.enter();
            let spans = self.spans.shutdown_with_timeout(LAST_WORDS);
            let figures = self.figures.shutdown_with_timeout(LAST_WORDS);
            let _ = tell.send(spans.and(figures));
        });
        match tokio::time::timeout(LAST_WORDS, ended).await {
            Ok(Ok(Ok(()))) => {}
            Ok(Ok(Err(error))) => {
                tracing::warn!("the last spans or figures were not sent: {error}");
            }
            _ => tracing::warn!("the collector did not take the last spans or figures"),
        }
    }
}

fn no_address(error: &ExporterBuildError) -> Fault {
    let what = format!("must be an address such as http://collector:4317: {error}");
    let violation = visits_core::FieldViolation::new("telemetry.otlp_endpoint", what);
    Fault::invalid(vec![violation])
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
