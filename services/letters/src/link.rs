//! The one-time links of the school's check.
//!
//! A link's token is derived from the letter, the round and a key of this deployment, so that a
//! repeated sending sends the same link; only the token's hash is stored, and nobody finds the token
//! from it.

use std::fmt;

use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256};

use crate::domain::LetterId;

/// Makes the links of one deployment.
#[derive(Clone)]
pub struct Links {
    key: [u8; 32],
    public_url: String,
}

impl fmt::Debug for Links {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Links({}, ***)", self.public_url)
    }
}

impl Links {
    /// Links under `key` to the pages at `public_url`.
    #[must_use]
    pub fn new(key: [u8; 32], public_url: &str) -> Self {
        Self {
            key,
            public_url: public_url.trim_end_matches('/').to_owned(),
        }
    }

    /// The token of a letter's round.
    #[must_use]
    pub fn token(&self, letter: LetterId, round: u32) -> String {
        // HMAC takes keys of any length: this can't fail.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.key) else {
            return String::new();
        };
        mac.update(format!("letters/{letter}/rounds/{round}").as_bytes());
        hex::encode(mac.finalize().into_bytes())
    }

    /// The address of the school's page with this token.
    #[must_use]
    pub fn address(&self, token: &str) -> String {
        format!("{}/letters/check/{token}", self.public_url)
    }
}

/// What is stored of a token.
#[must_use]
pub fn hash_of(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_rounds_token_is_its_own_and_says_nothing_of_the_key() {
        let letter = LetterId(Uuid::from_u128(1));
        let links = Links::new([7; 32], "https://letters.example/");
        let token = links.token(letter, 1);
        assert_eq!(token.len(), 64);
        assert_eq!(links.token(letter, 1), token);
        assert_ne!(links.token(letter, 2), token);
        assert_ne!(Links::new([8; 32], "").token(letter, 1), token);
        assert_ne!(hash_of(&token), token);
        assert_eq!(
            links.address("t"),
            "https://letters.example/letters/check/t"
        );
        assert!(!format!("{links:?}").contains('7'));
    }
}
