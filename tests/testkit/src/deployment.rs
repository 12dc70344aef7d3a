//! A deployment of real processes, each service with its own database, among a broker and a
//! driven clock (R20).

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tempfile::TempDir;
use tonic::transport::{Channel, Endpoint};
use visits_core::{Actor, Clock as _, IdSource as _, ManualClock, RandomIds, Timestamp};
use visits_runtime::AuthenticatedChannel;
use visits_runtime::auth::Issuer;
use visits_runtime::peers::ServiceToken;

use crate::process::{Process, Start};
use crate::{ports, postgres, rabbit};

/// Every service.
pub const SERVICES: [&str; 5] = [
    "scheduling",
    "recording",
    "escalation",
    "letters",
    "insights",
];
/// Far longer than an event is under way, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Longer than any call: one may be an import.
const CALL_TIME: Duration = Duration::from_secs(60);

/// Finds the program of a service: its own, or `visits` for all of them.
pub type Program = fn(service: &str) -> PathBuf;

/// What all processes share.
pub struct Deployment {
    program: Program,
    folder: TempDir,
    ports: BTreeMap<&'static str, u16>,
    databases: BTreeMap<&'static str, String>,
    bus: String,
    collector: Option<String>,
    issuer: Arc<Issuer>,
    clock: ManualClock,
}

impl Deployment {
    /// Databases, a virtual host and keys; no process yet.
    ///
    /// # Errors
    /// If there is no place for it.
    pub async fn new(start: Timestamp, program: Program) -> anyhow::Result<Self> {
        let bus = tokio::task::spawn_blocking(rabbit::new_vhost).await?;
        Self::on_bus(start, program, bus).await
    }

