//! The gRPC server of a process: health, reflection, limits, deadlines, tokens, and the way to
//! stop (R12).

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::transport::server::TcpIncoming;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;
use visits_core::{Clock, Fault, kill_point};

use crate::auth::{AuthLayer, AuthService, Verifier};
use crate::deadline::{DeadlineLayer, DeadlineService};
use crate::deps::Pages;
use crate::limits;
use crate::local::LocalListener;
use crate::trace::TraceService;

/// A server in the making: services are added, then it is served. A clone serves the same handlers
/// elsewhere.
#[derive(Clone, Debug)]
pub struct Server {
    routes: Routes,
    pages: Option<Routes>,
    services: Vec<&'static str>,
    descriptors: Vec<&'static [u8]>,
    public: Vec<&'static str>,
    verifier: Arc<Verifier>,
    clock: Arc<dyn Clock>,
    going_away: CancellationToken,
    call_time: Duration,
    drain_time: Duration,
    reflection: bool,
    health: HealthReporter,
}

/// Where a server accepts connections.
#[derive(Debug, Default)]
pub struct Listeners {
    /// A port.
    pub tcp: Option<TcpListener>,
    /// The services of this process.
    pub local: Option<LocalListener>,
}

impl Server {
    /// A server that believes `verifier`, and cancels `going_away` when it begins to stop.
    #[must_use]
    pub fn new(
        verifier: Arc<Verifier>,
        clock: Arc<dyn Clock>,
        going_away: CancellationToken,
    ) -> Self {
        Self {
            routes: Routes::default(),
            pages: None,
            services: Vec::new(),
            descriptors: Vec::new(),
            public: Vec::new(),
            verifier,
            clock,
            going_away,
            call_time: limits::MAX_CALL_TIME,
            drain_time: limits::DRAIN_TIME,
            reflection: true,
            health: HealthReporter::new(),
        }
    }

    /// Adds the descriptor set that reflection shows and that says which methods stream.
    #[must_use]
    pub fn descriptors(mut self, encoded: &'static [u8]) -> Self {
        self.descriptors.push(encoded);
        self
    }

