//! A caller that insists: the same request under the same id until it is answered.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::sync::watch;
use tonic::{Code, Response, Status};
use tonic_types::StatusExt as _;
use visits::client::{CallerChannel, Client};
use visits_core::{Actor, IdSource as _, RandomIds, Role, SignedDuration};
use visits_runtime::auth::Issuer;

use crate::serve::ClockFile;

const TOKEN_LIFETIME: SignedDuration = SignedDuration::from_hours(24 * 30);
const CALL_TIME: Duration = Duration::from_secs(20);
/// How long a caller waits for another process before it tries the same one again.
const PATIENCE: Duration = Duration::from_millis(200);

/// Where the service is at the moment; nowhere while it is down. Counts the processes.
pub type Whereabouts = watch::Receiver<Option<(u64, String)>>;

/// One sending of a request.
#[derive(Clone, Copy, Debug)]
pub struct Attempt {
    /// Whom it was for.
    pub label: &'static str,
    /// When it was sent.
    pub sent: Instant,
    /// When it was over.
    pub over: Instant,
    /// Whether the service answered it: a refusal is an answer.
    pub answered: bool,
}

/// What everybody counts together.
#[derive(Debug, Default)]
pub struct Counters {
    sent: watch::Sender<u64>,
    answered: watch::Sender<u64>,
    retries: AtomicU64,
    attempts: Mutex<Vec<Attempt>>,
}

impl Counters {
    /// How many requests have been sent: changes the moment before each is.
    #[must_use]
    pub fn sent(&self) -> watch::Receiver<u64> {
        self.sent.subscribe()
    }

    /// How many requests a service has answered.
    #[must_use]
    pub fn answered(&self) -> watch::Receiver<u64> {
        self.answered.subscribe()
    }

    /// Every sending of every request so far.
    #[must_use]
    pub fn attempts(&self) -> Vec<Attempt> {
        let attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        attempts.clone()
    }

    fn note(&self, attempt: Attempt) {
        {
            let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
            attempts.push(attempt);
        }
        if attempt.answered {
            self.answered.send_modify(|count| *count += 1);
        }
    }

    /// How many requests had to be sent again.
    #[must_use]
    pub fn retries(&self) -> u64 {
        self.retries.load(Ordering::SeqCst)
    }
}

/// What everybody who calls needs.
#[derive(Clone, Debug)]
pub struct World {
    /// The data folder, which has the key for tokens.
    pub data: PathBuf,
    /// The clock.
    pub clock: ClockFile,
    /// Where the service is.
    pub whereabouts: Whereabouts,
    /// What is counted.
    pub counters: Arc<Counters>,
    /// Which service this is about, in what is counted.
    pub label: &'static str,
}

impl World {
    /// A new request id.
    ///
    /// # Errors
    /// If the clock can't be read.
    pub fn request_id(&self) -> anyhow::Result<String> {
        Ok(RandomIds.next(self.clock.now()?).to_string())
    }
}

/// One caller.
#[derive(Debug)]
pub struct Caller {
    world: World,
    actor: Actor,
    way: Option<(u64, CallerChannel)>,
}

impl Caller {
    /// A caller with this principal and role.
    #[must_use]
    pub fn new(world: &World, principal: &str, role: Role) -> Self {
        Self {
            world: world.clone(),
            actor: Actor::new(principal, role),
            way: None,
        }
    }

