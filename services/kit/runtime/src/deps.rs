//! What a service is built from, and what building it gives.
//!
//! The store of a service is a type of `kit/durable`, which this crate must not know: it is a
//! parameter.

use tokio_util::sync::CancellationToken;
use tonic::service::Routes;

use crate::peers::Peers;
use crate::resume::ResumeTokens;

/// What a service is built from: `Deps<Durable, Policy>`.
#[derive(Clone, Debug)]
pub struct Deps<D, P> {
    /// Its own store.
    pub durable: D,
    /// The way to the other services.
    pub peers: Peers,
    /// Its business numbers.
    pub policy: P,
    /// Makes and reads the resume tokens of its watches.
    pub resume: ResumeTokens,
    /// Cancelled when the server begins to stop: each stream then sends its last message, with a
    /// resume token, and ends (R12).
    pub going_away: CancellationToken,
}

/// A service, ready to run: `Built<ServiceParts>`.
#[derive(Debug)]
pub struct Built<T> {
    /// Consumers, jobs and sweeps, for the workers.
    pub parts: T,
    /// Its gRPC service.
    pub routes: Routes,
    /// The full names of its gRPC services, for grpc.health.v1.
    pub services: Vec<&'static str>,
    /// Its public web pages, which need no token, if it has any.
    pub pages: Option<Pages>,
}

impl<T> Built<T> {
    /// A service without public pages.
    #[must_use]
    pub fn new(parts: T, routes: Routes, service: &'static str) -> Self {
        Self {
            parts,
            routes,
            services: vec![service],
            pages: None,
        }
    }

    /// Adds public pages: an `axum::Router`, and the prefixes with which the paths of all its pages
    /// begin.
    #[must_use]
    pub fn with_pages(
        mut self,
        prefixes: &'static [&'static str],
        router: impl Into<Routes>,
    ) -> Self {
        self.pages = Some(Pages {
            prefixes,
            routes: router.into(),
        });
        self
    }
}

/// Web pages that anybody may read.
#[derive(Clone, Debug)]
pub struct Pages {
    /// What every path of them starts with one of: `/schools/`, `/letters`.
    pub prefixes: &'static [&'static str],
    /// The pages.
    pub routes: Routes,
}
