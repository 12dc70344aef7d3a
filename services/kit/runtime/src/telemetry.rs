//! Logs: to stderr, readable on a terminal and JSON anywhere else.

use std::io::{IsTerminal as _, stderr};

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
