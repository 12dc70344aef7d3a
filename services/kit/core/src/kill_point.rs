//! Named points at which a test lets a process die (docs/decisions/0014).
//!
//! Unarmed, as every process is that nobody told otherwise, a passage is one load of a pointer.
//! Armed, the process sends itself SIGKILL (or SIGSTOP) at the named point: nothing after it is
//! run, nothing is flushed, no destructor is called, exactly as when a machine loses its power.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::process::{Signal, getpid, kill_process};

/// The variable that arms a process. It has "insecure" in its name so that nobody sets it
/// unawares; a process that finds it says so at its start.
pub const KILL_POINT_VARIABLE: &str = "VISITS_INSECURE_KILL_POINT";

static ARMED: OnceLock<Plan> = OnceLock::new();

/// Where this process is to die: `name[@label][#hit][!stop]`.
#[derive(Debug)]
struct Plan {
    name: String,
    /// Only for this cause, event type or kind of job.
    label: Option<String>,
    /// How many passages are still let through, and this one.
    left: AtomicU64,
    signal: Signal,
}

impl Plan {
    fn read(text: &str) -> Result<Self, String> {
        let (rest, signal) = match text.split_once('!') {
            None => (text, Signal::KILL),
            Some((rest, "stop")) => (rest, Signal::STOP),
            Some((_, other)) => return Err(format!("nothing is known of {other:?}")),
        };
        let (rest, hit) = match rest.split_once('#') {
            None => (rest, 1),
            Some((rest, hit)) => (rest, hit.parse().map_err(|_| "a hit is a number")?),
        };
        let (name, label) = match rest.split_once('@') {
            None => (rest, None),
            Some((name, label)) => (name, Some(label.to_owned())),
        };
        if name.is_empty() || hit == 0 {
            return Err("a point has a name, and hits count from 1".to_owned());
        }
        Ok(Self {
            name: name.to_owned(),
            label,
            left: AtomicU64::new(hit),
            signal,
        })
    }

    /// Whether the process dies at this passage.
    fn comes(&self, name: &str, label: impl FnOnce() -> String) -> bool {
        self.name == name
            && self.label.as_ref().is_none_or(|wanted| *wanted == label())
            && self.left.fetch_sub(1, Ordering::SeqCst) == 1
    }
}

/// Arms this process once and for ever.
///
/// # Errors
/// What is wrong with `text`, or that it was armed before.
pub fn arm_kill_point(text: &str) -> Result<(), String> {
    ARMED
        .set(Plan::read(text)?)
        .map_err(|_| "this process is armed already".to_owned())
}

/// A point of this name.
pub fn kill_point(name: &'static str) {
    kill_point_of(name, String::new);
}

/// A point of this name that several causes pass; `label` says which one this is.
pub fn kill_point_of(name: &'static str, label: impl FnOnce() -> String) {
    let Some(plan) = ARMED.get() else { return };
    if !plan.comes(name, label) {
        return;
    }
    // One write, so that it is out before the signal: the test reads here that it was this point.
    eprintln!("KILL POINT {name}");
    if kill_process(getpid(), plan.signal).is_err() {
        // Nobody may go on as if this point had not been armed.
        std::process::abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn never() -> String {
        unreachable!("no label was asked for")
    }

    #[test]
    fn a_plan_comes_at_its_hit_of_its_name_and_at_no_other() {
        let plan = Plan::read("step.commit.before#2").expect("a plan");
        assert!(!plan.comes("step.commit.after", never));
        assert!(!plan.comes("step.commit.before", never));
        assert!(plan.comes("step.commit.before", never));
        assert!(!plan.comes("step.commit.before", never));
        assert_eq!(plan.signal, Signal::KILL);
    }

    #[test]
    fn a_plan_with_a_label_counts_that_cause_only() {
        let plan = Plan::read("step.begin.after@request:RaiseConcern!stop").expect("a plan");
        assert!(!plan.comes("step.begin.after", || {
            "job:escalation.desk_check".to_owned()
        }));
        assert!(plan.comes("step.begin.after", || "request:RaiseConcern".to_owned()));
        assert_eq!(plan.signal, Signal::STOP);
    }

    #[test]
    fn what_is_no_plan_is_refused() {
        for text in ["", "#1", "a#0", "a#b", "a!pause"] {
            assert!(Plan::read(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_unarmed_process_passes_every_point() {
        kill_point("step.commit.before");
        kill_point_of("step.commit.before", never);
    }
}
