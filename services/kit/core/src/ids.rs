//! Identifiers: UUIDv7 behind a type of its own for each kind of thing, made by an [`IdSource`]
//! so that one seed tells the same story twice.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;
use uuid::{Builder, Uuid};

/// Where new identifiers come from.
pub trait IdSource: Debug + Send + Sync + 'static {
    /// A new UUIDv7 whose time part is `now`.
    fn next(&self, now: Timestamp) -> Uuid;
}

fn uuid_v7(now: Timestamp, chance: [u8; 10]) -> Uuid {
    let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
    Builder::from_unix_timestamp_millis(millis, &chance).into_uuid()
}

/// Identifiers from the operating system's randomness.
#[derive(Debug, Default)]
pub struct RandomIds;

impl IdSource for RandomIds {
    fn next(&self, now: Timestamp) -> Uuid {
        let mut chance = [0; 10];
        rand::rng().fill_bytes(&mut chance);
        uuid_v7(now, chance)
    }
}

/// Identifiers from one printed seed: for tests and the demo.
#[derive(Clone, Debug)]
pub struct SeededIds {
    chance: Arc<Mutex<ChaCha20Rng>>,
}

impl SeededIds {
    /// A source that gives the same identifiers for the same seed and instants.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            chance: Arc::new(Mutex::new(ChaCha20Rng::seed_from_u64(seed))),
        }
    }
}

impl IdSource for SeededIds {
    fn next(&self, now: Timestamp) -> Uuid {
        let mut chance = [0; 10];
        self.chance
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .fill_bytes(&mut chance);
        uuid_v7(now, chance)
    }
}

/// Declares an identifier type over UUIDv7: `typed_id!(/// docs CaseId)`.
#[macro_export]
macro_rules! typed_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
                 $crate::ids::__serde::Serialize, $crate::ids::__serde::Deserialize)]
        #[serde(crate = "visits_core::ids::__serde", transparent)]
        pub struct $name(pub $crate::ids::__Uuid);

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(&self.0, f)
            }
        }

        impl ::std::convert::From<$crate::ids::__Uuid> for $name {
            fn from(id: $crate::ids::__Uuid) -> Self {
                Self(id)
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::ids::__UuidError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::ids::__Uuid::parse_str(text).map(Self)
            }
        }
    };
}

#[doc(hidden)]
pub use serde as __serde;
#[doc(hidden)]
pub use uuid::{Error as __UuidError, Uuid as __Uuid};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_the_same_identifiers_twice() {
        let now: Timestamp = "2020-09-29T09:00:00Z".parse().expect("instant");
        let (a, b) = (SeededIds::new(7), SeededIds::new(7));
        assert_eq!(a.next(now), b.next(now));
        assert_ne!(a.next(now), SeededIds::new(8).next(now));
        assert_eq!(RandomIds.next(now).get_version_num(), 7);
    }
}
