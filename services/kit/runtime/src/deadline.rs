//! The time that a caller has left, taken seriously (R13).
//!
//! `grpc-timeout` is read strictly, capped, and answered with DEADLINE_EXCEEDED (code 4) when it
//! runs out; what is left of it goes along with every call that is made for this one. Only the
//! wait ends: a unit of work that has begun goes on in its own task and is found by a retry.
//! Methods that stream in either direction are exempt from the wait: what bounds a watch are its
//! heartbeats.

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::FutureExt as _;
use http::{HeaderMap, Request, Response};
use tokio::time::{Instant, timeout_at};
use tonic::body::Body;
use tower::{Layer, Service};
use visits_client::timeout;
use visits_core::{ErrorKind, Fault, FieldViolation};

use crate::limits;
use crate::status::to_status;

/// When the caller of a request stops waiting.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(pub Instant);

tokio::task_local! {
    static CURRENT: Instant;
}

/// What is left to the call that this task works for, less the way back; `None` if it works for
/// none, as a consumer, a timer or a stream does.
#[must_use]
pub fn remaining() -> Option<Duration> {
    let deadline = CURRENT.try_with(|deadline| *deadline).ok()?;
    let left = deadline.saturating_duration_since(Instant::now());
    Some(left.saturating_sub(limits::PEER_CALL_MARGIN))
}

/// The fault of a call that took longer than its caller waits.
#[must_use]
pub fn exceeded() -> Fault {
    Fault::new(
        ErrorKind::TimedOut,
        "DEADLINE_EXCEEDED",
        "the deadline passed before the answer was ready; \
         the change may have been made: repeat with the same request_id",
    )
}

/// The `grpc-timeout` of a request, if it has one: at most eight digits and a unit.
///
/// # Errors
/// `InvalidInput` for anything else.
pub fn parse(headers: &HeaderMap) -> Result<Option<Duration>, Fault> {
    let Some(value) = headers.get(timeout::HEADER) else {
        return Ok(None);
    };
    timeout::read(value.as_bytes()).map(Some).ok_or_else(|| {
        Fault::invalid(vec![FieldViolation::new(
            "grpc-timeout",
            "must be one to eight digits and a unit out of H, M, S, m, u, n",
        )])
    })
}

/// Holds every unary call to its deadline.
#[derive(Clone, Debug)]
pub struct DeadlineLayer {
    longest: Duration,
    streaming: Arc<HashSet<String>>,
}

impl DeadlineLayer {
    /// A layer that gives a call `longest` at most, whatever its caller asks for.
    #[must_use]
    pub fn new(longest: Duration) -> Self {
        Self {
            longest,
            streaming: Arc::default(),
        }
    }

    /// Exempts the methods at these paths, which stream.
    #[must_use]
    pub fn streaming(mut self, paths: HashSet<String>) -> Self {
        self.streaming = Arc::new(paths);
        self
    }
}

impl<S> Layer<S> for DeadlineLayer {
    type Service = DeadlineService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        DeadlineService {
            inner,
            layer: self.clone(),
        }
    }
}

/// The service that [`DeadlineLayer`] makes.
#[derive(Clone, Debug)]
pub struct DeadlineService<S> {
    inner: S,
    layer: DeadlineLayer,
}

impl<S, B> Service<Request<B>> for DeadlineService<S>
where
    S: Service<Request<B>, Response = Response<Body>>,
    S::Error: Send + 'static,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let asked = match parse(request.headers()) {
            Ok(asked) => asked,
            Err(fault) => return Box::pin(std::future::ready(Ok(to_status(fault).into_http()))),
        };
        let path = request.uri().path().to_owned();
        if self.layer.streaming.contains(&path) {
            return Box::pin(guarded(path, self.inner.call(request)));
        }
        let time = asked.map_or(self.layer.longest, |asked| asked.min(self.layer.longest));
        let deadline = Instant::now() + time;
        request.extensions_mut().insert(Deadline(deadline));
        let work = CURRENT.scope(deadline, guarded(path, self.inner.call(request)));
        Box::pin(async move {
            match timeout_at(deadline, work).await {
                Ok(answer) => answer,
                Err(_) => Ok(to_status(exceeded()).into_http()),
            }
        })
    }
}

