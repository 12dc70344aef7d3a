//! What a token must say, and when it is believed (R16).
//!
//! Our own key signs the tokens of calls between services, and in the embedded default those of
//! people too. Where an issuer is configured for people, theirs come from nobody else.
//!
//! The library checks signature, algorithm, issuer and audience. The instants are checked here
//! against [`visits_core::Clock`]: the library would read the machine's clock, and the demo lives in
//! October 2020.

use jsonwebtoken::errors::ErrorKind as TokenError;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::{Deserialize, Serialize};
use visits_core::{Actor, ErrorKind, Fault, Role, Timestamp};

use super::outside::OutsideIssuer;
use super::remembered::{Known, Remembered};

/// How far the clocks of issuer and verifier may be apart.
pub const LEEWAY_SECONDS: i64 = 5;

/// Every claim is required: a token that lacks one does not read.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Claims {
    pub(super) iss: String,
    pub(super) aud: String,
    pub(super) sub: String,
    pub(super) roles: Vec<Role>,
    pub(super) iat: i64,
    pub(super) nbf: i64,
    pub(super) exp: i64,
}

/// An issuer whose tokens are believed, with the one algorithm that it signs with.
#[derive(Clone, Debug)]
pub struct TrustedIssuer {
    /// The `iss` of its tokens.
    pub name: String,
    /// The `aud` that its tokens must have.
    pub audience: String,
    /// The one algorithm.
    pub algorithm: Algorithm,
    /// Its public key.
    pub key: DecodingKey,
}

/// Decides whether a token is believed.
#[derive(Debug)]
pub struct Verifier {
    issuers: Vec<(TrustedIssuer, Validation)>,
    people: Option<OutsideIssuer>,
    /// Our own issuers' keys stay for as long as we live, and so does what they have signed.
    remembered: Remembered,
}

/// What is believed of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Believed {
    /// Whom it speaks for.
    pub actor: Actor,
    /// From when on it is believed no more.
    pub ends: Timestamp,
}

#[derive(Deserialize)]
struct Issued {
    iss: String,
}

impl Verifier {
    /// A verifier that believes `issuers` and nobody else.
    #[must_use]
    pub fn new(issuers: impl IntoIterator<Item = TrustedIssuer>) -> Self {
        let issuers = issuers.into_iter().map(|issuer| {
            let mut validation = Validation::new(issuer.algorithm);
            validation.set_issuer(&[&issuer.name]);
            validation.set_audience(&[&issuer.audience]);
            validation.set_required_spec_claims(&["exp", "nbf", "aud", "iss", "sub"]);
            validation.validate_exp = false;
            validation.validate_nbf = false;
            (issuer, validation)
        });
        Self {
            issuers: issuers.collect(),
            people: None,
            remembered: Remembered::default(),
        }
    }

    /// Believes people's tokens from `issuer` and from nobody else: what the other issuers sign
    /// then speaks for services only.
    #[must_use]
    pub fn with_people_from(mut self, issuer: Option<OutsideIssuer>) -> Self {
        self.people = issuer;
        self
    }

    /// Whom `token` speaks for at `now`, and until when. The issuer of people's tokens may have to
    /// be asked for its keys.
    ///
    /// # Errors
    /// `Unauthenticated`, with a reason that says whether a new token would help; `Transient` if
    /// the issuer's keys can't be had.
    pub async fn admit(&self, token: &str, now: Timestamp) -> Result<Believed, Fault> {
        match &self.people {
            None => self.believe(token, now),
            Some(people) if claimed_issuer(token)? == people.name() => {
                people.believe(token, now).await
            }
            Some(_) => {
                let believed = self.believe(token, now)?;
                let is_service = believed.actor.roles == [Role::Service];
                is_service.then_some(believed).ok_or_else(invalid)
            }
        }
    }

