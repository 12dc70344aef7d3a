//! Tokens whose signature was found to be right: a caller sends the same one with each call, and to
//! verify it takes longer than anything else that is done about the call before its handler.
//!
//! What is remembered is what the token says, under its hash. Whether it is believed *now* is asked
//! each time.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest as _, Sha256};
use visits_core::Fault;

use super::token::Believed;

/// More callers than a service has at a time; when there are more, it begins anew.
const MAX: usize = 4_096;

/// What a token says.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) believed: Believed,
    pub(super) exp: i64,
    pub(super) nbf: i64,
    pub(super) iat: i64,
}

/// Tokens by their hash: the memory of a process is no place for what opens doors.
#[derive(Debug, Default)]
pub(super) struct Remembered(Mutex<HashMap<[u8; 32], Known>>);

impl Remembered {
    /// What `token` says; `read` finds it out, and is asked again about every token that it refuses.
    pub(super) fn known(
        &self,
        token: &str,
        read: impl FnOnce() -> Result<Known, Fault>,
    ) -> Result<Known, Fault> {
        let hash: [u8; 32] = Sha256::digest(token).into();
        let held = |map: &HashMap<[u8; 32], Known>| map.get(&hash).cloned();
        if let Some(known) = held(&self.0.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(known);
        }
        let known = read()?;
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if map.len() >= MAX {
            map.clear();
        }
        map.insert(hash, known.clone());
        Ok(known)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use visits_core::{Actor, Role, Timestamp};

    use super::*;
    use crate::auth::token::invalid;

    fn known() -> Known {
        Known {
            believed: Believed {
                actor: Actor::new("HMI-001", Role::Hmi),
                ends: Timestamp::UNIX_EPOCH,
            },
            exp: 3,
            nbf: 2,
            iat: 1,
        }
    }

    #[test]
    fn a_good_token_is_read_once_and_a_bad_one_each_time() {
        let (remembered, reads) = (Remembered::default(), Cell::new(0));
        let read = |outcome: Result<Known, Fault>| {
            reads.set(reads.get() + 1);
            outcome
        };
        for _ in 0..3 {
            let found = remembered.known("good", || read(Ok(known())));
            assert_eq!(found.expect("known").believed, known().believed);
            assert!(remembered.known("bad", || read(Err(invalid()))).is_err());
        }
        assert_eq!(reads.get(), 1 + 3);
    }

    #[test]
    fn it_holds_no_more_than_so_many() {
        let remembered = Remembered::default();
        for number in 0..=MAX {
            let token = number.to_string();
            assert!(remembered.known(&token, || Ok(known())).is_ok());
        }
        let held = remembered.0.lock().expect("the lock").len();
        assert_eq!(held, 1);
    }
}
