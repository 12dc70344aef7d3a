//! Who calls: a bearer token on each call, and the trace that the call belongs to.

use std::fmt;
use std::sync::Arc;

use tonic::metadata::{Ascii, MetadataMap, MetadataValue};
use tonic::service::Interceptor;
use tonic::{Request, Status};

/// Gives the token of the next call. It is asked for each, so it keeps a token while it is good.
pub trait TokenSource: Send + Sync {
    /// A token that is good now.
    ///
    /// # Errors
    /// What the call is to fail with.
    fn token(&self) -> Result<String, Status>;
}

impl<F> TokenSource for F
where
    F: Fn() -> Result<String, Status> + Send + Sync,
{
    fn token(&self) -> Result<String, Status> {
        self()
    }
}

/// The `authorization` of a token, kept out of every log.
///
/// # Errors
/// UNAUTHENTICATED if the text can't be a token.
pub fn header(token: &str) -> Result<MetadataValue<Ascii>, Status> {
    let mut header: MetadataValue<Ascii> = format!("Bearer {}", token.trim())
        .parse()
        .map_err(|_| Status::unauthenticated("the token is no text that a header can hold"))?;
    header.set_sensitive(true);
    Ok(header)
}

/// Tells the service called which trace the present task is in, if in any (R-EVT-7).
pub fn carry_trace(metadata: &mut MetadataMap) {
    let traceparent = visits_trace::Trace::current().traceparent();
    if let Some(value) = traceparent.and_then(|text| text.parse().ok()) {
        metadata.insert(visits_trace::HEADER, value);
    }
}

/// Puts a token and the trace on each call.
#[derive(Clone)]
pub struct Bearer {
    source: Arc<dyn TokenSource>,
}

impl Bearer {
    /// The bearer of what `source` gives.
    pub fn new(source: impl TokenSource + 'static) -> Self {
        Self {
            source: Arc::new(source),
        }
    }

    /// The bearer of one token.
    #[must_use]
    pub fn of(token: String) -> Self {
        Self::new(move || Ok(token.clone()))
    }
}

impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bearer")
    }
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let header = header(&self.source.token()?)?;
        request.metadata_mut().insert("authorization", header);
        carry_trace(request.metadata_mut());
        Ok(request)
    }
}