    /// Whom `token`, signed by one of our own issuers, speaks for at `now`.
    ///
    /// # Errors
    /// `Unauthenticated`, with a reason that says whether a new token would help.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Actor, Fault> {
        self.believe(token, now).map(|believed| believed.actor)
    }

    /// As [`Verifier::verify`], and until when.
    ///
    /// # Errors
    /// As [`Verifier::verify`].
    pub fn believe(&self, token: &str, now: Timestamp) -> Result<Believed, Fault> {
        let known = self.remembered.known(token, || self.read(token))?;
        check_instants(known.exp, known.nbf, known.iat, now)?;
        Ok(known.believed)
    }

    /// What `token` says at any time, once its signature has been found to be right.
    fn read(&self, token: &str) -> Result<Known, Fault> {
        // Only to find the key: nothing that this says is believed before the key agrees.
        let claimed = claimed_issuer(token)?;
        let (issuer, validation) = self
            .issuers
            .iter()
            .find(|(issuer, _)| issuer.name == claimed)
            .ok_or_else(invalid)?;
        let claims = jsonwebtoken::decode::<Claims>(token, &issuer.key, validation)
            .map_err(|error| refused(&error))?
            .claims;
        if claims.sub.is_empty() || claims.sub.len() > 63 || claims.roles.is_empty() {
            return Err(invalid());
        }
        Ok(Known {
            believed: Believed {
                ends: ends(claims.exp)?,
                actor: Actor {
                    principal: claims.sub,
                    roles: claims.roles,
                },
            },
            exp: claims.exp,
            nbf: claims.nbf,
            iat: claims.iat,
        })
    }
}

fn claimed_issuer(token: &str) -> Result<String, Fault> {
    let claimed = jsonwebtoken::dangerous::insecure_decode_claims::<Issued>(token);
    claimed.map(|claimed| claimed.iss).map_err(|_| invalid())
}

/// The first instant at which a token that says `exp` has expired.
pub(super) fn ends(exp: i64) -> Result<Timestamp, Fault> {
    let ends = exp.saturating_add(LEEWAY_SECONDS);
    let latest = Timestamp::MAX.as_second();
    Timestamp::from_second(ends.min(latest)).map_err(|_| invalid())
}

pub(super) fn check_instants(exp: i64, nbf: i64, iat: i64, now: Timestamp) -> Result<(), Fault> {
    let now = now.as_second();
    if exp <= now.saturating_sub(LEEWAY_SECONDS) {
        return Err(Fault::new(
            ErrorKind::Unauthenticated,
            "TOKEN_EXPIRED",
            "the token has expired; get a new one",
        ));
    }
    let latest = now.saturating_add(LEEWAY_SECONDS);
    if nbf > latest || iat > latest {
        return Err(Fault::new(
            ErrorKind::Unauthenticated,
            "TOKEN_NOT_YET_VALID",
            "the token is not valid yet",
        ));
    }
    Ok(())
}

/// Nobody is told what was wrong with a token; a forged one is worth a line in the log.
pub(super) fn refused(error: &jsonwebtoken::errors::Error) -> Fault {
    if matches!(error.kind(), TokenError::InvalidSignature) {
        tracing::warn!("a token with a wrong signature was refused");
    }
    invalid()
}