    /// Adds a service's routes under the names that grpc.health.v1 answers for.
    #[must_use]
    pub fn add(mut self, routes: Routes, services: &[&'static str]) -> Self {
        self.routes = merged(std::mem::take(&mut self.routes), routes);
        self.services.extend_from_slice(services);
        self
    }

    /// Adds public pages, which need no token.
    #[must_use]
    pub fn pages(mut self, pages: Pages) -> Self {
        self.pages = Some(match self.pages.take() {
            Some(so_far) => merged(so_far, pages.routes),
            None => pages.routes,
        });
        self.public.extend_from_slice(pages.prefixes);
        self
    }

    /// Turns reflection off, as in production.
    #[must_use]
    pub const fn without_reflection(mut self) -> Self {
        self.reflection = false;
        self
    }

    /// The longest time of a unary call.
    #[must_use]
    pub const fn call_time(mut self, time: Duration) -> Self {
        self.call_time = time;
        self
    }

    /// How long calls under way have when the server stops.
    #[must_use]
    pub const fn drain_time(mut self, time: Duration) -> Self {
        self.drain_time = time;
        self
    }

    /// Says whether a service can serve at the moment, or with the empty name the whole process:
    /// grpc.health.v1 passes it on.
    pub async fn report(&self, service: &str, serves: bool) {
        let status = if serves {
            ServingStatus::Serving
        } else {
            ServingStatus::NotServing
        };
        self.health.set_service_status(service, status).await;
    }

    /// Serves on `listeners` until `stop` is cancelled; then, in this order: health says
    /// NOT_SERVING, nothing more is accepted, each stream sends its last message, calls under way
    /// end. After the drain time it returns whatever is still open (R12).
    ///
    /// # Errors
    /// `Fatal` if reflection can't be built or a listener fails.
    pub async fn serve(self, listeners: Listeners, stop: CancellationToken) -> Result<(), Fault> {
        let mut health = self.health.clone();
        let mut names = vec![""];
        names.extend_from_slice(&self.services);
        for name in &names {
            health
                .set_service_status(name, ServingStatus::Serving)
                .await;
        }
        let (drain_time, going_away) = (self.drain_time, self.going_away.clone());
        let (server, routes) = self.assemble(&health)?;
        let mut serving = tokio::task::JoinSet::new();
        let quiet = CancellationToken::new();
        if let Some(tcp) = listeners.tcp {
            let mut server = limited(server.clone());
            let (routes, quiet) = (routes.clone(), quiet.clone());
            // Without it an answer waits for the acknowledgement of the one before: 40 ms.
            let incoming = TcpIncoming::from(tcp).with_nodelay(Some(true));
            serving.spawn(async move {
                let router = server.add_routes(routes);
                router
                    .serve_with_incoming_shutdown(incoming, quiet.cancelled_owned())
                    .await
            });
        }
        if let Some(local) = listeners.local {
            let (mut server, quiet) = (server, quiet.clone());
            serving.spawn(async move {
                let router = server.add_routes(routes);
                router
                    .serve_with_incoming_shutdown(local.into_incoming(), quiet.cancelled_owned())
                    .await
            });
        }
        tokio::select! {
            () = stop.cancelled() => {}
            ended = serving.join_next() => return outcome(ended),
        }
        for name in &names {
            health
                .set_service_status(name, ServingStatus::NotServing)
                .await;
        }
        kill_point("shutdown.not_serving.after");
        quiet.cancel();
        going_away.cancel();
        kill_point("shutdown.going_away.after");
        // A client that watches our health holds a stream open: forgetting the name ends it.
        for name in &names {
            health.clear_service_status(name).await;
        }
        let drained = tokio::time::timeout(drain_time, async {
            while let Some(ended) = serving.join_next().await {
                outcome(Some(ended))?;
            }
            Ok(())
        });
        drained.await.unwrap_or_else(|_| {
            tracing::warn!("calls were still under way when the time to drain ended");
            serving.abort_all();
            Ok(())
        })
    }

    fn assemble(self, health: &HealthReporter) -> Result<(Guarded, Routes), Fault> {
        let mut routes =
            self.routes
                .add_service(tonic_health::pb::health_server::HealthServer::new(
                    tonic_health::server::HealthService::from_health_reporter(health.clone()),
                ));
        if self.reflection {
            let mut reflection = tonic_reflection::server::Builder::configure()
                .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET);
            for encoded in &self.descriptors {
                reflection = reflection.register_encoded_file_descriptor_set(encoded);
            }
            let reflection = reflection
                .build_v1()
                .map_err(|error| Fault::fatal(format!("reflection: {error}")))?;
            routes = routes.add_service(reflection);
        }
        if let Some(pages) = self.pages {
            let pages = pages.into_axum_router();
            routes = Routes::from(routes.into_axum_router().fallback_service(pages));
        }
        let mut streaming = streaming_methods(tonic_health::pb::FILE_DESCRIPTOR_SET)?;
        streaming.insert("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo".to_owned());
        for encoded in &self.descriptors {
            streaming.extend(streaming_methods(encoded)?);
        }
        let guard = Guard {
            deadline: DeadlineLayer::new(self.call_time).streaming(streaming),
            auth: AuthLayer::new(self.verifier, self.clock).public(self.public.iter().copied()),
        };
        let server = tonic::transport::Server::builder()
            .accept_http1(!self.public.is_empty())
            .http2_max_header_list_size(limits::MAX_HEADER_LIST_BYTES)
            .layer(guard);
        Ok((server, routes))
    }
}

/// Both sides answer what they don't know; one such answer is enough.
fn merged(so_far: Routes, added: Routes) -> Routes {
    let added = added.into_axum_router().reset_fallback();
    Routes::from(so_far.into_axum_router().merge(added))
}

/// What holds for strangers only: the services of this process share one connection, over which
/// one's call may wait for another's.
fn limited(server: Guarded) -> Guarded {
    server
        .concurrency_limit_per_connection(limits::MAX_CALLS_PER_CONNECTION)
        .max_concurrent_streams(limits::MAX_STREAMS_PER_CONNECTION)
        .http2_keepalive_interval(Some(limits::KEEPALIVE_INTERVAL))
        .http2_keepalive_timeout(Some(limits::KEEPALIVE_TIMEOUT))
}

type Guarded =
    tonic::transport::Server<tower::layer::util::Stack<Guard, tower::layer::util::Identity>>;
type Ended = Result<Result<(), tonic::transport::Error>, tokio::task::JoinError>;

fn outcome(ended: Option<Ended>) -> Result<(), Fault> {
    match ended {
        None | Some(Ok(Ok(()))) => Ok(()),
        Some(Ok(Err(error))) => Err(Fault::fatal(format!("server: {error}"))),
        Some(Err(error)) => Err(Fault::fatal(format!("server task: {error}"))),
    }
}

fn streaming_methods(encoded: &[u8]) -> Result<HashSet<String>, Fault> {
    visits_client::methods::streaming(encoded)
        .map_err(|error| Fault::fatal(format!("descriptor set: {error}")))
}

/// The trace around the deadline around the token check around the handlers.
#[derive(Clone, Debug)]
struct Guard {
    deadline: DeadlineLayer,
    auth: AuthLayer,
}

impl<S> tower::Layer<S> for Guard {
    type Service = TraceService<DeadlineService<AuthService<S>>>;

    fn layer(&self, inner: S) -> Self::Service {
        TraceService::new(self.deadline.layer(self.auth.layer(inner)))
    }
}
