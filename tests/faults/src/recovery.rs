//! How soon a service is back after a death: by the first call that is answered, and by the first
//! event that is heard of what was said since.
//!
//! A process that dies again before it has answered has not recovered in between: what is measured
//! is the time since the last death before the answer.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use visits_core::Timestamp;

use crate::caller::Attempt;
use crate::spy::First;
use crate::stack::Stack;

/// So soon after a death 99 of 100 calls are answered again.
///
/// It is held against runs whose figures are kept, on a machine that has nothing else to do: a run of
/// CI is only told.
pub const ANSWERED_AGAIN_WITHIN: Duration = Duration::from_secs(5);

/// The death of a process.
#[derive(Clone, Debug)]
pub struct Death {
    /// Which slot's.
    pub slot: usize,
    /// The first service that it held.
    pub service: &'static str,
    /// When.
    pub at: Instant,
    /// When, by the deployment's clock.
    pub clock: Timestamp,
}

impl Death {
    /// One that has just been noticed.
    ///
    /// # Errors
    /// If the clock can't be read.
    pub fn now(stack: &Stack, slot: usize) -> anyhow::Result<Self> {
        Ok(Self {
            slot,
            service: stack.service(slot),
            at: Instant::now(),
            clock: stack.clock().now()?,
        })
    }
}

/// How long after each death the first call that was sent after it to the same service was
/// answered.
#[must_use]
pub fn answered_again(deaths: &[Death], attempts: &[Attempt]) -> Vec<Duration> {
    since_the_last(deaths, |death| {
        attempts
            .iter()
            .filter(|one| one.label == death.service && one.answered && one.sent >= death.at)
            .map(|one| one.over)
            .min()
    })
}

/// How long after each death the first event was heard that the same service has said since.
#[must_use]
pub fn heard_again(deaths: &[Death], first: &[First]) -> Vec<Duration> {
    since_the_last(deaths, |death| {
        let source = format!("/services/{}", death.service);
        first
            .iter()
            .filter(|one| one.source == source && one.said > death.clock && one.heard > death.at)
            .map(|one| one.heard)
            .min()
    })
}

fn since_the_last(deaths: &[Death], back: impl Fn(&Death) -> Option<Instant>) -> Vec<Duration> {
    let mut all: Vec<Duration> = deaths
        .iter()
        .filter_map(|death| {
            let at = back(death)?;
            let again =
                |other: &&Death| other.slot == death.slot && other.at > death.at && other.at < at;
            let is_last = !deaths.iter().any(|other| again(&other));
            is_last.then(|| at.duration_since(death.at))
        })
        .collect();
    all.sort_unstable();
    all
}

/// The value below which `share` per cent of a sorted list lie.
#[must_use]
pub fn percentile(sorted: &[Duration], share: usize) -> Duration {
    let index = (sorted.len() * share).div_ceil(100).max(1) - 1;
    sorted.get(index).copied().unwrap_or_default()
}

/// A sorted list in a few numbers.
#[must_use]
pub fn in_milliseconds(sorted: &[Duration]) -> Value {
    let millis = |share: usize| percentile(sorted, share).as_millis();
    json!({ "of": sorted.len(), "p50": millis(50), "p99": millis(99), "max": millis(100) })
}

/// What there is to say against a sorted list of how soon calls were answered again, if anything.
#[must_use]
pub fn too_late(back: &[Duration]) -> Option<String> {
    let p99 = percentile(back, 99);
    (p99 > ANSWERED_AGAIN_WITHIN).then(|| {
        format!("answered again after {p99:.1?} (p99), not within {ANSWERED_AGAIN_WITHIN:?}")
    })
}

/// Both, in milliseconds.
#[must_use]
pub fn figures(stack: &Stack, deaths: &[Death], first: &[First]) -> Value {
    let attempts = stack.counters().attempts();
    json!({
        "deaths": deaths.len(),
        "answered_again_ms": in_milliseconds(&answered_again(deaths, &attempts)),
        "heard_again_ms": in_milliseconds(&heard_again(deaths, first)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_dies_again_before_it_answers_counts_from_its_last_death() {
        let begun = Instant::now();
        let after = |millis: u64| begun + Duration::from_millis(millis);
        let death = |slot: usize, millis: u64| Death {
            slot,
            service: "recording",
            at: after(millis),
            clock: Timestamp::UNIX_EPOCH,
        };
        let attempt = |sent: u64, over: u64, answered: bool| Attempt {
            label: "recording",
            sent: after(sent),
            over: after(over),
            answered,
        };
        let attempts = [
            attempt(5, 40, false),
            attempt(50, 130, true),
            attempt(600, 650, true),
        ];
        let deaths = [death(1, 0), death(1, 30), death(1, 500)];
        let back = answered_again(&deaths, &attempts);
        assert_eq!(back, [100, 150].map(Duration::from_millis));
        assert_eq!(percentile(&back, 99), Duration::from_millis(150));
        assert_eq!(percentile(&back, 50), Duration::from_millis(100));
    }

    #[test]
    fn one_of_a_hundred_may_be_late_and_two_may_not() {
        let mut back = vec![ANSWERED_AGAIN_WITHIN; 99];
        back.push(Duration::from_secs(60));
        assert_eq!(too_late(&back), None);
        back[98] = Duration::from_secs(6);
        let said = "answered again after 6.0s (p99), not within 5s";
        assert_eq!(too_late(&back).as_deref(), Some(said));
        assert_eq!(too_late(&[]), None);
    }
}
