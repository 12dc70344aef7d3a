//! The console as a client of an OpenID Connect issuer: the code flow with PKCE, and what follows.
//!
//! Who somebody is, the access token says, as it does to the services: it is checked here as there,
//! so that nobody is anybody else to the console than to a service. The ID token binds it to the
//! browser that began (nonce).

mod back_channel;
mod metadata;

use std::pin::Pin;

use openidconnect::core::{
    CoreAuthenticationFlow, CoreErrorResponseType, CoreIdToken, CoreJwsSigningAlgorithm,
    CoreTokenResponse,
};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest,
    HttpResponse, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, RefreshToken, RequestTokenError, Scope, TokenResponse as _,
};
use serde::{Deserialize, Serialize};
use visits_core::{ErrorKind, Fault, SignedDuration, Timestamp};
use visits_runtime::auth::{Identity, OutsideIssuer, Verifier};
use visits_runtime::web::Web;

use crate::config::Config;
use crate::session::{Granted, secret};
pub(crate) use back_channel::{Ended, at_issuer};
use metadata::{Client, Known, Metadata};

/// How long somebody may take to sign in at the issuer.
const PATIENCE: SignedDuration = SignedDuration::from_mins(15);
/// The address that the issuer sends browsers back to.
pub(crate) const CALLBACK: &str = "/sign-in/callback";

/// Signatures that whoever checks them can't make.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// A sign-in that has begun: it goes with the browser, sealed, and comes back with it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Attempt {
    state: String,
    nonce: String,
    verifier: String,
    /// In seconds.
    until: i64,
    /// The page that was asked for.
    pub(crate) next: String,
}

/// What the issuer sends a browser back with.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Answer {
    code: String,
    state: String,
    iss: Option<String>,
    error: Option<String>,
}

/// The issuer, with what the console is to it.
pub(crate) struct Provider {
    client_id: ClientId,
    client_secret: Option<ClientSecret>,
    scopes: Vec<String>,
    resource: String,
    address: String,
    web: Web,
    known: Known,
    verifier: Verifier,
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Provider({})", self.known.issuer())
    }
}

impl Provider {
    /// Nothing is asked of it yet. Browsers reach the console at `address`.
    pub(crate) fn new(identity: Identity, config: &Config, address: &str) -> Result<Self, Fault> {
        let web = Web::new(&identity.ca)?;
        let known = Known::new(&identity.issuer)?;
        let secret = &config.client_secret;
        Ok(Self {
            client_id: ClientId::new(config.client_id.clone()),
            client_secret: (!secret.is_empty())
                .then(|| ClientSecret::new(secret.expose().to_owned())),
            scopes: config.scopes.clone(),
            resource: config.resource.clone(),
            address: address.trim_end_matches('/').to_owned(),
            web,
            known,
            verifier: Verifier::new([]).with_people_from(Some(OutsideIssuer::new(identity)?)),
        })
    }

