//! Keeps what is written down out of the sight of whoever reads the database.
//!
//! Each purpose has a key of its own, derived from the one key of the deployment. A session's
//! purpose holds the value of its cookie, which is kept nowhere: with the database and the key of
//! the deployment in hand, the tokens of a session are still out of reach.

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use ring::rand::{SecureRandom as _, SystemRandom};
use visits_core::Fault;

/// The seal of a deployment.
pub(crate) struct Seal {
    key: hmac::Key,
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal")
    }
}

impl Seal {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, key),
        }
    }

    /// Closes `plain`, so that it opens for the same purpose only.
    pub(crate) fn close(&self, purpose: &str, plain: &[u8]) -> Result<Vec<u8>, Fault> {
        let broken = |_| Fault::fatal("nothing can be sealed");
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).map_err(broken)?;
        let mut sealed = plain.to_vec();
        let nonce_used = Nonce::assume_unique_for_key(nonce);
        self.key_of(purpose)
            .map_err(broken)?
            .seal_in_place_append_tag(nonce_used, Aad::empty(), &mut sealed)
            .map_err(broken)?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// What was closed for this purpose; nothing if it was not, or was changed since.
    pub(crate) fn open(&self, purpose: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut sealed = sealed.to_vec();
        let key = self.key_of(purpose).ok()?;
        let plain = key.open_in_place(nonce, Aad::empty(), &mut sealed).ok()?;
        Some(plain.to_vec())
    }

    fn key_of(&self, purpose: &str) -> Result<LessSafeKey, ring::error::Unspecified> {
        let derived = hmac::sign(&self.key, purpose.as_bytes());
        let key = UnboundKey::new(&CHACHA20_POLY1305, derived.as_ref())?;
        Ok(LessSafeKey::new(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_for_its_purpose_and_key_only() {
        let seal = Seal::new(&[1; 32]);
        let sealed = seal.close("session/ab", b"a token").expect("sealed");
        assert!(!sealed.windows(7).any(|part| part == b"a token"));
        let opened = seal.open("session/ab", &sealed);
        assert_eq!(opened.as_deref(), Some(&b"a token"[..]));
        assert_eq!(seal.open("session/cd", &sealed), None);
        assert_eq!(Seal::new(&[2; 32]).open("session/ab", &sealed), None);
        for changed in 0..sealed.len() {
            let mut other = sealed.clone();
            other[changed] ^= 1;
            assert_eq!(seal.open("session/ab", &other), None, "byte {changed}");
        }
        assert_eq!(seal.open("session/ab", b""), None);
    }
}
