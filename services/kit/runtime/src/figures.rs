//! Figures of a running process that an operator's alerts go by. They are sent to a collector, where
//! one is configured ([`crate::telemetry`]), and cost next to nothing where none is.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use opentelemetry::global;

/// Whose figures they are, as a collector shows it.
const METER: &str = "visits";

/// A figure that goes up and down, such as the number of open concerns that nobody watches. It has
/// no attributes: those are how ids and names would leave the process (R19).
#[derive(Debug)]
pub struct Gauge {
    name: &'static str,
    unit: &'static str,
    description: &'static str,
    instrument: OnceLock<opentelemetry::metrics::Gauge<u64>>,
    last: AtomicU64,
}

impl Gauge {
    /// A figure called `name` (`visits.escalation.cases_unwatched`), counted in `unit` (`{case}`).
    #[must_use]
    pub const fn new(name: &'static str, unit: &'static str, description: &'static str) -> Self {
        Self {
            name,
            unit,
            description,
            instrument: OnceLock::new(),
            last: AtomicU64::new(0),
        }
    }

    /// Sets it. Whoever starts the process has to name the collector before this is first called:
    /// the instrument belongs to the collector that it finds then.
    pub fn set(&self, value: u64) {
        let instrument = self.instrument.get_or_init(|| {
            let meter = global::meter(METER);
            meter
                .u64_gauge(self.name)
                .with_unit(self.unit)
                .with_description(self.description)
                .build()
        });
        self.last.store(value, Ordering::Relaxed);
        instrument.record(value, &[]);
    }

    /// What it was last set to; 0 before.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.last.load(Ordering::Relaxed)
    }
}
