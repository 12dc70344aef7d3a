//! Patience with a service: a call that may be sent twice is repeated while the service is
//! unavailable, within the caller's time and a budget (D9 of the reliability rules); nothing else
//! is.
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

use crate::refusal::{too_late, unavailable};
use crate::{limits, methods, timeout};

/// The value of a tenth of a try in the budget, so that a success can give back that much.
const TENTHS: i64 = 10;

/// What may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeats {
    /// Nothing.
    Nothing,
    /// What changes nothing.
    Reads,
    /// What has one request and one answer: a change is known by its `request_id` (R17).
    Unary,
}

/// How a caller waits.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// The time of a call that says none, all its tries and pauses together.
    pub call_time: Duration,
    /// Calls under way at once; more wait, as long as their deadline lets them. A stream counts
    /// until it begins.
    pub calls_at_once: usize,
    /// What may be sent again.
    pub repeats: Repeats,
    /// How often a call is tried in all.
    pub tries_max: u32,
    /// Tries in a row that may fail before retries stop.
    pub budget: u32,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            call_time: limits::CALL_TIME,
            calls_at_once: limits::CALLS_AT_ONCE,
            repeats: Repeats::Unary,
            tries_max: limits::TRIES_MAX,
            budget: limits::RETRY_BUDGET,
        }
    }
}

/// A channel to a service.
#[derive(Clone, Debug)]
pub struct PatientChannel {
    channel: Channel,
    care: Option<Arc<Care>>,
}

impl PatientChannel {
    /// As the channel is: within a process, nothing gets lost.
    #[must_use]
    pub const fn direct(channel: Channel) -> Self {
        Self {
            channel,
            care: None,
        }
    }

    /// With a deadline, a limit on calls under way, and retries. When `called` does not answer, the
    /// caller is told to look at `setting`.
    #[must_use]
    pub fn patient(channel: Channel, called: &str, setting: &str, patience: Patience) -> Self {
        Self {
            channel,
            care: Some(Arc::new(Care::new(called, setting, patience))),
        }
    }
}

impl Service<Request<Body>> for PatientChannel {
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
    called: String,
    setting: String,
    patience: Patience,
    under_way: Semaphore,
    /// In tenths of a try.
    budget: AtomicI64,
}

impl Care {
    fn new(called: &str, setting: &str, patience: Patience) -> Self {
        Self {
            called: called.to_owned(),
            setting: setting.to_owned(),
            patience,
            under_way: Semaphore::new(patience.calls_at_once),
            budget: AtomicI64::new(i64::from(patience.budget) * TENTHS),
        }
    }

    async fn answer<S>(&self, channel: S, request: Request<Body>) -> Response<Body>
    where
        S: Service<Request<Body>, Response = Response<Body>> + Clone,
        S::Error: std::fmt::Display,
    {
        let asked = timeout::of(request.headers());
        let until = Instant::now() + asked.unwrap_or(self.patience.call_time);
        let Ok(Ok(_permit)) = timeout_at(until, self.under_way.acquire()).await else {
            return too_late().into_http();
        };
        let path = request.uri().path();
        let outcome = if self.may_repeat(path) {
            self.insist(channel, request, until).await
        } else {
            // A stream that is told a deadline may be ended by it.
            let told = asked.is_some() || methods::is_unary(path);
            self.once(channel, request, until, told).await
        };
        outcome.unwrap_or_else(Status::into_http)
    }

    fn may_repeat(&self, path: &str) -> bool {
        let wanted = match self.patience.repeats {
            Repeats::Nothing => false,
            Repeats::Reads => methods::is_read(path),
            Repeats::Unary => true,
        };
        wanted && methods::is_unary(path)
    }

    /// Tries until it is answered, the time is over or the budget spent.
    async fn insist<S>(
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
            let outcome = match self.once(channel.clone(), again, until, true).await {
                Ok(answer) => self.whole(answer, until).await,
                Err(status) => Err(status),
            };
            tries += 1;
            if !is_unavailable(&outcome) {
                self.earn();
                return outcome;
            }
            let pause = pause(tries);
            if tries >= self.patience.tries_max
                || !self.spend()
                || until.saturating_duration_since(Instant::now()) <= pause
            {
                return outcome;
            }
            tracing::debug!(called = self.called, tries, "unavailable, will ask again");
            tokio::time::sleep(pause).await;
        }
    }

    async fn once<S>(
        &self,
        channel: S,
        mut request: Request<Body>,
        until: Instant,
        told: bool,
    ) -> Result<Response<Body>, Status>
    where
        S: Service<Request<Body>, Response = Response<Body>>,
        S::Error: std::fmt::Display,
    {
        let left = until.saturating_duration_since(Instant::now());
        if told && let Ok(value) = HeaderValue::from_str(&timeout::written(left)) {
            request.headers_mut().insert(timeout::HEADER, value);
        }
        match timeout_at(until, channel.oneshot(request)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) if Instant::now() >= until => Err(too_late()),
            Ok(Err(error)) => Err(self.silent(&error)),
            Err(_) => Err(too_late()),
        }
    }

    /// The answer to its end: one that breaks off is none.
    async fn whole(
        &self,
        answer: Response<Body>,
        until: Instant,
    ) -> Result<Response<Body>, Status> {
        let (parts, body) = answer.into_parts();
        let body = Limited::new(body, limits::ANSWER_BYTES_MAX).collect();
        match timeout_at(until, body).await {
            Ok(Ok(body)) => {
                let unavailable = body.trailers().is_some_and(says_unavailable);
                if unavailable {
                    return Err(self.silent(&"it says that it is unavailable"));
                }
                Ok(Response::from_parts(parts, Body::new(body)))
            }
            Ok(Err(error)) => Err(self.silent(&error)),
            Err(_) => Err(too_late()),
        }
    }

    fn silent(&self, error: &dyn std::fmt::Display) -> Status {
        let (called, setting) = (&self.called, &self.setting);
        unavailable(format!(
            "{called} does not answer ({error}); is it running, and is {setting} right?"
        ))
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
        let most = i64::from(self.patience.budget) * TENTHS;
        let more = |tenths: i64| Some((tenths + 1).min(most));
        let _ = self
            .budget
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, more);
    }
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
pub(crate) fn pause(tries: u32) -> Duration {
    let doubled = 2_u32.saturating_pow(tries.saturating_sub(1));
    let longest = limits::PAUSE
        .saturating_mul(doubled)
        .min(limits::WATCH_PAUSE_MAX);
    longest.mul_f64(rand::rng().random_range(0.5..1.0))
}

#[cfg(test)]
mod tests;
