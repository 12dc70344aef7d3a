//! Named places at which a test may cut a step short, to prove that running it again is harmless.
//!
//! In production every passage is one relaxed load of a number.

use std::sync::atomic::{AtomicI64, Ordering};

use visits_core::Fault;

/// The reason of the fault that a cut gives.
pub const CUT_REASON: &str = "CUT_BY_TEST";

const NEVER: i64 = i64::MIN;

/// Where the next cut comes.
#[derive(Debug)]
pub struct Cuts {
    left: AtomicI64,
}

impl Default for Cuts {
    fn default() -> Self {
        Self {
            left: AtomicI64::new(NEVER),
        }
    }
}

impl Cuts {
    /// Lets `passages` places pass and cuts at the one after them.
    pub fn after(&self, passages: u32) {
        self.left.store(i64::from(passages), Ordering::SeqCst);
    }

    /// Takes back what [`Cuts::after`] asked for. Whether it had not come to the cut yet.
    pub fn clear(&self) -> bool {
        self.left.swap(NEVER, Ordering::SeqCst) != NEVER
    }

    /// A place named `place`: a fault if the cut comes here.
    pub(crate) fn pass(&self, place: &'static str) -> Result<(), Fault> {
        if self.left.load(Ordering::Relaxed) == NEVER {
            return Ok(());
        }
        if self.left.fetch_sub(1, Ordering::SeqCst) > 0 {
            return Ok(());
        }
        self.left.store(NEVER, Ordering::SeqCst);
        Err(Fault {
            reason: CUT_REASON,
            ..Fault::transient(format!("cut at {place}"))
        })
    }
}