    /// As [`Deployment::new`], at the broker with this URL.
    ///
    /// # Errors
    /// As [`Deployment::new`].
    pub async fn on_bus(start: Timestamp, program: Program, bus: String) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut databases = BTreeMap::new();
        let mut ports = BTreeMap::new();
        for service in SERVICES {
            databases.insert(service, postgres::empty_database(service).await);
            ports.insert(service, ports::free()?);
        }
        for (name, byte) in [
            ("token", "11"),
            ("resume", "22"),
            ("link", "33"),
            ("pseudonym", "44"),
        ] {
            fs::write(folder.path().join(name), byte.repeat(32))?;
        }
        let deployment = Self {
            program,
            folder,
            ports,
            databases,
            bus,
            collector: None,
            issuer: Arc::new(Issuer::from_seed(&[0x11; 32])?),
            clock: ManualClock::new(start),
        };
        deployment.write_clock()?;
        Ok(deployment)
    }

    /// The same, whose processes send their spans and figures to the collector with this address.
    #[must_use]
    pub fn collected_at(mut self, collector: String) -> Self {
        self.collector = Some(collector);
        self
    }

    /// Starts these services at their ports, and waits until each listens.
    ///
    /// # Errors
    /// If one ends before.
    pub fn start(&self, services: &[&'static str]) -> anyhow::Result<Vec<Process>> {
        let mut processes = Vec::new();
        for service in services {
            processes.push(self.spawn(service, self.ports[service], service)?);
        }
        for process in &mut processes {
            process.listens()?;
        }
        Ok(processes)
    }

    /// Starts another process of a service, at a port of its own.
    ///
    /// # Errors
    /// If it ends before it listens.
    pub fn start_replica(&self, service: &'static str) -> anyhow::Result<Process> {
        let folder = format!("{service}-replica");
        let mut process = self.spawn(service, ports::free()?, &folder)?;
        process.listens()?;
        Ok(process)
    }

    /// Starts a service by the clock of its database, and does not wait for it.
    ///
    /// # Errors
    /// If it can't be started.
    pub fn start_unready(&self, service: &'static str) -> anyhow::Result<Process> {
        self.run(service, self.ports[service], service, &[])
    }

    fn spawn(&self, service: &'static str, port: u16, folder: &str) -> anyhow::Result<Process> {
        let clock = self.text_path("clock");
        let clock = ["--clock-file", &clock, "--insecure-driven-clock"];
        self.run(service, port, folder, &clock)
    }

    fn run(
        &self,
        service: &'static str,
        port: u16,
        folder: &str,
        arguments: &[&str],
    ) -> anyhow::Result<Process> {
        Process::start(Start {
            program: (self.program)(service),
            arguments,
            environment: self.environment(service, port, folder),
            log: &self.path(&format!("{folder}.log")),
            address: format!("http://127.0.0.1:{port}"),
        })
    }

    /// The same for all, but for what one is, where it listens and where it keeps its files.
    fn environment(&self, service: &str, port: u16, folder: &str) -> Vec<(String, String)> {
        let mut environment = vec![
            ("VISITS_DATA".to_owned(), self.text_path(folder)),
            set("SERVER__SERVICES", service.to_owned()),
            set("SERVER__LISTEN", format!("127.0.0.1:{port}")),
            // All that our own crates ever say, so that it can be looked through.
            set("SERVER__LOG", "warn,visits=debug".to_owned()),
            set("BUS__URL", self.bus.clone()),
            set("TOKENS__KEY_FILE", self.text_path("token")),
            set("TOKENS__RESUME_KEY_FILE", self.text_path("resume")),
            set("LETTERS__LINK_KEY_FILE", self.text_path("link")),
            set("INSIGHTS__PSEUDONYM_KEY_FILE", self.text_path("pseudonym")),
        ];
        for (service, url) in &self.databases {
            let service = service.to_uppercase();
            environment.push(set(&format!("DATABASE__{service}"), url.clone()));
        }
        for (service, port) in &self.ports {
            let (service, at) = (service.to_uppercase(), format!("http://127.0.0.1:{port}"));
            environment.push(set(&format!("PEERS__{service}"), at));
        }
        let collector = self.collector.clone();
        environment.extend(collector.map(|url| set("TELEMETRY__OTLP_ENDPOINT", url)));
        environment
    }

    /// A path in the folder of the deployment; each process keeps its files in one of its own
    /// there, by the name of its service.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What every process has said in its log so far.
    ///
    /// # Errors
    /// If a log can't be read.
    pub fn logs(&self) -> anyhow::Result<String> {
        let mut logs = String::new();
        for entry in fs::read_dir(self.folder.path())? {
            let path = entry?.path();
            if path.extension().is_some_and(|end| end == "log") {
                logs.push_str(&fs::read_to_string(path)?);
            }
        }
        Ok(logs)
    }

    fn text_path(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    /// The present instant.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Moves the clock of all processes.
    ///
    /// # Errors
    /// If its file can't be written.
    pub fn go_to(&self, when: Timestamp) -> anyhow::Result<()> {
        self.clock.advance_to(when);
        self.write_clock()
    }

    fn write_clock(&self) -> anyhow::Result<()> {
        // Moved into its place: nobody reads half an instant.
        let draft = self.path("clock.new");
        fs::write(&draft, self.now().to_string())?;
        Ok(fs::rename(draft, self.path("clock"))?)
    }

    /// A new request id.
    #[must_use]
    pub fn request_id(&self) -> String {
        RandomIds.next(self.now()).to_string()
    }

    /// The URL of the broker's virtual host.
    #[must_use]
    pub fn bus(&self) -> &str {
        &self.bus
    }

    /// The database of a service.
    #[must_use]
    pub fn database(&self, service: &str) -> &str {
        &self.databases[service]
    }

    /// Where a service answers.
    #[must_use]
    pub fn address(&self, service: &str) -> String {
        format!("http://127.0.0.1:{}", self.ports[service])
    }

    /// A channel to an address; it connects at its first call.
    ///
    /// # Errors
    /// If it is no address.
    pub fn channel(address: &str) -> anyhow::Result<Channel> {
        Ok(Endpoint::from_shared(address.to_owned())?.connect_lazy())
    }

    /// The same channel for `actor`, with a new token on each call.
    #[must_use]
    pub fn speaking_for(&self, actor: &Actor, channel: Channel) -> AuthenticatedChannel {
        let (issuer, clock) = (self.issuer.clone(), Arc::new(self.clock.clone()));
        let token = ServiceToken::speaking_for(actor.clone(), issuer, clock);
        token.within(CALL_TIME).on(channel)
    }
}

impl Drop for Deployment {
    fn drop(&mut self) {
        let urls = std::mem::take(&mut self.databases).into_values().collect();
        postgres::drop_databases_now(urls);
    }
}

fn set(key: &str, value: String) -> (String, String) {
    (format!("VISITS__{key}"), value)
}

/// Asks again until the answer is there: events are under way between processes.
///
/// # Errors
/// What asking failed with, or that the answer never came.
pub async fn eventually<T>(
    what: &str,
    mut ask: impl AsyncFnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let asking = async {
        let mut interval = tokio::time::interval(LOOK_EVERY);
        loop {
            interval.tick().await;
            if let Some(answer) = ask().await? {
                return Ok(answer);
            }
        }
    };
    tokio::time::timeout(PATIENCE, asking)
        .await
        .with_context(|| format!("it never happened: {what}"))?
}
