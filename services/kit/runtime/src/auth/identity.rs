//! The section `identity`: who issues people's tokens, and what in them says who somebody is.

use http::Uri;
use jsonwebtoken::Algorithm;
use serde::Deserialize;
use serde_json::Value;
use visits_core::Role;

use crate::settings::{Problems, Validate};
use crate::web;

/// The section `identity`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Identity {
    /// The address of the issuer, as its tokens name it; empty for none.
    pub issuer: String,
    /// The certificates (PEM) that its server's must come from; empty for the public ones.
    pub ca: String,
    /// The `aud` that its access tokens must have.
    pub audience: String,
    /// The one algorithm that it signs with (R16).
    pub algorithm: String,
    /// The `typ` that its access tokens must have.
    pub token_type: String,
    /// Which claim is the code that somebody is known by here.
    pub principal_claim: String,
    /// Which claim lists roles: a name, or a path such as `realm_access.roles`.
    pub roles_claim: String,
    /// Which of the listed words mean which role of ours.
    pub roles: RoleWords,
}

/// The words of an issuer for our roles. There is none for services: they have a key of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct RoleWords {
    hmi: Vec<String>,
    duty_desk: Vec<String>,
    regional_director: Vec<String>,
    scheduler: Vec<String>,
    publisher: Vec<String>,
    researcher: Vec<String>,
    auditor: Vec<String>,
    operator: Vec<String>,
}

impl RoleWords {
    fn each(&self) -> [(Role, &Vec<String>); 8] {
        [
            (Role::DutyDesk, &self.duty_desk),
            (Role::RegionalDirector, &self.regional_director),
            (Role::Hmi, &self.hmi),
            (Role::Scheduler, &self.scheduler),
            (Role::Publisher, &self.publisher),
            (Role::Researcher, &self.researcher),
            (Role::Auditor, &self.auditor),
            (Role::Operator, &self.operator),
        ]
    }
}

impl Identity {
    /// The section's name.
    pub const SECTION: &'static str = "identity";

    /// Whether people come from an issuer of their own.
    #[must_use]
    pub fn is_given(&self) -> bool {
        !self.issuer.is_empty()
    }

    /// The algorithm, if it is one whose verifier can't sign.
    pub(super) fn signed_with(&self) -> Option<Algorithm> {
        let known = [
            Algorithm::RS256,
            Algorithm::RS384,
            Algorithm::RS512,
            Algorithm::PS256,
            Algorithm::PS384,
            Algorithm::PS512,
            Algorithm::ES256,
            Algorithm::ES384,
            Algorithm::EdDSA,
        ];
        let is_it = |known: &Algorithm| format!("{known:?}") == self.algorithm;
        known.into_iter().find(is_it)
    }

    /// The roles of ours that these claims give, each once; words of no role of ours are passed by.
    pub(super) fn roles_of(&self, claims: &serde_json::Map<String, Value>) -> Vec<Role> {
        let listed = at(claims, &self.roles_claim);
        let listed: Vec<&str> = match listed {
            Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(one)) => vec![one],
            _ => Vec::new(),
        };
        let gives = |words: &&Vec<String>| words.iter().any(|word| listed.contains(&word.as_str()));
        let given = self.roles.each().into_iter();
        given
            .filter(|(_, words)| gives(words))
            .map(|(role, _)| role)
            .collect()
    }

    /// The code that somebody is known by, if these claims have one: never an address or a name.
    pub(super) fn principal_of(&self, claims: &serde_json::Map<String, Value>) -> Option<String> {
        let code = at(claims, &self.principal_claim)?.as_str()?;
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let is_code = (1..=63).contains(&code.len()) && code.bytes().all(fits);
        is_code.then(|| code.to_owned())
    }
}

/// A claim by its name, which may hold dots, or else by a path.
fn at<'a>(claims: &'a serde_json::Map<String, Value>, path: &str) -> Option<&'a Value> {
    if let Some(found) = claims.get(path) {
        return Some(found);
    }
    let (first, rest) = path.split_once('.')?;
    at(claims.get(first)?.as_object()?, rest)
}

impl Validate for Identity {
    fn validate(&self, problems: &mut Problems) {
        if !self.is_given() {
            return;
        }
        let is_fit = self
            .issuer
            .parse::<Uri>()
            .is_ok_and(|uri| web::is_fit(&uri));
        problems.require(
            is_fit && !self.issuer.contains(['?', '#']),
            "identity.issuer",
            "must be an address such as https://id.example.org, exactly as its tokens have it in \
             `iss` (http:// on this machine only)",
        );
        problems.require(
            self.signed_with().is_some(),
            "identity.algorithm",
            "must be one of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, EdDSA",
        );
        for (path, value) in [
            ("identity.audience", &self.audience),
            ("identity.token_type", &self.token_type),
            ("identity.principal_claim", &self.principal_claim),
            ("identity.roles_claim", &self.roles_claim),
        ] {
            problems.require(!value.is_empty(), path, "must be given");
        }
        let mut words: Vec<&String> = self.roles.each().iter().flat_map(|(_, w)| *w).collect();
        let all = words.len();
        words.sort();
        words.dedup();
        problems.require(
            words.len() == all && words.iter().all(|word| !word.is_empty()),
            "identity.roles",
            "each word may mean one role only, and none may be empty",
        );
    }
}
