//! Real processes, each with its own database, among a broker and a driven clock (R20).

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use tempfile::TempDir;
use tonic::transport::Endpoint;
use visits::demo::cast::{self, Caller};
use visits_core::{
    Actor, Clock as _, IdSource as _, ManualClock, RandomIds, SystemClock, Timestamp,
};
use visits_runtime::auth::Issuer;
use visits_runtime::peers::ServiceToken;
use visits_testkit::{postgres, rabbit};

const NAMES: [&str; 5] = [
    "scheduling",
    "recording",
    "escalation",
    "letters",
    "insights",
];
/// Far longer than an event is under way, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
const PORTS: std::ops::Range<u16> = 20_000..32_000;
const PORT_TRIES_MAX: u32 = 100;
const CALL_TIME: Duration = Duration::from_secs(20);

fn binary(service: &str) -> &'static str {
    match service {
        "scheduling" => env!("CARGO_BIN_EXE_visits-scheduling"),
        "recording" => env!("CARGO_BIN_EXE_visits-recording"),
        "escalation" => env!("CARGO_BIN_EXE_visits-escalation"),
        "letters" => env!("CARGO_BIN_EXE_visits-letters"),
        _ => env!("CARGO_BIN_EXE_visits-insights"),
    }
}

/// One process; killed when dropped.
pub struct Process {
    service: &'static str,
    child: Child,
    lines: BufReader<ChildStdout>,
    environment: Vec<(String, String)>,
    /// Where it answers.
    pub address: String,
}

impl Process {
    /// Reads its output until it says that it listens.
    pub fn listens(&mut self) -> anyhow::Result<()> {
        let mut line = String::new();
        self.lines.read_line(&mut line)?;
        if line != format!("listening on {}\n", self.address) {
            bail!("{} ended before it listened: {line:?}", self.service);
        }
        Ok(())
    }

    /// What its own health check says.
    pub fn is_healthy(&self) -> anyhow::Result<bool> {
        let checked = Command::new(binary(self.service))
            .arg("health")
            .env_clear()
            .envs(self.environment.iter().cloned())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        Ok(checked.success())
    }

    /// Sends SIGTERM.
    pub fn tell_to_stop(&self) -> anyhow::Result<()> {
        let id = self.child.id().to_string();
        Command::new("kill").args(["-s", "TERM", &id]).status()?;
        Ok(())
    }

    /// Waits for the end.
    pub fn ended(&mut self) -> anyhow::Result<ExitStatus> {
        Ok(self.child.wait()?)
    }

    /// Sends SIGTERM and waits for the end.
    pub fn terminate(&mut self) -> anyhow::Result<ExitStatus> {
        self.tell_to_stop()?;
        self.ended()
    }

    /// As `kill -9` does.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What all processes share.
pub struct Deployment {
    folder: TempDir,
    ports: BTreeMap<&'static str, u16>,
    databases: BTreeMap<&'static str, String>,
    bus: String,
    issuer: Arc<Issuer>,
    clock: ManualClock,
}

impl Deployment {
    /// Databases, a virtual host and keys; no process yet.
    pub async fn new(start: Timestamp) -> anyhow::Result<Self> {
        let bus = tokio::task::spawn_blocking(rabbit::new_vhost).await?;
        Self::on_bus(start, bus).await
    }

    /// As [`Deployment::new`], at the broker with this URL.
    pub async fn on_bus(start: Timestamp, bus: String) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut databases = BTreeMap::new();
        let mut ports = BTreeMap::new();
        for service in NAMES {
            databases.insert(service, postgres::empty_database(service).await);
            ports.insert(service, free_port()?);
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
            folder,
            ports,
            databases,
            bus,
            issuer: Arc::new(Issuer::from_seed(&[0x11; 32])?),
            clock: ManualClock::new(start),
        };
        deployment.write_clock()?;
        Ok(deployment)
    }

    /// Starts the binaries of these services at their ports, and waits until each listens.
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
    pub fn start_replica(&self, service: &'static str) -> anyhow::Result<Process> {
        let folder = format!("{service}-replica");
        let mut process = self.spawn(service, free_port()?, &folder)?;
        process.listens()?;
        Ok(process)
    }

    /// Starts a service by the clock of its database, and does not wait for it.
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
        clock: &[&str],
    ) -> anyhow::Result<Process> {
        let environment = self.environment(port, folder);
        let log = File::create(self.path(&format!("{folder}.log")))?;
        let mut child = Command::new(binary(service))
            .arg("serve")
            .args(clock)
            .env_clear()
            .envs(environment.iter().cloned())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .with_context(|| format!("visits-{service}"))?;
        let lines = BufReader::new(child.stdout.take().context("stdout is piped")?);
        Ok(Process {
            service,
            child,
            lines,
            environment,
            address: format!("http://127.0.0.1:{port}"),
        })
    }

    /// The same for all, but for where one listens and keeps its files.
    fn environment(&self, port: u16, folder: &str) -> Vec<(String, String)> {
        let mut environment = vec![
            ("VISITS_DATA".to_owned(), self.text_path(folder)),
            set("SERVER__LISTEN", format!("127.0.0.1:{port}")),
            set("SERVER__LOG", "warn".to_owned()),
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
        environment
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text_path(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    /// The present instant.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Moves the clock of all processes.
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
    pub fn request_id(&self) -> String {
        RandomIds.next(self.now()).to_string()
    }

    /// The database of a service.
    pub fn database(&self, service: &str) -> &str {
        &self.databases[service]
    }

    /// Somebody who calls a service at its port.
    pub fn caller(&self, principal: &str, service: &str) -> anyhow::Result<Caller> {
        let address = format!("http://127.0.0.1:{}", self.ports[service]);
        self.caller_at(principal, &address)
    }

    /// Somebody who calls the process at an address.
    pub fn caller_at(&self, principal: &str, address: &str) -> anyhow::Result<Caller> {
        let actor = Actor::new(principal, cast::role(principal));
        let channel = Endpoint::from_shared(address.to_owned())?.connect_lazy();
        let (issuer, clock) = (self.issuer.clone(), Arc::new(self.clock.clone()));
        let token = ServiceToken::speaking_for(actor.clone(), issuer, clock);
        Ok(Caller::as_actor(
            &actor,
            token.within(CALL_TIME).on(channel),
        ))
    }
}

fn set(key: &str, value: String) -> (String, String) {
    (format!("VISITS__{key}"), value)
}

/// A port that nobody has, below those that the system gives to outgoing connections: none of
/// them takes it before the process does.
fn free_port() -> anyhow::Result<u16> {
    for _ in 0..PORT_TRIES_MAX {
        let chance = RandomIds.next(SystemClock::new().now()).as_u128();
        let port = PORTS.start + u16::try_from(chance % PORTS.len() as u128)?;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no free port in {PORTS:?}")
}

/// Asks again until the answer is there: events are under way between processes.
pub async fn eventually<T>(
    what: &str,
    mut ask: impl AsyncFnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let asking = async {
        let mut interval = tokio::time::interval(Duration::from_millis(100));
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
