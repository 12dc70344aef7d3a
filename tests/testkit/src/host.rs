//! A gRPC server inside the test, over the in-process listener: tokens, deadlines and statuses are
//! those of production; only the port is missing.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tonic::metadata::MetadataValue;
use tonic::service::interceptor::InterceptedService;
use tonic::service::{Interceptor, Routes};
use tonic::transport::Channel;
use tonic::{Request, Status};
use visits_core::{Actor, Clock, SignedDuration};
use visits_runtime::auth::{Issuer, Verifier};
use visits_runtime::peers::ServiceToken;
use visits_runtime::server::Listeners;
use visits_runtime::{LocalListener, Peers, Server, to_status};

use crate::Bench;

/// A server in the making, and the way to it.
pub struct Host {
    issuer: Arc<Issuer>,
    clock: Arc<dyn Clock>,
    channel: Channel,
    listener: Option<LocalListener>,
    stop: CancellationToken,
    /// Cancelled when the server begins to stop; services take a clone.
    pub going_away: CancellationToken,
}

impl Host {
    /// A host at the time of the bench's clock. Nothing is served yet, but peers and callers can
    /// be made: they connect at their first call.
    #[must_use]
    pub fn new(bench: &Bench) -> Self {
        let listener = LocalListener::new();
        Self {
            issuer: Arc::new(Issuer::from_seed(&[7; 32]).expect("an issuer")),
            clock: bench.shared_clock(),
            channel: listener.channel(),
            listener: Some(listener),
            stop: CancellationToken::new(),
            going_away: CancellationToken::new(),
        }
    }

    /// The way of `service` to everything on this host.
    #[must_use]
    pub fn peers(&self, service: &str) -> Peers {
        let token = ServiceToken::new(service, self.issuer.clone(), self.clock.clone());
        Peers::local(self.channel.clone(), token)
    }

    /// Serves all of `routes` until the host is dropped.
    pub fn serve(&mut self, routes: impl IntoIterator<Item = Routes>) {
        let verifier = Arc::new(Verifier::new([self.issuer.trusted()]));
        let mut server = Server::new(verifier, self.clock.clone(), self.going_away.clone());
        for routes in routes {
            server = server.add(routes, &[]);
        }
        let listeners = Listeners {
            tcp: None,
            local: self.listener.take(),
        };
        assert!(listeners.local.is_some(), "a host serves once");
        let stop = self.stop.clone();
        tokio::spawn(async move { server.serve(listeners, stop).await });
    }

    /// A channel whose calls carry a token of `actor`, new for each call.
    #[must_use]
    pub fn caller(&self, actor: Actor) -> InterceptedService<Channel, Bearer> {
        let bearer = Bearer {
            issuer: self.issuer.clone(),
            clock: self.clock.clone(),
            actor,
        };
        InterceptedService::new(self.channel.clone(), bearer)
    }

    /// A channel whose calls carry no token.
    #[must_use]
    pub fn stranger(&self) -> Channel {
        self.channel.clone()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Puts a token of one actor on each call.
#[derive(Clone)]
pub struct Bearer {
    issuer: Arc<Issuer>,
    clock: Arc<dyn Clock>,
    actor: Actor,
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let lifetime = SignedDuration::from_mins(5);
        let token = self
            .issuer
            .sign(&self.actor, lifetime, self.clock.now())
            .map_err(to_status)?;
        let header = MetadataValue::try_from(format!("Bearer {token}"))
            .map_err(|_| Status::internal("a token that is no header value"))?;
        request.metadata_mut().insert("authorization", header);
        Ok(request)
    }
}
