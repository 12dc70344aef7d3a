//! The way to the other services: a channel each, a short service token on every call, what is
//! left of the caller's time (R13), and the trace (R-EVT-7). The patience is every client's.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};
use visits_client::token::{carry_trace, header};
use visits_client::{Patience, PatientChannel, Repeats, tuned};
use visits_core::{Actor, Clock, Fault, FieldViolation, SignedDuration, Timestamp};

use crate::auth::Issuer;
use crate::deadline;
use crate::limits;
use crate::status::to_status;

/// How long a service token is good for.
const TOKEN_LIFETIME: SignedDuration = SignedDuration::from_mins(5);
/// A token is replaced while it still has this long to go.
const TOKEN_MARGIN: SignedDuration = SignedDuration::from_mins(1);

/// A channel whose calls carry this service's token and the caller's remaining time.
pub type AuthenticatedChannel = InterceptedService<PatientChannel, ServiceToken>;

/// The other services, as one service reaches them.
#[derive(Clone, Debug)]
pub struct Peers {
    /// The services of this process, all behind one channel.
    local: Channel,
    /// A channel to each that another process holds.
    remote: Arc<BTreeMap<String, PatientChannel>>,
    token: ServiceToken,
}

impl Peers {
    /// All peers behind `channel`, as [`crate::LocalListener::channel`] gives it.
    #[must_use]
    pub fn local(channel: Channel, token: ServiceToken) -> Self {
        Self {
            local: channel,
            remote: Arc::default(),
            token,
        }
    }

    /// The peers that other processes hold, each at its address: `scheduling` →
    /// `http://scheduling:7400`. Connects at first use.
    ///
    /// # Errors
    /// `InvalidInput` that names every address that is none.
    pub fn with_remote(self, addresses: &BTreeMap<String, String>) -> Result<Self, Fault> {
        let mut channels = BTreeMap::new();
        let mut violations = Vec::new();
        for (service, address) in addresses {
            match Endpoint::from_shared(address.clone()) {
                Ok(endpoint) => {
                    let channel = tuned(endpoint).connect_lazy();
                    channels.insert(service.clone(), patient(channel, service));
                }
                Err(error) => violations.push(FieldViolation::new(
                    format!("peers.{service}"),
                    format!("must be an address such as http://host:7400: {error}"),
                )),
            }
        }
        if violations.is_empty() {
            let remote = Arc::new(channels);
            Ok(Self { remote, ..self })
        } else {
            Err(Fault::invalid(violations))
        }
    }

    /// The channel to `service`: to its own process if it has an address, else within this one.
    #[must_use]
    pub fn channel(&self, service: &str) -> AuthenticatedChannel {
        let remote = self.remote.get(service).cloned();
        let channel = remote.unwrap_or_else(|| PatientChannel::direct(self.local.clone()));
        InterceptedService::new(channel, self.token.clone())
    }
}

/// One service asks another; what it does, it does itself. So reads are all that is repeated.
fn patient(channel: Channel, service: &str) -> PatientChannel {
    let patience = Patience {
        call_time: limits::PEER_CALL_TIME,
        repeats: Repeats::Reads,
        ..Patience::default()
    };
    PatientChannel::patient(channel, service, &format!("peers.{service}"), patience)
}

/// Puts a short token of this service on each call; made when needed and kept while it is good.
#[derive(Clone, Debug)]
pub struct ServiceToken {
    inner: Arc<Inner>,
    /// How long a call may take when this task works for nobody who waits.
    time: Duration,
}

#[derive(Debug)]
struct Inner {
    actor: Actor,
    issuer: Arc<Issuer>,
    clock: Arc<dyn Clock>,
    kept: Mutex<Option<Kept>>,
}

#[derive(Clone, Debug)]
struct Kept {
    header: MetadataValue<Ascii>,
    good_until: Timestamp,
}

impl ServiceToken {
    /// The tokens of `service`, signed by `issuer`.
    #[must_use]
    pub fn new(service: &str, issuer: Arc<Issuer>, clock: Arc<dyn Clock>) -> Self {
        Self::speaking_for(Actor::service(service), issuer, clock)
    }

