//! The services of a process: all five on databases in one folder and the in-process bus, or some
//! of them among other processes (docs/backbone.md). An in-process listener lets those that live
//! here call each other as they call the rest over the network.
//!
//! `visits serve` adds a port and lets the loops run by themselves. Tests and the demo bring a
//! clock and an identifier source of their own and drive the loops by [`Host::settle`]; nothing
//! else differs.

mod console;

use std::fs::File;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::transport::Channel;
use visits_core::{Actor, Clock, Fault, IdSource, Timestamp, kill_point};
use visits_durable::{Durable, Health, ServiceParts, Workers};
use visits_runtime::auth::{Identity, Issuer, OutsideIssuer, Verifier};
use visits_runtime::operations::GRPC_SERVICE;
use visits_runtime::peers::ServiceToken;
use visits_runtime::server::Listeners;
use visits_runtime::settings::Settings;
use visits_runtime::{AuthenticatedChannel, Built, LocalListener, Server};

use crate::buses::Buses;
use crate::checkpoints::{AuditConfig, Checkpoints};
use crate::config::ServerConfig;
use crate::deployment::Deployment;
use crate::services::{self, Opening};
use crate::{figures, folder, operations, readiness, reasons};

/// What a caller inside this process waits for at most: it may be an import.
const CALL_TIME: Duration = Duration::from_secs(600);
/// What a host is opened with.
#[derive(Debug)]
pub struct HostOptions {
    /// The folder that holds everything; made if it isn't there.
    pub data: PathBuf,
    /// The configuration.
    pub settings: Settings,
    /// Where instants come from.
    pub clock: Arc<dyn Clock>,
    /// Where identifiers come from.
    pub ids: Arc<dyn IdSource>,
}

/// The services of this process, open and reachable inside it.
pub struct Host {
    durables: Vec<Durable>,
    names: Vec<&'static str>,
    workers: Workers,
    buses: Buses,
    checkpoints: Checkpoints,
    server: Server,
    channel: Channel,
    issuer: Arc<Issuer>,
    clock: Arc<dyn Clock>,
    config: ServerConfig,
    /// Who issues people's tokens.
    identity: Identity,
    data: PathBuf,
    console_database: Option<String>,
    tracker: TaskTracker,
    stop_port: CancellationToken,
    stop_loops: CancellationToken,
    stop_inside: CancellationToken,
    port: Mutex<Option<JoinHandle<Result<(), Fault>>>>,
    /// When it was told to stop.
    stopping: OnceLock<Instant>,
    inside: JoinHandle<Result<(), Fault>>,
    /// Held while this process uses the folder.
    _lock: File,
}

/// Believes our own key, and the issuer of people's tokens if there is one.
fn verifier(issuer: &Issuer, identity: &Identity) -> Result<Arc<Verifier>, Fault> {
    let people = identity
        .is_given()
        .then(|| OutsideIssuer::new(identity.clone()))
        .transpose()?;
    let verifier = Verifier::new([issuer.trusted()]);
    Ok(Arc::new(verifier.with_people_from(people)))
}

fn new_server(
    config: &ServerConfig,
    verifier: Arc<Verifier>,
    clock: &Arc<dyn Clock>,
    going_away: CancellationToken,
) -> Server {
    let server = Server::new(verifier, clock.clone(), going_away)
        .descriptors(visits_proto::DESCRIPTORS)
        .call_time(config.call_time())
        .drain_time(config.drain_time());
    if config.reflection {
        server
    } else {
        server.without_reflection()
    }
}

/// The services of a process, before anybody can reach them.
struct Held {
    server: Server,
    workers: Workers,
    durables: Vec<Durable>,
}

