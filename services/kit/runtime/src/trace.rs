//! A span for each call, under the trace that came with it (R-EVT-7): its method and its code,
//! nothing of what was asked or answered. Health, reflection and public pages, whose addresses may
//! be secret, have none.

use std::pin::Pin;
use std::task::{Context, Poll};

use http::{Request, Response, header};
use tonic::body::Body;
use tower::Service;
use visits_trace::{HEADER, Kind, Trace};

/// What nobody needs to see in a trace.
const QUIET: [&str; 2] = ["grpc.health.", "grpc.reflection."];

/// The span around the rest.
#[derive(Clone, Debug)]
pub(crate) struct TraceService<S> {
    inner: S,
}

impl<S> TraceService<S> {
    pub(crate) const fn new(inner: S) -> Self {
        Self { inner }
    }
}

impl<S, B> Service<Request<B>> for TraceService<S>
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

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let span = span(&request);
        let work = self.inner.call(request);
        let Some(span) = span else {
            return Box::pin(work);
        };
        Box::pin(span.clone().within(async move {
            let answer = work.await?;
            // An answer that begins with its code has nothing else to say.
            let code = answer.headers().get("grpc-status");
            let code = code.and_then(|code| code.to_str().ok()).unwrap_or("0");
            span.note("rpc.grpc.status_code", code);
            Ok(answer)
        }))
    }
}

fn span<B>(request: &Request<B>) -> Option<Trace> {
    let content = request.headers().get(header::CONTENT_TYPE)?;
    if !content.as_bytes().starts_with(b"application/grpc") {
        return None;
    }
    let path = request.uri().path().trim_start_matches('/');
    if QUIET.iter().any(|quiet| path.starts_with(quiet)) {
        return None;
    }
    let (service, method) = path.split_once('/')?;
    let sent = request.headers().get(HEADER);
    let caller = Trace::of(sent.and_then(|value| value.to_str().ok()));
    let attributes = [
        ("rpc.system", "grpc"),
        ("rpc.service", service),
        ("rpc.method", method),
    ];
    Some(caller.begin(Kind::Call, path, &attributes))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use tower::ServiceExt as _;

    use super::*;

    const SENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const METHOD: &str = "/ofsted.visits.escalation.v1.EscalationService/GetCase";

    /// Which trace the handler of a call is in.
    async fn seen(path: &str, content: &str, sent: &str) -> Option<String> {
        let handler = tower::service_fn(|_: Request<()>| async {
            let mut answer = Response::new(Body::empty());
            let seen = Trace::current().traceparent();
            answer.extensions_mut().insert(seen);
            Ok::<_, Infallible>(answer)
        });
        let request = Request::builder()
            .uri(path)
            .header(header::CONTENT_TYPE, content)
            .header(HEADER, sent);
        let request = request.body(()).expect("request");
        let answer = TraceService::new(handler).oneshot(request).await;
        let answer = answer.expect("answer");
        let seen = answer.extensions().get::<Option<String>>();
        seen.expect("told").clone()
    }

    #[tokio::test]
    async fn a_call_is_in_the_trace_of_its_caller() {
        let seen = seen(METHOD, "application/grpc+proto", SENT).await;
        assert_eq!(seen.as_deref(), Some(SENT));
    }

    #[tokio::test]
    async fn a_malformed_traceparent_is_ignored_and_the_call_is_answered() {
        for sent in ["", "00-zz", "\u{1F512}", "00-0-0-01"] {
            assert_eq!(seen(METHOD, "application/grpc", sent).await, None);
        }
    }

    #[tokio::test]
    async fn health_reflection_and_pages_are_in_no_trace() {
        for path in [
            "/grpc.health.v1.Health/Check",
            "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        ] {
            assert_eq!(seen(path, "application/grpc", SENT).await, None, "{path}");
        }
        assert_eq!(seen("/letters/secret", "text/html", SENT).await, None);
    }
}
