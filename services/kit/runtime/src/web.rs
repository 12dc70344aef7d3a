//! Asking an issuer on the web: over TLS, within a time, up to a size, and following nobody
//! elsewhere, so that what an answer says can't send us round our own network.

use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use visits_core::Fault;

/// How long one question may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// The largest answer that is read.
const ANSWER_BYTES_MAX: usize = 256 * 1024;

/// A client of the web.
#[derive(Clone)]
pub struct Web {
    client: Client<HttpsConnector<HttpConnector>, Full<Cursor<Vec<u8>>>>,
}

impl std::fmt::Debug for Web {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Web")
    }
}

impl Web {
    /// A client that believes servers whose certificates come from `authorities` (PEM), or, if
    /// that is empty, from the public ones.
    ///
    /// # Errors
    /// `Fatal` if the authorities can't be read.
    pub fn new(authorities: &str) -> Result<Self, Fault> {
        let unusable = |error: rustls::Error| Fault::fatal(format!("TLS: {error}"));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = HttpsConnectorBuilder::new();
        let schemes = if authorities.is_empty() {
            builder
                .with_provider_and_webpki_roots(provider)
                .map_err(unusable)?
        } else {
            let config = ClientConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .map_err(unusable)?
                .with_root_certificates(roots(authorities)?)
                .with_no_client_auth();
            builder.with_tls_config(config)
        };
        // Which addresses may be plain is `is_fit`'s to say, before anything is asked.
        let connector = schemes.https_or_http().enable_http1().build();
        Ok(Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
        })
    }

    /// Asks, and reads the whole answer. A redirect is an answer like any other.
    ///
    /// # Errors
    /// `Transient` if there is no answer in time, or one that is too long.
    pub async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Fault> {
        let host = request.uri().host().unwrap_or_default().to_owned();
        let gone = |what: &dyn std::fmt::Display| Fault::transient(format!("{host}: {what}"));
        if !is_fit(request.uri()) {
            return Err(Fault::fatal(format!("{host} must be reached by https")));
        }
        let request = request.map(|body| Full::new(Cursor::new(body)));
        let answered = async {
            let answer = self.client.request(request).await;
            let (head, body) = answer.map_err(|error| gone(&error))?.into_parts();
            let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await;
            let body = body.map_err(|error| gone(&error))?.to_bytes().to_vec();
            Ok(Response::from_parts(head, body))
        };
        let in_time = tokio::time::timeout(PATIENCE, answered).await;
        in_time.unwrap_or_else(|_| Err(gone(&"no answer in time")))
    }

    /// What is at `address`, if the answer is 200.
    ///
    /// # Errors
    /// `Transient` as [`Web::send`], and for any other answer.
    pub async fn get(&self, address: &str) -> Result<Vec<u8>, Fault> {
        let request = Request::get(address).header(http::header::ACCEPT, "application/json");
        let request = request
            .body(Vec::new())
            .map_err(|_| Fault::fatal(format!("{address} is no address")))?;
        let answer = self.send(request).await?;
        if answer.status() == http::StatusCode::OK {
            Ok(answer.into_body())
        } else {
            let status = answer.status();
            Err(Fault::transient(format!("{address} answered {status}")))
        }
    }
}

/// Whether an address may be asked: by TLS, or plainly on this machine.
#[must_use]
pub fn is_fit(address: &Uri) -> bool {
    let is_here = matches!(address.host(), Some("localhost" | "127.0.0.1" | "[::1]"));
    match address.scheme_str() {
        Some("https") => address.host().is_some(),
        Some("http") => is_here,
        _ => false,
    }
}

fn roots(authorities: &str) -> Result<RootCertStore, Fault> {
    let unusable = || Fault::fatal("identity.ca must be certificates in PEM");
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(authorities.as_bytes()) {
        let certificate = certificate.map_err(|_| unusable())?;
        roots.add(certificate).map_err(|_| unusable())?;
    }
    if roots.is_empty() {
        return Err(unusable());
    }
    Ok(roots)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_elsewhere_is_asked_by_tls_only() {
        let fit = |address: &str| address.parse().is_ok_and(|uri| is_fit(&uri));
        for address in [
            "https://id.example.org/keys",
            "http://127.0.0.1:8080/keys",
            "http://localhost/keys",
            "http://[::1]:8080/",
        ] {
            assert!(fit(address), "{address}");
        }
        for address in [
            "http://id.example.org/keys",
            "http://127.0.0.1.example.org/",
            "ftp://127.0.0.1/",
            "/keys",
            "",
        ] {
            assert!(!fit(address), "{address}");
        }
    }

    #[test]
    fn authorities_that_are_none_are_refused() {
        assert!(Web::new("").is_ok());
        assert!(Web::new("no certificate").is_err());
    }
}