impl Held {
    async fn of(
        built: Vec<Built<ServiceParts>>,
        mut server: Server,
        buses: &mut Buses,
    ) -> Result<Self, Fault> {
        let mut workers = Workers::new();
        let mut durables = Vec::new();
        for service in built {
            server = server.add(service.routes, &service.services);
            if let Some(pages) = service.pages {
                server = server.pages(pages);
            }
            let durable = service.parts.durable.clone();
            workers
                .add(service.parts, buses.of(durable.service()))
                .await?;
            durables.push(durable);
        }
        let operations = operations::routes(&durables);
        Ok(Self {
            server: server
                .add(operations, &[GRPC_SERVICE, readiness::BUS])
                .pages(reasons::page()?),
            workers,
            durables,
        })
    }
}

impl Host {
    /// Opens the services that the settings name, bringing their tables up to date. The loops
    /// stand still until [`Host::spawn_workers`] or [`Host::settle`].
    ///
    /// # Errors
    /// `WrongState` if another process uses the folder or an audit lacks its last checkpoint, `Transient` if a database does not answer,
    /// `Fatal` if something can't be opened.
    pub async fn open(options: HostOptions) -> Result<Self, Fault> {
        let settings = &options.settings;
        let config: ServerConfig = settings.section("server").map_err(Fault::from)?;
        let identity: Identity = settings.section(Identity::SECTION)?;
        let audit: AuditConfig = settings.section(AuditConfig::SECTION)?;
        let deployment = Deployment::read(settings)?;
        let data = folder::make(&options.data)?;
        let lock = folder::lock(&data)?;
        let issuer = Arc::new(deployment.tokens().issuer(&data)?);
        let listener = LocalListener::new();
        let channel = listener.channel();
        let going_away = CancellationToken::new();
        let built = services::open(&Opening {
            data: &data,
            settings,
            deployment: &deployment,
            clock: options.clock.clone(),
            ids: options.ids,
            issuer: issuer.clone(),
            channel: channel.clone(),
            resume: deployment.tokens().resume_tokens(&data)?,
            going_away: going_away.clone(),
        })
        .await?;

        let verifier = verifier(&issuer, &identity)?;
        let server = new_server(&config, verifier, &options.clock, going_away);
        let stop_loops = CancellationToken::new();
        let mut buses = Buses::new(deployment.bus_url(), stop_loops.clone());
        let Held {
            server,
            workers,
            durables,
        } = Held::of(built, server, &mut buses).await?;
        let kept = (issuer.clone(), options.clock.clone());
        let checkpoints = Checkpoints::new(&audit, &data, kept, durables.clone());
        checkpoints.hold().await?;
        let stop_inside = CancellationToken::new();
        let listeners = Listeners {
            tcp: None,
            local: Some(listener),
        };
        let inside = tokio::spawn(server.clone().serve(listeners, stop_inside.clone()));
        Ok(Self {
            names: durables.iter().map(Durable::service).collect(),
            durables,
            workers,
            buses,
            checkpoints,
            server,
            channel,
            issuer,
            clock: options.clock,
            config,
            identity,
            data,
            console_database: deployment.given_database(crate::console::DATABASE),
            tracker: TaskTracker::new(),
            stop_port: CancellationToken::new(),
            stop_loops,
            stop_inside,
            port: Mutex::new(None),
            stopping: OnceLock::new(),
            inside,
            _lock: lock,
        })
    }

    /// The services' names.
    #[must_use]
    pub fn services(&self) -> &[&'static str] {
        &self.names
    }

    /// Serves on a port too, whose health says of each service whether its database answers.
    pub fn listen(&self, listener: TcpListener) {
        let listeners = Listeners {
            tcp: Some(listener),
            local: None,
        };
        let stop = self.stop_port.clone();
        let (server, durables) = (self.server.clone(), self.durables.clone());
        let watched = async move {
            let watch = readiness::watch(&server, &durables);
            stop.run_until_cancelled(Box::pin(watch)).await;
        };
        self.tracker.spawn(watched);
        let served = self.server.clone().serve(listeners, self.stop_port.clone());
        let mut port = self.port.lock().unwrap_or_else(PoisonError::into_inner);
        *port = Some(tokio::spawn(served));
    }

