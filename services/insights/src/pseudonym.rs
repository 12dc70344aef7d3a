//! The pseudonymous key under which a visit's answers are kept: a keyed hash (HMAC-SHA-256) of the
//! visit's id.
//!
//! What this buys: in the store no column joins an answer to a visit or a school; whoever reads as
//! a researcher, or queries the tables, learns neither. Only the service, which holds the key, can
//! go from a visit to its answers, and nobody can go back other than by trying every visit *with*
//! the key. The key is a secret of this service alone; to lose it is to lose the link for good, to
//! change it is to begin anew.
//!
//! What it doesn't: hide the order in which rows were written from somebody who holds the database's
//! raw files, nor what a text says of itself; `domain::deidentify` takes out what it can.

use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use uuid::{Builder, Uuid};

/// Makes pseudonymous keys.
#[derive(Clone)]
pub struct Pseudonyms {
    mac: Hmac<Sha256>,
}

impl std::fmt::Debug for Pseudonyms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pseudonyms(***)")
    }
}

impl Pseudonyms {
    /// Makes keys with this secret. Any length serves; 32 random bytes are right.
    #[must_use]
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    pub fn new(secret: &[u8]) -> Self {
        Self {
            mac: Hmac::new_from_slice(secret).expect("a key of any length"),
        }
    }

    /// The key of a visit's answers: a UUID of version 8, which says "made by a rule of one's own".
    #[must_use]
    pub fn of_visit(&self, visit: Uuid) -> Uuid {
        let mut mac = self.mac.clone();
        // What is hashed names its kind, so that no other use of the secret gives the same key.
        mac.update(b"insights.visit\0");
        mac.update(visit.as_bytes());
        let digest = mac.finalize().into_bytes();
        let mut half = [0; 16];
        half.copy_from_slice(&digest[..16]);
        Builder::from_custom_bytes(half).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m11_a_key_is_stable_and_says_nothing_without_the_secret() {
        let visit = Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0001);
        let key = Pseudonyms::new(b"secret").of_visit(visit);
        assert_eq!(key, Pseudonyms::new(b"secret").of_visit(visit));
        assert_ne!(key, Pseudonyms::new(b"another").of_visit(visit));
        assert_ne!(key, Pseudonyms::new(b"secret").of_visit(Uuid::from_u128(2)));
        // Unlike the visit's own id it holds no time: no order of visits can be read from it.
        assert_eq!(key.get_version_num(), 8);
        assert_eq!(
            format!("{:?}", Pseudonyms::new(b"secret")),
            "Pseudonyms(***)"
        );
    }
}
