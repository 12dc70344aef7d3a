//! Whose watches are live in this process: shown beside the shifts, and a limit on how many one
//! principal may hold.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use visits_core::{ErrorKind, Fault};

/// Watches that one principal may hold at a time: some browser tabs and a command line.
pub const WATCHES_MAX: usize = 16;

type Counts = Arc<Mutex<HashMap<String, usize>>>;

/// Who watches now.
#[derive(Clone, Debug, Default)]
pub struct Presence {
    counts: Counts,
}

/// A live watch; it ends when this is dropped.
#[derive(Debug)]
pub struct Watching {
    counts: Counts,
    principal: String,
}

impl Presence {
    /// Counts a watch of `principal` for as long as the answer lives.
    pub fn enter(&self, principal: &str) -> Result<Watching, Fault> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(principal.to_owned()).or_default();
        if *count >= WATCHES_MAX {
            let message = format!("you hold {WATCHES_MAX} watches already; end one first");
            let fault = Fault::new(ErrorKind::LimitReached, "WATCH_LIMIT_REACHED", message);
            return Err(fault.with("max", WATCHES_MAX));
        }
        *count += 1;
        Ok(Watching {
            counts: self.counts.clone(),
            principal: principal.to_owned(),
        })
    }

    /// Whether a watch of `principal` is live.
    #[must_use]
    pub fn is_watching(&self, principal: &str) -> bool {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.contains_key(principal)
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.principal) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.principal);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_principal_holds_so_many_watches_and_no_more() {
        let presence = Presence::default();
        let held: Vec<_> = (0..WATCHES_MAX)
            .map(|_| presence.enter("desk-1").expect("below the limit"))
            .collect();
        let refused = presence.enter("desk-1").expect_err("at the limit");
        assert_eq!(refused.reason, "WATCH_LIMIT_REACHED");
        assert!(presence.enter("desk-2").is_ok());
        assert!(presence.is_watching("desk-1"));
        drop(held);
        assert!(!presence.is_watching("desk-1"));
    }
}
