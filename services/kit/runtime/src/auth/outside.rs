//! Access tokens of the issuer that is configured for people (R16): RFC 9068, and what RFC 8725
//! says to refuse.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, Validation};
use serde::Deserialize;
use serde_json::Value;
use visits_core::{Actor, Fault, Timestamp};

use super::identity::Identity;
use super::keys::Keys;
use super::token::{Believed, check_instants, ends, invalid, refused};
use crate::web::Web;

/// The longest token that is looked at.
const BYTES_MAX: usize = 8 * 1024;

/// The issuer of people's tokens.
pub struct OutsideIssuer {
    identity: Identity,
    algorithm: Algorithm,
    validation: Validation,
    keys: Arc<Keys>,
}

impl std::fmt::Debug for OutsideIssuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OutsideIssuer({})", self.identity.issuer)
    }
}

/// The head of a token. What would bring a key along, or means what we don't know, is refused
/// rather than passed by.
#[derive(Deserialize)]
struct Head {
    alg: String,
    typ: String,
    kid: String,
    jku: Option<Value>,
    jwk: Option<Value>,
    x5u: Option<Value>,
    x5c: Option<Value>,
    crit: Option<Value>,
}

/// The claims that are looked at here; who somebody is stands among the rest. `nbf` is left to the
/// issuer, as in RFC 9068: where it is given, it is checked.
#[derive(Deserialize)]
struct Claims {
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    /// The token is bound to a key of its bearer's, which nobody here could check.
    cnf: Option<Value>,
    #[serde(flatten)]
    rest: serde_json::Map<String, Value>,
}

impl OutsideIssuer {
    /// The issuer of the section `identity`; nothing is asked of it yet.
    ///
    /// # Errors
    /// `Fatal` if the section is not one that has passed its check.
    pub fn new(identity: Identity) -> Result<Self, Fault> {
        let algorithm = identity
            .signed_with()
            .ok_or_else(|| Fault::fatal("identity.algorithm is none"))?;
        let mut validation = Validation::new(algorithm);
        validation.set_issuer(&[&identity.issuer]);
        validation.set_audience(&[&identity.audience]);
        validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let keys = Keys::new(&identity.issuer, algorithm, Web::new(&identity.ca)?);
        Ok(Self {
            identity,
            algorithm,
            validation,
            keys: Arc::new(keys),
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.identity.issuer
    }

    /// Whom `token` speaks for at `now`.
    pub(super) async fn believe(&self, token: &str, now: Timestamp) -> Result<Believed, Fault> {
        let key_id = self.key_id(token)?;
        let key = self.keys.find(&key_id, now).await?;
        let claims: Claims = jsonwebtoken::decode(token, &key, &self.validation)
            .map_err(|error| refused(&error))?
            .claims;
        if claims.cnf.is_some() {
            return Err(invalid());
        }
        check_instants(
            claims.exp,
            claims.nbf.unwrap_or(claims.iat),
            claims.iat,
            now,
        )?;
        let roles = self.identity.roles_of(&claims.rest);
        match self.identity.principal_of(&claims.rest) {
            Some(principal) if !roles.is_empty() => Ok(Believed {
                actor: Actor { principal, roles },
                ends: ends(claims.exp)?,
            }),
            _ => {
                tracing::warn!("a token of the issuer has no code or no role of ours in it");
                Err(invalid())
            }
        }
    }

    /// Which key the token says it is signed with, if it is of the one kind that is looked at.
    fn key_id(&self, token: &str) -> Result<String, Fault> {
        if token.len() > BYTES_MAX {
            return Err(invalid());
        }
        let head = token.split('.').next().unwrap_or_default();
        let head = URL_SAFE_NO_PAD.decode(head).map_err(|_| invalid())?;
        let head: Head = serde_json::from_slice(&head).map_err(|_| invalid())?;
        let foreign = [&head.jku, &head.jwk, &head.x5u, &head.x5c, &head.crit];
        let is_ours = head.alg == format!("{:?}", self.algorithm)
            && is_same_type(&head.typ, &self.identity.token_type)
            && foreign.iter().all(|member| member.is_none())
            && !head.kid.is_empty();
        if is_ours {
            Ok(head.kid)
        } else {
            Err(invalid())
        }
    }
}

/// RFC 7515: the letters' case and a leading `application/` make no difference.
fn is_same_type(said: &str, wanted: &str) -> bool {
    let bare = |text: &str| {
        let text = text.to_ascii_lowercase();
        text.strip_prefix("application/")
            .unwrap_or(&text)
            .to_owned()
    };
    bare(said) == bare(wanted)
}