    /// The principal.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.actor.principal
    }

    /// Sends a request until it is answered; how often it was sent, and the answer: a refusal is
    /// one, a lost connection is none.
    ///
    /// # Errors
    /// If there will be no service any more.
    pub async fn insist<T, F>(&mut self, call: F) -> anyhow::Result<(u32, Result<T, Status>)>
    where
        F: AsyncFn(CallerChannel) -> Result<Response<T>, Status>,
    {
        self.insist_unless(|status| status.code() == Code::Aborted, call)
            .await
    }

    /// As [`Caller::insist`], for a request that says what was read: that it changed meanwhile is
    /// an answer then.
    ///
    /// # Errors
    /// As [`Caller::insist`].
    pub async fn insist_as_read<T, F>(
        &mut self,
        call: F,
    ) -> anyhow::Result<(u32, Result<T, Status>)>
    where
        F: AsyncFn(CallerChannel) -> Result<Response<T>, Status>,
    {
        self.insist_unless(|_| false, call).await
    }

    async fn insist_unless<T, F>(
        &mut self,
        passes: fn(&Status) -> bool,
        call: F,
    ) -> anyhow::Result<(u32, Result<T, Status>)>
    where
        F: AsyncFn(CallerChannel) -> Result<Response<T>, Status>,
    {
        let mut sent = 0;
        loop {
            let channel = self.channel(Some(CALL_TIME)).await?;
            sent += 1;
            self.world.counters.sent.send_modify(|count| *count += 1);
            let begun = Instant::now();
            let outcome = call(channel).await;
            let answered = outcome.as_ref().err().is_none_or(is_answer);
            self.world.counters.note(Attempt {
                label: self.world.label,
                sent: begun,
                over: Instant::now(),
                answered,
            });
            match outcome {
                Ok(answer) => return Ok((sent, Ok(answer.into_inner()))),
                Err(status) if answered && !passes(&status) => return Ok((sent, Err(status))),
                Err(_) => {}
            }
            self.world.counters.retries.fetch_add(1, Ordering::SeqCst);
            self.lost().await;
        }
    }

    /// A channel to the service as it is now.
    ///
    /// # Errors
    /// If there will be no service any more.
    pub async fn channel(&mut self, time: Option<Duration>) -> anyhow::Result<CallerChannel> {
        if let Some((_, channel)) = self.way.as_ref().filter(|_| !self.is_elsewhere()) {
            return Ok(channel.clone());
        }
        let now = self.world.whereabouts.wait_for(Option::is_some).await;
        let (process, address) = now?.clone().context("the service is somewhere")?;
        let issuer = Issuer::existing(&self.world.data)?;
        let token = issuer.sign(&self.actor, TOKEN_LIFETIME, self.world.clock.now()?)?;
        // This caller counts its tries itself.
        let client = Client::of(address).token(token).without_retries();
        let client = client.call_time(time.unwrap_or(CALL_TIME)).lazily()?;
        let channel = client.channel("any");
        self.way = Some((process, channel.clone()));
        Ok(channel)
    }

    /// Whether another process is meant to be called now.
    fn is_elsewhere(&self) -> bool {
        let now = self.world.whereabouts.borrow();
        match (now.as_ref(), &self.way) {
            (Some((now, _)), Some((before, _))) => now != before,
            _ => false,
        }
    }

    /// Resolves when another process is meant to be called than the one that was.
    pub async fn moved(&mut self) {
        while !self.is_elsewhere() {
            if self.world.whereabouts.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// The connection is lost: waits a little for another process, and forgets the way.
    pub async fn lost(&mut self) {
        let before = self.way.take().map(|(process, _)| process);
        let moved = self.world.whereabouts.wait_for(|place| {
            let process = place.as_ref().map(|(process, _)| *process);
            process.is_some() && process != before
        });
        let _ = tokio::time::timeout(PATIENCE, moved).await;
    }
}

/// Whether the service itself has answered, and not that it can't at the moment.
fn is_answer(status: &Status) -> bool {
    // Between services a token lives for minutes only: time that is moved ahead may outrun one.
    let passes = matches!(
        status.code(),
        Code::Unavailable
            | Code::DeadlineExceeded
            | Code::ResourceExhausted
            | Code::Internal
            | Code::Unauthenticated
    );
    status.get_details_error_info().is_some() && !passes
}

/// The stable reason of a refusal.
#[must_use]
pub fn reason(status: &Status) -> String {
    status
        .get_details_error_info()
        .map_or_else(|| format!("{:?}", status.code()), |info| info.reason)
}
