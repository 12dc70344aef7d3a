//! What somebody was writing when their session ended: kept until they sign in again (R-CON-31).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use visits_core::{Clock, SignedDuration, Timestamp};

use crate::form::Filled;

/// How long it is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(24);
/// How many are kept; the oldest goes.
const MOST: usize = 200;

type Key = (String, String);

/// The drafts, by user and by the address that the form was sent to.
#[derive(Debug)]
pub(crate) struct Drafts {
    kept: Mutex<HashMap<Key, (Timestamp, Filled)>>,
    clock: Arc<dyn Clock>,
}

impl Drafts {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            kept: Mutex::default(),
            clock,
        }
    }

    pub(crate) async fn keep(&self, principal: &str, path: &str, filled: Filled) {
        let now = self.clock.now();
        let mut kept = self.lock();
        kept.retain(|_, (at, _)| now < *at + KEPT);
        if kept.len() >= MOST {
            let oldest = kept.iter().min_by_key(|(_, (at, _))| *at);
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                kept.remove(&oldest);
            }
        }
        kept.insert((principal.to_owned(), path.to_owned()), (now, filled));
    }

    pub(crate) async fn of(&self, principal: &str, path: &str) -> Option<Filled> {
        let key = (principal.to_owned(), path.to_owned());
        let kept = self.lock();
        let (at, filled) = kept.get(&key)?;
        (self.clock.now() < *at + KEPT).then(|| filled.clone())
    }

    pub(crate) async fn forget(&self, principal: &str, path: &str) {
        let key = (principal.to_owned(), path.to_owned());
        self.lock().remove(&key);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, (Timestamp, Filled)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
