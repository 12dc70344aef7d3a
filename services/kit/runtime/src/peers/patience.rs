//! Patience with a service in another process: reads are repeated while it is unavailable, within
//! the caller's time and a budget (D9 of the reliability rules); nothing else is.
//!
//! A call that broke has no answer, whatever the transport calls that: it reads as UNAVAILABLE.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::{BodyExt as _, Full, Limited};
use rand::Rng as _;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};
use tonic::Status;
use tonic::body::Body;
use tonic::transport::{Channel, Error};
use tower::{Service, ServiceExt as _};
use visits_core::Fault;

use crate::deadline;
use crate::limits;
use crate::status::to_status;

/// What methods that change nothing begin with.
const READS: [&str; 3] = ["Get", "List", "Check"];
/// The value of a tenth of a try in the budget, so that a success can give back that much.
const TENTHS: i64 = 10;
/// The longest that a call waits when it has no deadline; every call of ours has one.
const LONGEST: Duration = limits::MAX_CALL_TIME;

/// A channel to another service.
#[derive(Clone, Debug)]
pub struct PeerChannel {
    channel: Channel,
    care: Option<Arc<Care>>,
}

impl PeerChannel {
    /// As the channel is: within a process, nothing gets lost.
    #[must_use]
    pub const fn direct(channel: Channel) -> Self {
        Self {
            channel,
            care: None,
        }
    }

    /// With a limit on calls under way, and patience for reads.
    #[must_use]
    pub fn patient(channel: Channel, service: &str) -> Self {
        Self {
            channel,
            care: Some(Arc::new(Care::new(service))),
        }
    }
}

impl Service<Request<Body>> for PeerChannel {
    type Response = Response<Body>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        match &self.care {
            Some(_) => Poll::Ready(Ok(())),
            None => Service::poll_ready(&mut self.channel, context),
        }
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        match self.care.clone() {
            Some(care) => {
                let channel = self.channel.clone();
                Box::pin(async move { Ok(care.answer(channel, request).await) })
            }
            None => Box::pin(Service::call(&mut self.channel, request)),
        }
    }
}

/// What all calls to one service share.
#[derive(Debug)]
struct Care {
    service: String,
    under_way: Semaphore,
    /// In tenths of a try.
    budget: AtomicI64,
}

impl Care {
    fn new(service: &str) -> Self {
        Self {
            service: service.to_owned(),
            under_way: Semaphore::new(limits::PEER_CALLS_MAX),
            budget: AtomicI64::new(limits::PEER_RETRY_BUDGET * TENTHS),
        }
    }

    async fn answer<S>(&self, channel: S, request: Request<Body>) -> Response<Body>
    where
        S: Service<Request<Body>, Response = Response<Body>> + Clone,
        S::Error: std::fmt::Display,
    {
        let time = deadline::parse(request.headers()).ok().flatten();
        let until = Instant::now() + time.unwrap_or(LONGEST);
        let Ok(Ok(_permit)) = timeout_at(until, self.under_way.acquire()).await else {
            return refused(to_status(deadline::exceeded()));
        };
        let outcome = if is_read(request.uri().path()) {
            self.read(channel, request, until).await
        } else {
            self.once(channel, request, until).await
        };
        outcome.unwrap_or_else(refused)
    }

