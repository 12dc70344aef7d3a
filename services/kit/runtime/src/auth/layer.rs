//! Stops every call that has no verified token, before any handler.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response, StatusCode, header};
use tonic::body::Body;
use tower::{Layer, Service};
use visits_core::{Clock, Fault};

use super::{Caller, Verifier, missing};
use crate::deadline::Deadline;
use crate::status::to_status;

/// What anybody may call: whether we live, and what we speak.
const OPEN: [&str; 3] = [
    "/grpc.health.v1.Health/",
    "/grpc.reflection.v1.ServerReflection/",
    "/grpc.reflection.v1alpha.ServerReflection/",
];

/// Puts a [`Caller`] into each request, or answers UNAUTHENTICATED.
#[derive(Clone, Debug)]
pub struct AuthLayer {
    verifier: Arc<Verifier>,
    clock: Arc<dyn Clock>,
    public: Arc<[&'static str]>,
}

impl AuthLayer {
    /// A layer that believes what `verifier` believes at the time of `clock`.
    #[must_use]
    pub fn new(verifier: Arc<Verifier>, clock: Arc<dyn Clock>) -> Self {
        Self {
            verifier,
            clock,
            public: Arc::new([]),
        }
    }

    /// Lets paths with these prefixes pass without a token: public pages.
    #[must_use]
    pub fn public(mut self, prefixes: impl IntoIterator<Item = &'static str>) -> Self {
        self.public = prefixes.into_iter().collect();
        self
    }

    fn is_open(&self, path: &str) -> bool {
        OPEN.iter()
            .chain(self.public.iter())
            .any(|prefix| path.starts_with(prefix))
    }

    async fn admit(&self, head: &mut http::request::Parts) -> Result<(), Fault> {
        let token = head
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .ok_or_else(missing)?;
        let believed = self.verifier.admit(token, self.clock.now()).await?;
        let deadline = head.extensions.get::<Deadline>().map(|d| d.0);
        head.extensions.insert(Caller {
            actor: believed.actor,
            deadline,
            token_ends: believed.ends,
        });
        Ok(())
    }
}

impl<S> Layer<S> for AuthLayer {
    type Service = AuthService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        AuthService {
            inner,
            layer: self.clone(),
        }
    }
}

/// The service that [`AuthLayer`] makes.
#[derive(Clone, Debug)]
pub struct AuthService<S> {
    inner: S,
    layer: AuthLayer,
}

impl<S, B> Service<Request<B>> for AuthService<S>
where
    S: Service<Request<B>, Response = Response<Body>> + Clone + Send + 'static,
    S::Error: Send + 'static,
    S::Future: Send + 'static,
    B: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        // A caller is what this layer found out and nothing that came with the request.
        request.extensions_mut().remove::<Caller>();
        if self.layer.is_open(request.uri().path()) {
            return Box::pin(self.inner.call(request));
        }
        if !is_grpc(&request) {
            // A browser that is not at a public page: a gRPC status would tell it nothing.
            return Box::pin(std::future::ready(Ok(no_such_page())));
        }
        // The one that is ready is the one that is called.
        let another = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, another);
        let layer = self.layer.clone();
        Box::pin(async move {
            let (mut head, body) = request.into_parts();
            match layer.admit(&mut head).await {
                Ok(()) => inner.call(Request::from_parts(head, body)).await,
                Err(fault) => Ok(to_status(fault).into_http()),
            }
        })
    }
}

fn is_grpc<B>(request: &Request<B>) -> bool {
    request
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/grpc"))
}

fn no_such_page() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Issuer;
    use std::convert::Infallible;
    use tower::ServiceExt as _;
    use visits_core::{Actor, ManualClock, Role, SignedDuration, Timestamp};

    fn now() -> Timestamp {
        "2020-10-23T12:00:00Z".parse().expect("instant")
    }

    async fn respond(path: &str, headers: &[(header::HeaderName, &str)]) -> Response<Body> {
        let issuer = Issuer::from_seed(&[1; 32]).expect("issuer");
        let verifier = Arc::new(Verifier::new([issuer.trusted()]));
        let clock = Arc::new(ManualClock::new(now()));
        let layer = AuthLayer::new(verifier, clock).public(["/letters/"]);
        let handler = tower::service_fn(|request: Request<()>| async move {
            let mut response = Response::new(Body::empty());
            if let Some(caller) = request.extensions().get::<Caller>() {
                response.extensions_mut().insert(caller.clone());
            }
            Ok::<_, Infallible>(response)
        });
        let mut request = Request::builder().uri(path);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        let request = request.body(()).expect("request");
        layer.layer(handler).oneshot(request).await.expect("answer")
    }

    async fn answer(path: &str, authorization: Option<&str>) -> (Option<String>, Option<Caller>) {
        let mut headers = vec![(header::CONTENT_TYPE, "application/grpc+proto")];
        headers.extend(authorization.map(|value| (header::AUTHORIZATION, value)));
        let response = respond(path, &headers).await;
        let code = response
            .headers()
            .get("grpc-status")
            .map(|value| value.to_str().expect("text").to_owned());
        (code, response.extensions().get::<Caller>().cloned())
    }

    #[tokio::test]
    async fn a_call_without_a_token_reaches_no_handler() {
        let path = "/ofsted.visits.escalation.v1.EscalationService/GetCase";
        for authorization in [None, Some("Basic YTpi"), Some("Bearer x"), Some("Bearer")] {
            let (code, caller) = answer(path, authorization).await;
            assert_eq!(code.as_deref(), Some("16"), "{authorization:?}");
            assert!(caller.is_none());
        }
    }

    #[tokio::test]
    async fn a_verified_token_gives_the_handler_its_caller() {
        let token = Issuer::from_seed(&[1; 32])
            .expect("issuer")
            .sign(
                &Actor::new("HMI-001", Role::Hmi),
                SignedDuration::from_mins(5),
                now(),
            )
            .expect("token");
        let (code, caller) = answer("/any/Method", Some(&format!("bearer {token}"))).await;
        assert_eq!(code, None);
        assert_eq!(caller.expect("caller").actor.principal, "HMI-001");
    }

    #[tokio::test]
    async fn health_reflection_and_public_pages_need_no_token() {
        for path in [
            "/grpc.health.v1.Health/Check",
            "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
            "/letters/0192",
        ] {
            assert_eq!(answer(path, None).await.0, None, "{path}");
        }
    }

    #[tokio::test]
    async fn a_browser_finds_public_pages_and_no_others() {
        let status = async |path| respond(path, &[]).await.status();
        assert_eq!(status("/letters/0192").await, StatusCode::OK);
        assert_eq!(status("/").await, StatusCode::NOT_FOUND);
    }
}
