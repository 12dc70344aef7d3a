//! Figures of a running process that an operator's alerts go by. They are sent to a collector, where
//! one is configured ([`crate::telemetry`]), and cost next to nothing where none is.

use std::sync::OnceLock;

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
        instrument.record(value, &[]);
    }
}