    /// The tokens of `actor`, signed by `issuer`: for the demo and for tests, where one process
    /// plays everybody.
    #[must_use]
    pub fn speaking_for(actor: Actor, issuer: Arc<Issuer>, clock: Arc<dyn Clock>) -> Self {
        Self {
            inner: Arc::new(Inner {
                actor,
                issuer,
                clock,
                kept: Mutex::new(None),
            }),
            time: limits::PEER_CALL_TIME,
        }
    }

    /// `channel` with these tokens on its calls: for callers within the process.
    #[must_use]
    pub fn on(self, channel: Channel) -> AuthenticatedChannel {
        InterceptedService::new(PatientChannel::direct(channel), self)
    }

    /// Gives calls that nobody waits for so long.
    #[must_use]
    pub const fn within(mut self, time: Duration) -> Self {
        self.time = time;
        self
    }

    fn header(&self) -> Result<MetadataValue<Ascii>, Fault> {
        let inner = &self.inner;
        let now = inner.clock.now();
        let mut kept = inner
            .kept
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(kept) = kept.as_ref().filter(|kept| now < kept.good_until) {
            return Ok(kept.header.clone());
        }
        let token = inner.issuer.sign(&inner.actor, TOKEN_LIFETIME, now)?;
        let header = header(&token).map_err(|_| Fault::fatal("a token that is no header value"))?;
        let good_until = now + (TOKEN_LIFETIME - TOKEN_MARGIN);
        *kept = Some(Kept {
            header: header.clone(),
            good_until,
        });
        Ok(header)
    }
}

impl Interceptor for ServiceToken {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let left = deadline::remaining().unwrap_or(self.time);
        if left.is_zero() {
            return Err(to_status(deadline::exceeded()));
        }
        if !request.metadata().contains_key("grpc-timeout") {
            request.set_timeout(left);
        }
        let header = self.header().map_err(to_status)?;
        request.metadata_mut().insert("authorization", header);
        carry_trace(request.metadata_mut());
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Verifier;
    use visits_core::ManualClock;

    fn token(clock: &ManualClock) -> (ServiceToken, Verifier) {
        let issuer = Arc::new(Issuer::from_seed(&[3; 32]).expect("issuer"));
        let verifier = Verifier::new([issuer.trusted()]);
        let token = ServiceToken::new("letters", issuer, Arc::new(clock.clone()));
        (token, verifier)
    }

    fn bearer(token: &mut ServiceToken) -> String {
        let request = token.call(Request::new(())).expect("request");
        let value = request.metadata().get("authorization").expect("header");
        value.to_str().expect("text").to_owned()
    }

    #[test]
    fn a_service_token_is_kept_while_good_and_replaced_when_the_clock_jumps() {
        let clock = ManualClock::new("2020-10-23T12:00:00Z".parse().expect("instant"));
        let (mut token, verifier) = token(&clock);
        let first = bearer(&mut token);
        assert_eq!(bearer(&mut token), first);
        clock.advance(SignedDuration::from_hours(48));
        let second = bearer(&mut token);
        assert_ne!(second, first);
        let (_, jwt) = second.split_once(' ').expect("scheme");
        let actor = verifier.verify(jwt, clock.now()).expect("believed");
        assert_eq!(actor, Actor::service("letters"));
    }

    #[tokio::test]
    async fn every_address_at_fault_is_named() {
        let clock = ManualClock::new("2020-10-23T12:00:00Z".parse().expect("instant"));
        let addresses = BTreeMap::from([
            ("recording".to_owned(), "not an address".to_owned()),
            ("scheduling".to_owned(), "".to_owned()),
        ]);
        let nowhere = Endpoint::from_static("http://nowhere.invalid").connect_lazy();
        let peers = Peers::local(nowhere, token(&clock).0);
        let fault = peers.with_remote(&addresses).expect_err("two");
        let fields: Vec<_> = fault.violations.iter().map(|v| v.field.as_str()).collect();
        assert_eq!(fields, ["peers.recording", "peers.scheduling"]);
    }
}