/// A handler that panics fails its own call and nothing else.
async fn guarded<E>(
    path: String,
    work: impl Future<Output = Result<Response<Body>, E>>,
) -> Result<Response<Body>, E> {
    AssertUnwindSafe(work)
        .catch_unwind()
        .await
        .unwrap_or_else(|_| {
            let fault = Fault::fatal(format!("the handler of {path} panicked"));
            Ok(to_status(fault).into_http())
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;
    use tower::ServiceExt as _;

    fn headers(value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("grpc-timeout", value.parse().expect("header"));
        headers
    }

    #[test]
    fn a_timeout_is_read_in_every_unit() {
        let read = |value| parse(&headers(value)).expect("well formed");
        assert_eq!(read("2H"), Some(Duration::from_secs(7200)));
        assert_eq!(read("3M"), Some(Duration::from_secs(180)));
        assert_eq!(read("5S"), Some(Duration::from_secs(5)));
        assert_eq!(read("200m"), Some(Duration::from_millis(200)));
        assert_eq!(read("99999999u"), Some(Duration::from_micros(99_999_999)));
        assert_eq!(read("0n"), Some(Duration::ZERO));
        assert_eq!(parse(&HeaderMap::new()), Ok(None));
    }

    #[test]
    fn a_malformed_timeout_is_refused_and_never_ignored() {
        for value in [
            "",
            "S",
            "5",
            "5 S",
            "-5S",
            "5s",
            "123456789S",
            "1.5S",
            "+1S",
        ] {
            let fault = parse(&headers(value)).expect_err(value);
            assert_eq!(fault.kind, ErrorKind::InvalidInput);
            assert_eq!(fault.violations[0].field, "grpc-timeout");
        }
    }

    #[derive(Clone, Copy)]
    enum Handler {
        NeverEnds,
        TellsRemaining,
        Panics,
    }

    async fn answer(
        layer: DeadlineLayer,
        handler: Handler,
        timeout: Option<&str>,
    ) -> Response<Body> {
        let handler = tower::service_fn(move |_: Request<()>| async move {
            let mut response = Response::new(Body::empty());
            match handler {
                Handler::NeverEnds => std::future::pending().await,
                Handler::TellsRemaining => {
                    response.extensions_mut().insert(remaining());
                }
                Handler::Panics => panic!("bug"),
            }
            Ok::<_, Infallible>(response)
        });
        let mut request = Request::builder().uri("/a.B/C");
        if let Some(timeout) = timeout {
            request = request.header("grpc-timeout", timeout);
        }
        let request = request.body(()).expect("request");
        layer.layer(handler).oneshot(request).await.expect("answer")
    }

    fn told(response: &Response<Body>) -> Option<Duration> {
        let told = response.extensions().get::<Option<Duration>>();
        *told.expect("told")
    }

    fn code(response: &Response<Body>) -> Option<&str> {
        let value = response.headers().get("grpc-status")?;
        value.to_str().ok()
    }

    #[tokio::test]
    async fn a_call_that_takes_too_long_is_answered_with_code_4() {
        let layer = DeadlineLayer::new(Duration::from_secs(3600));
        let response = answer(layer, Handler::NeverEnds, Some("1m")).await;
        assert_eq!(code(&response), Some("4"));
    }

    #[tokio::test]
    async fn the_cap_holds_whatever_the_caller_asks_for() {
        for asked in [None, Some("99999999H")] {
            let layer = DeadlineLayer::new(Duration::from_millis(1));
            let response = answer(layer, Handler::NeverEnds, asked).await;
            assert_eq!(code(&response), Some("4"));
        }
    }

    #[tokio::test]
    async fn a_stream_is_exempt() {
        let paths = HashSet::from(["/a.B/C".to_owned()]);
        let layer = DeadlineLayer::new(Duration::ZERO).streaming(paths);
        let response = answer(layer, Handler::TellsRemaining, Some("0n")).await;
        assert_eq!(code(&response), None);
        assert_eq!(told(&response), None);
    }

    #[tokio::test]
    async fn what_is_left_goes_along_less_the_way_back() {
        assert_eq!(remaining(), None);
        let layer = DeadlineLayer::new(Duration::from_secs(7200));
        let response = answer(layer, Handler::TellsRemaining, Some("1H")).await;
        let left = told(&response).expect("left");
        assert!(left <= Duration::from_secs(3600) - limits::PEER_CALL_MARGIN);
        assert!(left > Duration::from_secs(3000));
    }

    #[tokio::test]
    async fn a_malformed_timeout_reaches_no_handler() {
        let layer = DeadlineLayer::new(Duration::from_secs(30));
        let response = answer(layer, Handler::Panics, Some("soon")).await;
        assert_eq!(code(&response), Some("3"));
    }

    #[tokio::test]
    async fn a_handler_that_panics_fails_its_own_call_only() {
        let layer = DeadlineLayer::new(Duration::from_secs(30));
        let response = answer(layer, Handler::Panics, None).await;
        assert_eq!(code(&response), Some("13"));
    }
}
