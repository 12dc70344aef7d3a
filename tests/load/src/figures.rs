//! Times, and what is said of many of them.

use std::sync::Mutex;
use std::time::Duration;

use serde_json::{Value, json};
use visits_core::{Clock as _, SystemClock};

/// Milliseconds of the machine's clock since 1970.
pub fn now_ms() -> f64 {
    SystemClock::new().now().as_microsecond() as f64 / 1_000.0
}

/// Milliseconds, of which some are slow.
#[derive(Debug, Default)]
pub struct Times(Mutex<Vec<f64>>);

impl Times {
    /// One more.
    pub fn add(&self, time: Duration) {
        self.add_ms(time.as_secs_f64() * 1_000.0);
    }

    /// One more.
    pub fn add_ms(&self, ms: f64) {
        self.0.lock().expect("the lock").push(ms);
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.lock().expect("the lock").len()
    }

    /// Count, median, 90th, 99th percentile and the worst.
    pub fn summary(&self) -> Value {
        let mut times = self.0.lock().expect("the lock").clone();
        if times.is_empty() {
            return json!({ "n": 0 });
        }
        times.sort_by(f64::total_cmp);
        let at = |part: f64| {
            let last = times.len() - 1;
            let index = (last as f64 * part).round() as usize;
            (times[index.min(last)] * 100.0).round() / 100.0
        };
        json!({
            "n": times.len(), "p50": at(0.5), "p90": at(0.9), "p99": at(0.99), "max": at(1.0),
        })
    }
}
