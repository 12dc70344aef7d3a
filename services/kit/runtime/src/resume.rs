//! Resume tokens of watches (R14): where to go on, proved to be ours and the caller's own.
//!
//! A token is a MAC over principal, filter, epoch and position. It grants nothing: rights are
//! checked again when a watch resumes. The epoch names one life of the feed; a restored backup
//! starts another, in which old positions mean nothing.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256};
use visits_core::{ErrorKind, Fault};

const FORM: u8 = 1;
const EPOCH_BYTES: usize = 8;
const POSITION_END: usize = 1 + EPOCH_BYTES + 8;
const LENGTH: usize = POSITION_END + 32;

/// Makes and reads resume tokens with one key.
#[derive(Clone)]
pub struct ResumeTokens {
    key: [u8; 32],
}

impl std::fmt::Debug for ResumeTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ResumeTokens(***)")
    }
}

impl ResumeTokens {
    /// Tokens under `key`.
    #[must_use]
    pub const fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// The token with which `principal` resumes a watch of `filter` after `position`.
    #[must_use]
    pub fn issue(&self, principal: &str, filter: &str, epoch: &str, position: i64) -> String {
        let mut token = Vec::with_capacity(LENGTH);
        token.push(FORM);
        token.extend_from_slice(&short(epoch));
        token.extend_from_slice(&position.to_be_bytes());
        let mac = self.mac(principal, filter, &token).finalize();
        token.extend_from_slice(&mac.into_bytes());
        URL_SAFE_NO_PAD.encode(token)
    }

    /// The position that `token` stands for.
    ///
    /// # Errors
    /// `InvalidInput` with reason `RESUME_TOKEN_INVALID` if it is not a token of ours for this
    /// principal and filter; [`expired`] if it belongs to another epoch.
    pub fn read(
        &self,
        token: &str,
        principal: &str,
        filter: &str,
        epoch: &str,
    ) -> Result<i64, Fault> {
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| invalid())?;
        if bytes.len() != LENGTH || bytes[0] != FORM {
            return Err(invalid());
        }
        let (said, mac) = bytes.split_at(POSITION_END);
        // verify_slice compares in constant time.
        self.mac(principal, filter, said)
            .verify_slice(mac)
            .map_err(|_| invalid())?;
        if said[1..=EPOCH_BYTES] != short(epoch) {
            return Err(expired());
        }
        let mut position = [0; 8];
        position.copy_from_slice(&said[1 + EPOCH_BYTES..]);
        Ok(i64::from_be_bytes(position))
    }

    fn mac(&self, principal: &str, filter: &str, said: &[u8]) -> Hmac<Sha256> {
        // HMAC takes a key of one block; a shorter one is filled up with zeros by definition.
        let mut block = [0; 64];
        block[..self.key.len()].copy_from_slice(&self.key);
        let mut mac = Hmac::<Sha256>::new(&block.into());
        // Each part goes in with its length, so that no two triples read the same.
        for part in [principal.as_bytes(), filter.as_bytes(), said] {
            mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(part);
        }
        mac
    }
}

fn short(epoch: &str) -> [u8; EPOCH_BYTES] {
    let digest = Sha256::digest(epoch.as_bytes());
    let mut short = [0; EPOCH_BYTES];
    short.copy_from_slice(&digest[..EPOCH_BYTES]);
    short
}

fn invalid() -> Fault {
    Fault::new(
        ErrorKind::InvalidInput,
        "RESUME_TOKEN_INVALID",
        "the resume token is not one that was given to you for this filter; \
         list again and start a new watch",
    )
}

/// The position is no longer kept: list again, then watch from the list's position.
#[must_use]
pub fn expired() -> Fault {
    Fault::new(
        ErrorKind::OutOfRange,
        "RESUME_POSITION_EXPIRED",
        "the position of this resume token is no longer kept; list again and start a new watch",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens() -> ResumeTokens {
        ResumeTokens::new([7; 32])
    }

    #[test]
    fn a_token_resumes_where_it_was_given() {
        let token = tokens().issue("desk-2", "state = OPEN", "epoch-1", 42);
        let read = tokens().read(&token, "desk-2", "state = OPEN", "epoch-1");
        assert_eq!(read, Ok(42));
    }

    #[test]
    fn a_token_of_another_principal_filter_or_key_is_invalid() {
        let token = tokens().issue("desk-2", "state = OPEN", "epoch-1", 42);
        let reasons = [
            tokens().read(&token, "desk-3", "state = OPEN", "epoch-1"),
            tokens().read(&token, "desk-2", "", "epoch-1"),
            tokens().read(&token, "desk-2state = OPE", "N", "epoch-1"),
            ResumeTokens::new([8; 32]).read(&token, "desk-2", "state = OPEN", "epoch-1"),
            tokens().read("", "desk-2", "state = OPEN", "epoch-1"),
            tokens().read("not a token", "desk-2", "state = OPEN", "epoch-1"),
        ];
        for read in reasons {
            let fault = read.expect_err("not this caller's token");
            assert_eq!(fault.reason, "RESUME_TOKEN_INVALID");
            assert_eq!(fault.kind, ErrorKind::InvalidInput);
        }
    }

    #[test]
    fn a_changed_position_is_noticed() {
        let token = tokens().issue("desk-2", "", "epoch-1", 42);
        let mut bytes = URL_SAFE_NO_PAD.decode(token).expect("base64");
        bytes[POSITION_END - 1] ^= 1;
        let forged = URL_SAFE_NO_PAD.encode(bytes);
        assert!(tokens().read(&forged, "desk-2", "", "epoch-1").is_err());
    }

    #[test]
    fn a_position_of_another_epoch_has_expired() {
        let token = tokens().issue("desk-2", "", "epoch-1", 42);
        let fault = tokens()
            .read(&token, "desk-2", "", "epoch-2")
            .expect_err("old epoch");
        assert_eq!(
            (fault.kind, fault.reason),
            (ErrorKind::OutOfRange, "RESUME_POSITION_EXPIRED")
        );
    }
}