pub(super) fn invalid() -> Fault {
    Fault::new(
        ErrorKind::Unauthenticated,
        "TOKEN_INVALID",
        "the token is not one that this service believes; get a new one",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Issuer;
    use jsonwebtoken::{EncodingKey, Header};
    use visits_core::SignedDuration;

    fn issuer(seed: u8) -> Issuer {
        Issuer::from_seed(&[seed; 32]).expect("issuer")
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("instant")
    }

    fn noon() -> Timestamp {
        at("2020-10-23T12:00:00Z")
    }

    fn hmi() -> Actor {
        Actor::new("HMI-001", Role::Hmi)
    }

    fn token(seed: u8) -> String {
        issuer(seed)
            .sign(&hmi(), SignedDuration::from_mins(10), noon())
            .expect("token")
    }

    fn reason(token: &str, now: Timestamp) -> &'static str {
        let verifier = Verifier::new([issuer(1).trusted()]);
        verifier.verify(token, now).expect_err("refused").reason
    }

    #[test]
    fn a_token_speaks_for_its_actor_by_our_clock_in_october_2020() {
        let verifier = Verifier::new([issuer(1).trusted()]);
        assert_eq!(verifier.verify(&token(1), noon()), Ok(hmi()));
        let last = at("2020-10-23T12:10:04Z");
        let believed = verifier.believe(&token(1), last).expect("believed");
        assert_eq!(believed.actor, hmi());
        assert_eq!(believed.ends, at("2020-10-23T12:10:05Z"));
    }

    #[test]
    fn a_token_expires_and_is_not_valid_before_its_time_with_five_seconds_of_leeway() {
        assert_eq!(
            reason(&token(1), at("2020-10-23T12:10:05Z")),
            "TOKEN_EXPIRED"
        );
        assert_eq!(
            reason(&token(1), at("2020-10-23T11:59:54Z")),
            "TOKEN_NOT_YET_VALID"
        );
        let verifier = Verifier::new([issuer(1).trusted()]);
        assert!(
            verifier
                .verify(&token(1), at("2020-10-23T11:59:55Z"))
                .is_ok()
        );
    }

    #[test]
    fn a_token_of_another_key_or_no_token_at_all_is_invalid() {
        for text in [token(2).as_str(), "", "a.b.c", "Bearer"] {
            assert_eq!(reason(text, noon()), "TOKEN_INVALID");
        }
        let signed = token(1);
        let (body, _) = signed.rsplit_once('.').expect("three parts");
        assert_eq!(reason(&format!("{body}."), noon()), "TOKEN_INVALID");
    }

    #[test]
    fn every_claim_is_required_and_the_algorithm_is_fixed() {
        let full = serde_json::json!({
            "iss": "https://development.visits.ofsted.example", "aud": "visits",
            "sub": "HMI-001", "roles": ["hmi"], "iat": noon().as_second(),
            "nbf": noon().as_second(), "exp": noon().as_second() + 60,
        });
        let secret = EncodingKey::from_secret(&[0; 32]);
        let symmetric = jsonwebtoken::encode(&Header::default(), &full, &secret).expect("token");
        assert_eq!(reason(&symmetric, noon()), "TOKEN_INVALID");
        for claim in ["iss", "aud", "sub", "roles", "iat", "nbf", "exp"] {
            let mut claims = full.clone();
            claims.as_object_mut().expect("object").remove(claim);
            assert_eq!(reason(&sign(&claims), noon()), "TOKEN_INVALID", "{claim}");
        }
        let verifier = Verifier::new([issuer(1).trusted()]);
        assert_eq!(verifier.verify(&sign(&full), noon()), Ok(hmi()));
    }

    #[test]
    fn another_audience_or_an_unknown_role_is_invalid() {
        let claims = |aud: &str, role: &str| {
            serde_json::json!({
                "iss": "https://development.visits.ofsted.example", "aud": aud,
                "sub": "HMI-001", "roles": [role], "iat": noon().as_second(),
                "nbf": noon().as_second(), "exp": noon().as_second() + 60,
            })
        };
        assert_eq!(
            reason(&sign(&claims("letters", "hmi")), noon()),
            "TOKEN_INVALID"
        );
        assert_eq!(
            reason(&sign(&claims("visits", "minister")), noon()),
            "TOKEN_INVALID"
        );
    }

    fn sign(claims: &serde_json::Value) -> String {
        use ed25519_dalek::pkcs8::EncodePrivateKey as _;
        let key = ed25519_dalek::SigningKey::from_bytes(&[1; 32]);
        let der = key.to_pkcs8_der().expect("der");
        let key = EncodingKey::from_ed_der(der.as_bytes());
        jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), claims, &key).expect("token")
    }
}