    /// Lets the loops run by themselves.
    pub fn spawn_workers(&self) {
        self.workers.spawn(&self.tracker, &self.stop_loops);
        let checkpoints = self.checkpoints.clone();
        self.tracker
            .spawn(checkpoints.go_on(self.stop_loops.clone()));
        let figures = figures::go_on(self.durables.clone(), self.stop_loops.clone());
        self.tracker.spawn(figures);
    }

    /// Runs the loops until none has anything left to do at the present instant.
    ///
    /// # Errors
    /// What a loop could not do.
    pub async fn settle(&self) -> Result<(), Fault> {
        self.workers.settle().await
    }

    /// When the next timer of any service is due.
    ///
    /// # Errors
    /// `Transient` if a database can't be read.
    pub async fn next_due(&self) -> Result<Option<Timestamp>, Fault> {
        self.workers.next_due().await
    }

    /// Derives again what must exist; any repair is a fault elsewhere.
    ///
    /// # Errors
    /// What a sweep could not do.
    pub async fn sweep(&self) -> Result<u64, Fault> {
        self.workers.sweep().await
    }

    /// What is left to do, service by service.
    ///
    /// # Errors
    /// `Transient` if a database can't be read.
    pub async fn health(&self) -> Result<Vec<(&'static str, Health)>, Fault> {
        let mut all = Vec::new();
        for durable in &self.durables {
            all.push((durable.service(), durable.health().await?));
        }
        Ok(all)
    }

    /// A channel inside this process whose calls come from `actor`.
    #[must_use]
    pub fn channel_as(&self, actor: Actor) -> AuthenticatedChannel {
        let token = ServiceToken::speaking_for(actor, self.issuer.clone(), self.clock.clone());
        token.within(CALL_TIME).on(self.channel.clone())
    }

    /// A channel inside this process whose calls carry no token: to the public pages.
    #[must_use]
    pub fn public_channel(&self) -> Channel {
        self.channel.clone()
    }

    /// The services' durable sides: for the demo and for tests, which read audits and feeds.
    #[must_use]
    pub fn durables(&self) -> &[Durable] {
        &self.durables
    }

    /// The development issuer of the folder.
    #[must_use]
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// Serves until `stop` is done, then stops the port in R12's order.
    ///
    /// # Errors
    /// `Fatal` if the port failed before.
    pub async fn until_stopped(&self, stop: impl Future<Output = ()>) -> Result<(), Fault> {
        let port = {
            let mut port = self.port.lock().unwrap_or_else(PoisonError::into_inner);
            port.take()
        };
        let Some(mut port) = port else {
            stop.await;
            return Ok(());
        };
        tokio::select! {
            () = stop => {}
            failed = &mut port => return joined(failed),
        }
        self.stopping.get_or_init(Instant::now);
        self.stop_port.cancel();
        joined(port.await)
    }

    /// Stops loops and listeners and closes the databases. What is still at work when the time to
    /// stop is over is left behind: what it had committed stands, the rest is done at next start.
    ///
    /// # Errors
    /// `Fatal` if a database can't be closed.
    pub async fn close(self) -> Result<(), Fault> {
        self.stop_port.cancel();
        self.stop_loops.cancel();
        self.tracker.close();
        let end = *self.stopping.get_or_init(Instant::now) + self.config.stop_time();
        let closed = timeout_at(end, async {
            self.tracker.wait().await;
            kill_point("shutdown.loops.after");
            self.buses.stopped().await;
            self.stop_inside.cancel();
            // Our own channel to the inside keeps its connection open: nobody calls any more.
            drop(self.channel);
            self.inside.abort();
            for durable in &self.durables {
                durable.close().await?;
            }
            Ok(())
        });
        closed.await.unwrap_or_else(|_| {
            tracing::warn!("something was still at work when the time to stop was over");
            Ok(())
        })
    }
}

fn joined(ended: Result<Result<(), Fault>, tokio::task::JoinError>) -> Result<(), Fault> {
    ended.unwrap_or_else(|error| Err(Fault::fatal(format!("server task: {error}"))))
}
