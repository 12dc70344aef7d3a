//! What a service's audit was at an instant, signed so that it can leave the database (R18).
//!
//! Who owns the database can cut an audit short, bring an older one back, or write all of it anew,
//! hashes included: the chain alone doesn't show it. A checkpoint does, kept where they can't reach
//! it. It is a JSON Web Signature with the key of the deployment's own tokens; its type and what it
//! says keep the two apart: neither is ever taken for the other.

use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use visits_core::audited::ChainPoint;
use visits_core::{Fault, Timestamp};

use super::issuer::Issuer;

const TYPE: &str = "audit-checkpoint+jwt";
const KEY_BYTES: usize = 32;

/// How far a service's audit reached at an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The service.
    pub service: String,
    /// The last entry of the chain.
    pub point: ChainPoint,
    /// When it was signed; whole seconds.
    pub at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Said {
    sub: String,
    iat: i64,
    place: i64,
    hash: String,
}

impl Checkpoint {
    /// As a text without blanks or quotes, signed by `issuer`.
    ///
    /// # Errors
    /// `Fatal` if it can't be signed.
    pub fn sign(&self, issuer: &Issuer) -> Result<String, Fault> {
        let header = Header {
            typ: Some(TYPE.to_owned()),
            ..Header::new(Algorithm::EdDSA)
        };
        let said = Said {
            sub: self.service.clone(),
            iat: self.at.as_second(),
            place: self.point.place,
            hash: self.point.hash.clone(),
        };
        issuer.sign_as(&header, &said)
    }
}

/// The key that a deployment's checkpoints are read with: its public one.
#[derive(Clone, Debug)]
pub struct CheckpointKey(DecodingKey);

impl CheckpointKey {
    /// Whose checkpoints `issuer` signs.
    #[must_use]
    pub fn of(issuer: &Issuer) -> Self {
        Self(DecodingKey::from_ed_der(&issuer.public_key()))
    }

    /// The key of 64 hexadecimal digits, as [`Issuer::public_key`] has its bytes.
    #[must_use]
    pub fn from_hex(digits: &str) -> Option<Self> {
        let bytes = hex::decode(digits).ok()?;
        (bytes.len() == KEY_BYTES).then(|| Self(DecodingKey::from_ed_der(&bytes)))
    }

    /// What `text` says, if it is a checkpoint that this key has signed.
    #[must_use]
    pub fn read(&self, text: &str) -> Option<Checkpoint> {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.required_spec_claims.clear();
        // A checkpoint says what was; it doesn't run out, and it is for whoever holds it.
        validation.validate_exp = false;
        validation.validate_aud = false;
        let read = jsonwebtoken::decode::<Said>(text, &self.0, &validation).ok()?;
        let is_one = read.header.typ.as_deref() == Some(TYPE) && read.claims.place > 0;
        let at = Timestamp::from_second(read.claims.iat).ok()?;
        is_one.then_some(Checkpoint {
            service: read.claims.sub,
            point: ChainPoint {
                place: read.claims.place,
                hash: read.claims.hash,
            },
            at,
        })
    }
}

#[cfg(test)]
mod tests {
    use visits_core::{Actor, ErrorKind, Role, SignedDuration};

    use super::super::Verifier;
    use super::*;

    fn checkpoint() -> Checkpoint {
        Checkpoint {
            service: "escalation".to_owned(),
            point: ChainPoint {
                place: 4711,
                hash: "ab".repeat(32),
            },
            at: "2020-10-23T13:30:00Z".parse().expect("instant"),
        }
    }

    fn issuer(seed: u8) -> Issuer {
        Issuer::from_seed(&[seed; 32]).expect("an issuer")
    }

    #[test]
    fn r18_a_checkpoint_is_read_with_its_deployments_key_and_with_no_other() {
        let signed = checkpoint().sign(&issuer(1)).expect("signed");
        assert!(!signed.contains(char::is_whitespace) && !signed.contains('"'));
        let key = CheckpointKey::of(&issuer(1));
        assert_eq!(key.read(&signed), Some(checkpoint()));
        let digits = hex::encode(issuer(1).public_key());
        let key = CheckpointKey::from_hex(&digits).expect("a key");
        assert_eq!(key.read(&signed), Some(checkpoint()));
        assert_eq!(CheckpointKey::of(&issuer(2)).read(&signed), None);
        assert!(CheckpointKey::from_hex("abcd").is_none());
    }

    #[test]
    fn r18_a_changed_checkpoint_is_none() {
        let key = CheckpointKey::of(&issuer(1));
        let signed = checkpoint().sign(&issuer(1)).expect("signed");
        let other = Checkpoint {
            service: "letters".to_owned(),
            ..checkpoint()
        };
        let other = other.sign(&issuer(1)).expect("signed");
        let parts = |text: &str| -> Vec<String> { text.split('.').map(str::to_owned).collect() };
        let (mut mixed, other) = (parts(&signed), parts(&other));
        mixed[1].clone_from(&other[1]);
        assert_eq!(key.read(&mixed.join(".")), None);
        assert_eq!(key.read(&signed[..signed.len() - 4]), None);
        assert_eq!(key.read(""), None);
    }

    #[test]
    fn r16_a_token_is_no_checkpoint_and_a_checkpoint_is_no_token() {
        let (issuer, now) = (issuer(1), checkpoint().at);
        let actor = Actor::new("auditor-1", Role::Auditor);
        let token = issuer.sign(&actor, SignedDuration::from_mins(5), now);
        let token = token.expect("signed");
        assert_eq!(CheckpointKey::of(&issuer).read(&token), None);
        let signed = checkpoint().sign(&issuer).expect("signed");
        let refused = Verifier::new([issuer.trusted()]).verify(&signed, now);
        let kind = refused.expect_err("not believed").kind;
        assert_eq!(kind, ErrorKind::Unauthenticated);
    }
}
