//! The keys that an issuer publishes: found by its discovery document, kept for a while, asked for
//! again when a token names one that isn't among them.
//!
//! What can't be had is not believed: without keys every token is refused. With keys that are due
//! for another look the answer is at once, and the look is taken beside it.

use std::sync::{Arc, PoisonError, RwLock};

use http::Uri;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;
use visits_core::{ErrorKind, Fault, SignedDuration, Timestamp};

use super::token::invalid;
use crate::web::{self, Web};

/// After so long another look is due: a key that was taken back is believed so long at most.
const FRESH: SignedDuration = SignedDuration::from_mins(10);
/// So long keys are believed though the issuer can't be asked. Its tokens don't live longer.
const USABLE: SignedDuration = SignedDuration::from_hours(1);
/// The pause between two looks, however many tokens name keys that nobody has.
const PAUSE: SignedDuration = SignedDuration::from_secs(10);
/// A key set of a real issuer has a handful.
const KEYS_MAX: usize = 50;
/// 2048 bits in base64: a shorter RSA key is no key.
const RSA_MODULUS_MIN: usize = 340;

/// What is known of an issuer's keys.
pub(super) struct Keys {
    issuer: String,
    algorithm: Algorithm,
    web: Web,
    known: RwLock<Known>,
    /// Held by the one who looks.
    looking: Mutex<()>,
}

#[derive(Default)]
struct Known {
    keys: Vec<(String, Arc<DecodingKey>)>,
    found: Option<Timestamp>,
    tried: Option<Timestamp>,
}

impl Known {
    fn get(&self, id: &str) -> Option<Arc<DecodingKey>> {
        let mut keys = self.keys.iter();
        keys.find(|(known, _)| known == id)
            .map(|(_, key)| key.clone())
    }

    fn is_within(&self, time: SignedDuration, now: Timestamp) -> bool {
        self.found.is_some_and(|found| now < found + time)
    }
}

impl Keys {
    pub(super) fn new(issuer: &str, algorithm: Algorithm, web: Web) -> Self {
        Self {
            issuer: issuer.to_owned(),
            algorithm,
            web,
            known: RwLock::default(),
            looking: Mutex::default(),
        }
    }

    /// The key with this id.
    ///
    /// # Errors
    /// `Unauthenticated` if the issuer has no such key, `Transient` if it can't be asked.
    pub(super) async fn find(
        self: &Arc<Self>,
        id: &str,
        now: Timestamp,
    ) -> Result<Arc<DecodingKey>, Fault> {
        let (key, is_fresh) = self.usable(id, now);
        match key {
            Some(key) if is_fresh => Ok(key),
            Some(key) => {
                let keys = self.clone();
                tokio::spawn(async move { keys.look(now).await });
                Ok(key)
            }
            None => {
                self.look_for(id, now).await;
                self.known_after_look(id, now)
            }
        }
    }

    /// The key, if it may still be believed, and whether no look is due.
    fn usable(&self, id: &str, now: Timestamp) -> (Option<Arc<DecodingKey>>, bool) {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let key = known.is_within(USABLE, now).then(|| known.get(id));
        (key.flatten(), known.is_within(FRESH, now))
    }

    fn known_after_look(&self, id: &str, now: Timestamp) -> Result<Arc<DecodingKey>, Fault> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if !known.is_within(USABLE, now) {
            return Err(unreachable());
        }
        known.get(id).ok_or_else(invalid)
    }

    /// Looks, unless whoever looked meanwhile has found the key.
    async fn look_for(&self, id: &str, now: Timestamp) {
        let _looking = self.looking.lock().await;
        if self.usable(id, now).0.is_none() {
            self.take_a_look(now).await;
        }
    }

    /// Looks, unless somebody does already.
    async fn look(&self, now: Timestamp) {
        if let Ok(_looking) = self.looking.try_lock() {
            self.take_a_look(now).await;
        }
    }

    async fn take_a_look(&self, now: Timestamp) {
        {
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            if known.tried.is_some_and(|tried| now < tried + PAUSE) {
                return;
            }
            known.tried = Some(now);
        }
        match self.fetch().await {
            Ok(keys) => {
                let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
                known.keys = keys;
                known.found = Some(now);
            }
            Err(fault) => tracing::error!("the issuer's keys can't be had: {fault}"),
        }
    }

    async fn fetch(&self) -> Result<Vec<(String, Arc<DecodingKey>)>, Fault> {
        let base = self.issuer.trim_end_matches('/');
        let document = format!("{base}/.well-known/openid-configuration");
        let unreadable = |_| Fault::transient(format!("{document} can't be read"));
        let body = self.web.get(&document).await?;
        let found: Discovered = serde_json::from_slice(&body).map_err(unreadable)?;
        if found.issuer != self.issuer {
            let what = format!("{document} is of another issuer, {:?}", found.issuer);
            return Err(Fault::transient(what));
        }
        let is_fit = found
            .jwks_uri
            .parse::<Uri>()
            .is_ok_and(|uri| web::is_fit(&uri));
        if !is_fit {
            return Err(Fault::transient("the issuer's keys are not behind TLS"));
        }
        let body = self.web.get(&found.jwks_uri).await?;
        let set: KeySet = serde_json::from_slice(&body)
            .map_err(|_| Fault::transient("the issuer's keys can't be read"))?;
        let keys = set.keys.into_iter().take(KEYS_MAX);
        Ok(keys
            .filter_map(|key| fitting(key, self.algorithm))
            .collect())
    }
}

