//! What the issuer says of itself, kept for a while.

use std::sync::Arc;

use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClient, CoreClientAuthMethod, CoreGrantType,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm,
    CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::url::Url;
use openidconnect::{
    AdditionalProviderMetadata, ClientId, ClientSecret, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, IssuerUrl, ProviderMetadata,
};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use visits_core::{Fault, SignedDuration, Timestamp};
use visits_runtime::web::{self, Web};

/// How long it is believed.
const FRESH: SignedDuration = SignedDuration::from_mins(10);
/// The pause between two questions, however many people want to sign in.
const PAUSE: SignedDuration = SignedDuration::from_secs(5);

/// What we look for beside what the library reads.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct More {
    pub(super) end_session_endpoint: Option<Url>,
    /// RFC 9207.
    pub(super) authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for More {}

pub(super) type Metadata = ProviderMetadata<
    More,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// A client whose issuer has the two endpoints of the code flow.
pub(super) type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
    EndpointMaybeSet,
>;

/// What the issuer said last.
pub(super) struct Known {
    issuer: IssuerUrl,
    said: Mutex<Said>,
}

#[derive(Default)]
struct Said {
    last: Option<(Arc<Metadata>, Timestamp)>,
    asked: Option<Timestamp>,
}

impl Known {
    pub(super) fn new(issuer: &str) -> Result<Self, Fault> {
        let issuer = IssuerUrl::new(issuer.to_owned())
            .map_err(|error| Fault::fatal(format!("identity.issuer: {error}")))?;
        Ok(Self {
            issuer,
            said: Mutex::default(),
        })
    }

    pub(super) fn issuer(&self) -> &str {
        self.issuer.as_str()
    }

    /// What the issuer says; asked for again if that is a while ago. An issuer that does not answer
    /// is taken at its last word.
    pub(super) async fn get(&self, web: &Web, now: Timestamp) -> Result<Arc<Metadata>, Fault> {
        self.within(FRESH, web, now).await
    }

    /// What the issuer says now: it may have a new key.
    pub(super) async fn anew(&self, web: &Web, now: Timestamp) -> Result<Arc<Metadata>, Fault> {
        self.within(PAUSE, web, now).await
    }

    async fn within(
        &self,
        time: SignedDuration,
        web: &Web,
        now: Timestamp,
    ) -> Result<Arc<Metadata>, Fault> {
        let mut said = self.said.lock().await;
        let last = said.last.clone();
        if let Some((metadata, at)) = &last
            && now < *at + time
        {
            return Ok(metadata.clone());
        }
        let why = if said.asked.is_some_and(|at| now < at + PAUSE) {
            "it did not answer a moment ago".to_owned()
        } else {
            said.asked = Some(now);
            let ask = super::asking(web);
            match Metadata::discover_async(self.issuer.clone(), &ask).await {
                Ok(metadata) => {
                    let metadata = Arc::new(metadata);
                    said.last = Some((metadata.clone(), now));
                    return Ok(metadata);
                }
                Err(error) => error.to_string(),
            }
        };
        let Some((metadata, _)) = last else {
            let message = format!("the issuer of people's tokens can't be asked: {why}");
            return Err(Fault::transient(message));
        };
        tracing::warn!("the issuer does not say anything new: {why}");
        Ok(metadata)
    }
}

/// The library's client of an issuer that says this of itself.
pub(super) fn client(
    metadata: &Metadata,
    id: &ClientId,
    secret: Option<&ClientSecret>,
) -> Result<Client, Fault> {
    let token = metadata.token_endpoint().cloned();
    let token = token.ok_or_else(|| Fault::fatal("the issuer has no token endpoint"))?;
    let is_fit = |address: &str| address.parse().is_ok_and(|uri| web::is_fit(&uri));
    if !is_fit(metadata.authorization_endpoint().as_str()) || !is_fit(token.as_str()) {
        return Err(Fault::fatal("the issuer's endpoints are not behind TLS"));
    }
    let client = CoreClient::from_provider_metadata(metadata.clone(), id.clone(), secret.cloned());
    Ok(client.set_token_uri(token))
}