    /// Where a browser goes to sign in, and what it keeps meanwhile.
    pub(crate) async fn begin(
        &self,
        next: &str,
        now: Timestamp,
    ) -> Result<(String, Attempt), Fault> {
        let metadata = self.known.get(&self.web, now).await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (state, nonce) = (secret(), secret());
        let attempt = Attempt {
            state: state.clone(),
            nonce: nonce.clone(),
            verifier: verifier.secret().clone(),
            until: (now + PATIENCE).as_second(),
            next: next.to_owned(),
        };
        let client = self.client(&metadata)?;
        // The library adds `openid` by itself.
        let scopes = self.scopes.iter().filter(|scope| *scope != "openid");
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(state),
                move || Nonce::new(nonce),
            )
            .add_scopes(scopes.map(|scope| Scope::new(scope.clone())))
            .set_pkce_challenge(challenge);
        if !self.resource.is_empty() {
            request = request.add_extra_param("resource", self.resource.clone());
        }
        Ok((request.url().0.into(), attempt))
    }

    /// Who came back, for `attempt`.
    ///
    /// # Errors
    /// `Unauthenticated` if the answer is not one to it, `Forbidden` if the issuer or the user
    /// would not, `Transient` if the issuer can't be asked.
    pub(crate) async fn finish(
        &self,
        answer: Answer,
        attempt: &Attempt,
        now: Timestamp,
    ) -> Result<Granted, Fault> {
        let is_in_time = now.as_second() < attempt.until;
        if !is_in_time || answer.state.is_empty() || answer.state != attempt.state {
            return Err(not_ours("the state is another's, or too old"));
        }
        let metadata = self.known.get(&self.web, now).await?;
        self.check_issuer(answer.iss.as_deref(), &metadata)?;
        if let Some(error) = answer.error {
            return Err(would_not(&error));
        }
        let client = self.client(&metadata)?;
        let verifier = PkceCodeVerifier::new(attempt.verifier.clone());
        let mut request = client
            .exchange_code(AuthorizationCode::new(answer.code))
            .set_pkce_verifier(verifier);
        if !self.resource.is_empty() {
            request = request.add_extra_param("resource", self.resource.clone());
        }
        let web = asking(&self.web);
        let response = request.request_async(&web).await.map_err(unanswered)?;
        let id_token = response
            .id_token()
            .ok_or_else(|| not_ours("no ID token came with the code"))?;
        if check_id_token(&client, id_token, &response, attempt).is_err() {
            // The issuer may have a new key since it was asked.
            let metadata = self.known.anew(&self.web, now).await?;
            let client = self.client(&metadata)?;
            check_id_token(&client, id_token, &response, attempt)?;
        }
        self.granted(&response, now).await
    }

    /// Another token for the same user.
    ///
    /// # Errors
    /// `Unauthenticated` if the issuer gives no more, `Transient` if it can't be asked.
    pub(crate) async fn renew(&self, refresh: &str, now: Timestamp) -> Result<Granted, Fault> {
        let metadata = self.known.get(&self.web, now).await?;
        let client = self.client(&metadata)?;
        let refresh = RefreshToken::new(refresh.to_owned());
        let mut request = client.exchange_refresh_token(&refresh);
        if !self.resource.is_empty() {
            request = request.add_extra_param("resource", self.resource.clone());
        }
        let web = asking(&self.web);
        let response = request.request_async(&web).await.map_err(unanswered)?;
        self.granted(&response, now).await
    }

    /// Where a browser goes to sign out at the issuer too, if it has such a place.
    pub(crate) async fn end(&self, id_token: Option<&str>, now: Timestamp) -> Option<String> {
        let metadata = self.known.get(&self.web, now).await.ok()?;
        let mut place = metadata
            .additional_metadata()
            .end_session_endpoint
            .clone()?;
        let back = format!("{}/sign-in?note=out", self.address);
        place
            .query_pairs_mut()
            .append_pair("client_id", &self.client_id)
            .append_pair("post_logout_redirect_uri", &back);
        if let Some(id_token) = id_token {
            let mut pairs = place.query_pairs_mut();
            pairs.append_pair("id_token_hint", id_token);
        }
        Some(place.into())
    }

    fn client(&self, metadata: &Metadata) -> Result<Client, Fault> {
        let redirect = RedirectUrl::new(format!("{}{CALLBACK}", self.address))
            .map_err(|error| Fault::fatal(format!("console.address: {error}")))?;
        metadata::client(metadata, &self.client_id, self.client_secret.as_ref())
            .map(|client| client.set_redirect_uri(redirect))
    }

    /// RFC 9207: an answer of another issuer is none, whatever its code may be good for.
    fn check_issuer(&self, said: Option<&str>, metadata: &Metadata) -> Result<(), Fault> {
        let is_promised = metadata
            .additional_metadata()
            .authorization_response_iss_parameter_supported;
        match said {
            Some(said) if said == self.known.issuer() => Ok(()),
            None if !is_promised => Ok(()),
            _ => Err(not_ours("the answer is not of the issuer that was asked")),
        }
    }

    async fn granted(
        &self,
        response: &CoreTokenResponse,
        now: Timestamp,
    ) -> Result<Granted, Fault> {
        let access = response.access_token().secret().clone();
        let believed = self.verifier.admit(&access, now).await?;
        Ok(Granted {
            actor: believed.actor,
            access,
            ends: believed.ends,
            refresh: response.refresh_token().map(|token| token.secret().clone()),
            id_token: response.id_token().map(ToString::to_string),
        })
    }
}

fn check_id_token(
    client: &Client,
    id_token: &CoreIdToken,
    response: &CoreTokenResponse,
    attempt: &Attempt,
) -> Result<(), Fault> {
    let verifier = client.id_token_verifier().set_allowed_algs(ALGORITHMS);
    let wrong = |what: &dyn std::fmt::Display| not_ours(&format!("the ID token: {what}"));
    let nonce = Nonce::new(attempt.nonce.clone());
    let claims = id_token
        .claims(&verifier, &nonce)
        .map_err(|error| wrong(&error))?;
    let Some(expected) = claims.access_token_hash() else {
        return Ok(());
    };
    let algorithm = id_token.signing_alg().map_err(|error| wrong(&error))?;
    let key = id_token
        .signing_key(&verifier)
        .map_err(|error| wrong(&error))?;
    let hash = AccessTokenHash::from_token(response.access_token(), algorithm, key)
        .map_err(|error| wrong(&error))?;
    if hash == *expected {
        Ok(())
    } else {
        Err(wrong(&"it is of another access token"))
    }
}

/// The library's way of asking.
fn asking(web: &Web) -> impl Fn(HttpRequest) -> Asked + 'static {
    let web = web.clone();
    move |request| {
        let web = web.clone();
        Box::pin(async move { web.send(request).await })
    }
}

type Asked = Pin<Box<dyn Future<Output = Result<HttpResponse, Fault>> + Send>>;

/// What the token endpoint's refusal means: a code or a refresh token that is no good any more is
/// the user's to mend, anything else isn't.
fn unanswered(
    error: RequestTokenError<Fault, openidconnect::StandardErrorResponse<CoreErrorResponseType>>,
) -> Fault {
    match error {
        RequestTokenError::Request(fault) => fault,
        RequestTokenError::ServerResponse(said) => match said.error() {
            CoreErrorResponseType::InvalidGrant => not_ours("the issuer gives no token for that"),
            other => Fault::fatal(format!("the issuer refuses this client: {other:?}")),
        },
        other => Fault::fatal(format!("the issuer's answer can't be read: {other}")),
    }
}

/// The user, or the issuer for them, did not go through with it.
fn would_not(error: &str) -> Fault {
    let known = [
        "access_denied",
        "login_required",
        "consent_required",
        "interaction_required",
    ];
    if known.contains(&error) {
        Fault::forbidden("signing in")
    } else {
        let error: String = error
            .chars()
            .filter(char::is_ascii_graphic)
            .take(40)
            .collect();
        Fault::transient(format!("the issuer answered {error}"))
    }
}

fn not_ours(why: &str) -> Fault {
    let message = format!("that sign-in can't be used: {why}");
    Fault::new(ErrorKind::Unauthenticated, "SIGN_IN_INVALID", message)
}
