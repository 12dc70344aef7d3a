//! Makes tokens with the development key, and for calls between services.

use std::path::Path;

use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::EncodePrivateKey as _;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use serde::Serialize;
use visits_core::{Actor, Fault, SignedDuration, Timestamp};

use super::token::{Claims, TrustedIssuer};
use crate::secrets;

/// The name of the development issuer in tokens.
const NAME: &str = "https://development.visits.ofsted.example";
/// Whom its tokens are for.
const AUDIENCE: &str = "visits";

/// Signs tokens with an Ed25519 key.
pub struct Issuer {
    key: EncodingKey,
    public: [u8; 32],
}

impl std::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Issuer({NAME})")
    }
}

impl Issuer {
    /// The file in the data folder that keeps the development key.
    pub const KEY_FILE: &str = "token.key";

    /// The issuer whose key is kept in `folder`; the key is made at first start.
    ///
    /// # Errors
    /// `Fatal` if the key can't be read or made.
    pub fn open(folder: &Path) -> Result<Self, Fault> {
        Self::from_seed(&secrets::load_or_create(&folder.join(Self::KEY_FILE))?)
    }

    /// The issuer whose key is already kept in `folder`: for a client, which must not make one.
    ///
    /// # Errors
    /// `Fatal` if there is no key.
    pub fn existing(folder: &Path) -> Result<Self, Fault> {
        Self::from_seed(&secrets::load(&folder.join(Self::KEY_FILE))?)
    }

    /// The issuer with the key of `seed`: for tests and the demo.
    ///
    /// # Errors
    /// `Fatal` if the key can't be encoded.
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, Fault> {
        let key = SigningKey::from_bytes(seed);
        let der = key
            .to_pkcs8_der()
            .map_err(|error| Fault::fatal(format!("token key: {error}")))?;
        Ok(Self {
            key: EncodingKey::from_ed_der(der.as_bytes()),
            public: key.verifying_key().to_bytes(),
        })
    }

    /// A token that says that its bearer is `actor`, from `now` and for `lifetime`.
    ///
    /// # Errors
    /// `Fatal` if it can't be signed.
    pub fn sign(
        &self,
        actor: &Actor,
        lifetime: SignedDuration,
        now: Timestamp,
    ) -> Result<String, Fault> {
        let issued = now.as_second();
        let claims = Claims {
            iss: NAME.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: actor.principal.clone(),
            roles: actor.roles.clone(),
            iat: issued,
            nbf: issued,
            exp: issued.saturating_add(lifetime.as_secs()),
        };
        self.sign_as(&Header::new(Algorithm::EdDSA), &claims)
    }

    pub(super) fn sign_as(&self, header: &Header, said: &impl Serialize) -> Result<String, Fault> {
        jsonwebtoken::encode(header, said, &self.key)
            .map_err(|error| Fault::fatal(format!("token: {error}")))
    }

    /// The bytes of the public key: what it signs is checked with it, and it is nobody's secret.
    #[must_use]
    pub const fn public_key(&self) -> [u8; 32] {
        self.public
    }

    /// What a verifier must know to trust this issuer.
    #[must_use]
    pub fn trusted(&self) -> TrustedIssuer {
        TrustedIssuer {
            name: NAME.to_owned(),
            audience: AUDIENCE.to_owned(),
            algorithm: Algorithm::EdDSA,
            key: DecodingKey::from_ed_der(&self.public),
        }
    }
}