    /// Tries until it is answered, the time is over or the budget spent.
    async fn read<S>(
        &self,
        channel: S,
        request: Request<Body>,
        until: Instant,
    ) -> Result<Response<Body>, Status>
    where
        S: Service<Request<Body>, Response = Response<Body>> + Clone,
        S::Error: std::fmt::Display,
    {
        let (parts, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let mut tries = 0;
        loop {
            let again = Request::from_parts(parts.clone(), Body::new(Full::new(body.clone())));
            let outcome = match self.once(channel.clone(), again, until).await {
                Ok(answer) => self.whole(answer, until).await,
                Err(status) => Err(status),
            };
            tries += 1;
            if !is_unavailable(&outcome) {
                self.earn();
                return outcome;
            }
            let pause = pause(tries);
            if tries == limits::PEER_TRIES_MAX
                || !self.spend()
                || until.saturating_duration_since(Instant::now()) <= pause
            {
                return outcome;
            }
            tracing::debug!(peer = self.service, tries, "unavailable, will ask again");
            tokio::time::sleep(pause).await;
        }
    }

    async fn once<S>(
        &self,
        channel: S,
        mut request: Request<Body>,
        until: Instant,
    ) -> Result<Response<Body>, Status>
    where
        S: Service<Request<Body>, Response = Response<Body>>,
        S::Error: std::fmt::Display,
    {
        let left = until.saturating_duration_since(Instant::now());
        if let Ok(value) = HeaderValue::from_str(&written(left)) {
            request.headers_mut().insert("grpc-timeout", value);
        }
        match timeout_at(until, channel.oneshot(request)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) if Instant::now() >= until => Err(to_status(deadline::exceeded())),
            Ok(Err(error)) => Err(self.silent(&error)),
            Err(_) => Err(to_status(deadline::exceeded())),
        }
    }

    /// The answer to its end: one that breaks off is none.
    async fn whole(
        &self,
        answer: Response<Body>,
        until: Instant,
    ) -> Result<Response<Body>, Status> {
        let (parts, body) = answer.into_parts();
        let body = Limited::new(body, limits::PEER_ANSWER_BYTES_MAX).collect();
        match timeout_at(until, body).await {
            Ok(Ok(body)) => {
                let unavailable = body.trailers().is_some_and(says_unavailable);
                if unavailable {
                    return Err(self.silent(&"it says that it is unavailable"));
                }
                Ok(Response::from_parts(parts, Body::new(body)))
            }
            Ok(Err(error)) => Err(self.silent(&error)),
            Err(_) => Err(to_status(deadline::exceeded())),
        }
    }

    fn silent(&self, error: &dyn std::fmt::Display) -> Status {
        let service = &self.service;
        let fault = Fault::transient(format!(
            "{service} does not answer ({error}); is it running, and is peers.{service} right?"
        ));
        to_status(fault)
    }

    /// Whether there is enough left for one more try.
    fn spend(&self) -> bool {
        let left = self.budget.fetch_sub(TENTHS, Ordering::SeqCst) - TENTHS;
        if left < 0 {
            self.budget.fetch_add(TENTHS, Ordering::SeqCst);
        }
        left >= 0
    }

    fn earn(&self) {
        let most = limits::PEER_RETRY_BUDGET * TENTHS;
        let more = |tenths: i64| Some((tenths + 1).min(most));
        let _ = self
            .budget
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, more);
    }
}

fn refused(status: Status) -> Response<Body> {
    status.into_http()
}

fn is_read(path: &str) -> bool {
    let method = path.rsplit('/').next().unwrap_or_default();
    READS.iter().any(|verb| method.starts_with(verb))
}

fn is_unavailable(outcome: &Result<Response<Body>, Status>) -> bool {
    match outcome {
        Ok(answer) => says_unavailable(answer.headers()),
        Err(status) => status.code() == tonic::Code::Unavailable,
    }
}

fn says_unavailable(headers: &HeaderMap) -> bool {
    headers.get("grpc-status").is_some_and(|code| code == "14")
}

/// Doubles with each try; at least half of it is waited, the rest is chance.
fn pause(tries: u32) -> Duration {
    let longest = limits::PEER_PAUSE * 2_u32.saturating_pow(tries - 1);
    longest.mul_f64(rand::rng().random_range(0.5..1.0))
}

/// As `grpc-timeout` is written: at most eight digits and a unit.
fn written(time: Duration) -> String {
    let micros = time.as_micros();
    if micros < 100_000_000 {
        format!("{micros}u")
    } else {
        format!("{}m", time.as_millis().min(99_999_999))
    }
}

#[cfg(test)]
mod tests;