#[derive(Deserialize)]
struct Discovered {
    issuer: String,
    jwks_uri: String,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

/// The key with its id, if it is one for checking signatures of `algorithm`. Any other is left
/// out, not an error: issuers publish keys for more than one purpose.
fn fitting(key: Value, algorithm: Algorithm) -> Option<(String, Arc<DecodingKey>)> {
    let key: Jwk = serde_json::from_value(key).ok()?;
    let id = key.common.key_id.clone().filter(|id| !id.is_empty())?;
    let is_for_signatures = matches!(
        key.common.public_key_use,
        None | Some(PublicKeyUse::Signature)
    );
    let named = key.common.key_algorithm.as_ref();
    let is_of_algorithm = named.is_none_or(|named| named.to_string() == format!("{algorithm:?}"));
    let fits = is_for_signatures && is_of_algorithm && is_of_family(&key.algorithm, algorithm);
    let key = fits.then(|| DecodingKey::from_jwk(&key).ok()).flatten()?;
    Some((id, Arc::new(key)))
}

fn is_of_family(key: &AlgorithmParameters, algorithm: Algorithm) -> bool {
    match (key, algorithm) {
        (
            AlgorithmParameters::RSA(key),
            Algorithm::RS256
            | Algorithm::RS384
            | Algorithm::RS512
            | Algorithm::PS256
            | Algorithm::PS384
            | Algorithm::PS512,
        ) => key.n.len() >= RSA_MODULUS_MIN,
        (AlgorithmParameters::EllipticCurve(key), Algorithm::ES256) => {
            key.curve == EllipticCurve::P256
        }
        (AlgorithmParameters::EllipticCurve(key), Algorithm::ES384) => {
            key.curve == EllipticCurve::P384
        }
        (AlgorithmParameters::OctetKeyPair(key), Algorithm::EdDSA) => {
            key.curve == EllipticCurve::Ed25519
        }
        _ => false,
    }
}

fn unreachable() -> Fault {
    Fault {
        retry_after: Some(PAUSE),
        ..Fault::new(
            ErrorKind::Transient,
            "ISSUER_UNREACHABLE",
            "the issuer of your token can't be asked for its keys at the moment; try again",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn is_kept(key: Value, algorithm: Algorithm) -> bool {
        fitting(key, algorithm).is_some()
    }

    #[test]
    fn r16_a_key_of_another_kind_or_purpose_or_too_short_is_left_out() {
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        let good = json!({"kty": "OKP", "crv": "Ed25519", "kid": "1", "use": "sig", "x": x});
        assert!(is_kept(good.clone(), Algorithm::EdDSA));
        assert!(!is_kept(good.clone(), Algorithm::RS256));
        for (member, value) in [
            ("kid", json!("")),
            ("kid", Value::Null),
            ("use", json!("enc")),
            ("alg", json!("HS256")),
            ("crv", json!("X25519")),
            ("kty", json!("oct")),
        ] {
            let mut key = good.clone();
            key[member] = value.clone();
            assert!(!is_kept(key, Algorithm::EdDSA), "{member} {value}");
        }
        let rsa = |n: String| json!({"kty": "RSA", "kid": "1", "n": n + "w", "e": "AQAB"});
        assert!(is_kept(rsa("u".repeat(341)), Algorithm::RS256));
        assert!(!is_kept(rsa("u".repeat(169)), Algorithm::RS256));
        let shared = json!({"kty": "oct", "kid": "1", "k": "c2VjcmV0"});
        assert!(!is_kept(shared, Algorithm::RS256));
    }
}
