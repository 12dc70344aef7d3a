//! What the issuer says by itself: that a session there has ended (OpenID Connect Back-Channel Logout
//! 1.0). It says so in a logout token, which is made and checked like an ID token.

use std::str::FromStr as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::CoreIdToken;
use openidconnect::{JsonWebTokenType, Nonce};
use serde::Deserialize;
use visits_core::{Fault, SignedDuration, Timestamp};

use super::metadata::Metadata;
use super::{ALGORITHMS, Provider, not_ours};

/// What a logout token is about.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// What the head of a logout token may call it; older issuers call it nothing or a JWT.
const KINDS: [&str; 2] = ["logout+jwt", "JWT"];
/// So far the issuer's clock may be behind ours: a session that began a moment before its end there
/// must end here.
const BEHIND: SignedDuration = SignedDuration::from_mins(1);

/// What has ended at the issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    /// Whose.
    pub(crate) subject: String,
    /// Which session there; all of the subject's if it doesn't say.
    pub(crate) session: Option<String>,
    /// What began later is another sign-in: a token that is sent again ends nothing new.
    pub(crate) begun_until: Timestamp,
}

/// What we read of a token beside what the library does.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Said {
    sub: String,
    sid: Option<String>,
    iat: i64,
    nonce: Option<serde_json::Value>,
    events: serde_json::Map<String, serde_json::Value>,
}

impl Provider {
    /// What a logout token says has ended.
    ///
    /// # Errors
    /// `Unauthenticated` if it is not the issuer's, or no logout token; `Transient` if the issuer
    /// can't be asked for its keys.
    pub(crate) async fn ended(&self, token: &str, now: Timestamp) -> Result<Ended, Fault> {
        let signed = CoreIdToken::from_str(token).map_err(|error| wrong(&error))?;
        let metadata = self.known.get(&self.web, now).await?;
        if self.check_logout(&signed, &metadata).is_err() {
            // The issuer may have a new key since it was asked.
            let metadata = self.known.anew(&self.web, now).await?;
            self.check_logout(&signed, &metadata)?;
        }
        let said = said(token).ok_or_else(|| wrong(&"it can't be read"))?;
        // An ID token, which a browser has seen, is none.
        if said.nonce.is_some() || !said.events.contains_key(EVENT) {
            return Err(wrong(&"it is about something else"));
        }
        let at = Timestamp::from_second(said.iat).map_err(|error| wrong(&error))?;
        Ok(Ended {
            subject: said.sub,
            session: said.sid,
            begun_until: at + BEHIND,
        })
    }

    fn check_logout(&self, token: &CoreIdToken, metadata: &Metadata) -> Result<(), Fault> {
        let client = self.client(metadata)?;
        let kinds = KINDS.map(|kind| JsonWebTokenType::new(kind.to_owned()).normalize());
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs(ALGORITHMS)
            .set_allowed_jose_types(kinds.into_iter().flatten());
        let no_nonce = |nonce: Option<&Nonce>| match nonce {
            None => Ok(()),
            Some(_) => Err("it has a nonce".to_owned()),
        };
        let checked = token.claims(&verifier, no_nonce);
        checked.map(drop).map_err(|error| wrong(&error))
    }
}

/// Who an ID token that was believed is about, to the issuer, and from which session there.
pub(crate) fn at_issuer(id_token: &str) -> (String, String) {
    let said = said(id_token).unwrap_or_default();
    (said.sub, said.sid.unwrap_or_default())
}

fn said(token: &str) -> Option<Said> {
    let payload = token.split('.').nth(1)?;
    let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
    serde_json::from_slice(&payload).ok()
}

fn wrong(what: &dyn std::fmt::Display) -> Fault {
    not_ours(&format!("the logout token: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_says_whose_it_is_and_from_which_session() {
        let token = |payload: &str| format!("h.{}.s", URL_SAFE_NO_PAD.encode(payload));
        let of = |payload: &str| at_issuer(&token(payload));
        let pair = |sub: &str, sid: &str| (sub.to_owned(), sid.to_owned());
        assert_eq!(of(r#"{"sub":"HMI-001","sid":"7"}"#), pair("HMI-001", "7"));
        assert_eq!(of(r#"{"sub":"HMI-001"}"#), pair("HMI-001", ""));
        assert_eq!(at_issuer("nothing"), pair("", ""));
    }
}
