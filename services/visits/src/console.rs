//! The console in a process of its own: `visits-console serve`, as a client of the services in other
//! processes, and what a container needs besides.

mod command;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::transport::{Channel, Endpoint};
use visits_console::{Config, Console, Deps, Services, SignIn};
use visits_core::{Clock, ErrorKind, Fault, RandomIds};
use visits_runtime::auth::Identity;
use visits_runtime::limits;
use visits_runtime::settings::{Problems, Settings};

use crate::cli::ClockArgs;
use crate::clock;
use crate::config::{ServerConfig, TelemetryConfig};
use crate::deployment::{Deployment, sqlite_url};
use crate::services::NAMES;

pub use command::console_main;

/// Its name among the databases.
pub(crate) const DATABASE: &str = "console";
/// The file in the data folder that keeps the key of what is kept of sessions.
pub(crate) const SESSION_KEY_FILE: &str = "console.key";
const CONNECT_TIME: Duration = Duration::from_secs(2);
const TRY_EVERY: Duration = Duration::from_secs(1);

/// A database of that name in the data folder.
pub(crate) fn sqlite(data: &Path, name: &str) -> String {
    sqlite_url(&data.join(format!("{name}.db")))
}

/// The address by which browsers reach a console that listens at `port`.
pub(crate) fn base_address(config: &Config, port: SocketAddr) -> String {
    if config.address.is_empty() {
        format!("http://{port}")
    } else {
        config.address.clone()
    }
}

/// The settings of a console that is alone in its process.
struct Alone {
    server: ServerConfig,
    config: Config,
    identity: Identity,
    deployment: Deployment,
}

impl Alone {
    /// # Errors
    /// Every value that can't be used, and everything that is missing.
    fn read(settings: &Settings) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let server = settings.section::<ServerConfig>("server");
        let telemetry = settings.section::<TelemetryConfig>("telemetry");
        let config = settings.section::<Config>(Config::SECTION);
        let identity = settings.section::<Identity>(Identity::SECTION);
        let deployment = Deployment::databases(settings);
        let found = [
            server.as_ref().err(),
            telemetry.as_ref().err(),
            config.as_ref().err(),
            identity.as_ref().err(),
            deployment.as_ref().err(),
        ];
        for found in found.into_iter().flatten() {
            problems.extend(found.clone());
        }
        let (Ok(server), Ok(config), Ok(identity), Ok(deployment)) =
            (server, config, identity, deployment)
        else {
            return Err(problems);
        };
        problems.require(
            identity.is_given(),
            "identity.issuer",
            "must be given: people sign in there, and nowhere else in a process of its own",
        );
        problems.require(
            !config.session_key.is_empty(),
            "console.session_key",
            "must be given, or as …_file, the same in every process that serves the console \
             (make one with: openssl rand -hex 32)",
        );
        problems.require(
            !config.listen.is_empty(),
            "console.listen",
            "must be an address and a port such as 0.0.0.0:7481",
        );
        for service in NAMES {
            let what = "must say where it answers, as http://host:7400";
            let is_given = deployment.peer(service).is_some();
            problems.require(is_given, &format!("peers.{service}"), what);
        }
        problems.finish().map(|()| Self {
            server,
            config,
            identity,
            deployment,
        })
    }

    fn database(&self, data: &Path) -> String {
        let given = self.deployment.given_database(DATABASE);
        given.unwrap_or_else(|| sqlite(data, DATABASE))
    }

    /// Each service at its own address; connected when somebody asks for something.
    fn services(&self) -> Result<Services, Fault> {
        let mut services = None::<Services>;
        for name in NAMES {
            let channel = channel(self.deployment.peer(name).unwrap_or_default())?;
            services = Some(match services {
                Some(services) => services.but(name, channel),
                None => Services::together(channel),
            });
        }
        services.ok_or_else(|| Fault::fatal("there are no services"))
    }
}

fn channel(address: &str) -> Result<Channel, Fault> {
    let endpoint = Endpoint::from_shared(address.to_owned())
        .map_err(|error| Fault::fatal(format!("{address}: {error}")))?;
    let endpoint = endpoint
        .connect_timeout(CONNECT_TIME)
        .tcp_nodelay(true)
        .http2_keep_alive_interval(limits::KEEPALIVE_INTERVAL)
        .keep_alive_timeout(limits::KEEPALIVE_TIMEOUT)
        .keep_alive_while_idle(true);
    Ok(endpoint.connect_lazy())
}

/// A console that is ready to be served, and what must end with it.
struct Opened {
    console: Console,
    listener: TcpListener,
    address: String,
    drain: Duration,
}

/// Opens the console as soon as its database answers.
async fn open(
    alone: Alone,
    data: &Path,
    clock_args: &ClockArgs,
    going_away: &CancellationToken,
) -> Result<Opened, Fault> {
    let unusable = |error| Fault::fatal(format!("console.listen: {error}"));
    let listener = TcpListener::bind(&alone.config.listen)
        .await
        .map_err(unusable)?;
    let address = base_address(&alone.config, listener.local_addr().map_err(unusable)?);
    let database = alone.database(data);
    // What it keeps by itself are sessions, which the issuer's clock has a say in too: the machine's
    // clock will do.
    let clock = clock::open(clock_args)?;
    let services = alone.services()?;
    let session_key = alone
        .config
        .session_key
        .key_or_kept(&data.join(SESSION_KEY_FILE))?;
    let deps = |clock: Arc<dyn Clock>| Deps {
        services: services.clone(),
        sign_in: SignIn::At(Box::new(alone.identity.clone())),
        database: database.clone(),
        session_key,
        address: address.clone(),
        clock,
        ids: Arc::new(RandomIds),
        config: alone.config.clone(),
        going_away: going_away.clone(),
    };
    let console = patiently(|| Console::open(deps(clock.clone()))).await?;
    Ok(Opened {
        console,
        listener,
        address,
        drain: alone.server.drain_time(),
    })
}

/// Tries until what it needs answers.
async fn patiently<T, F>(mut work: impl FnMut() -> F) -> Result<T, Fault>
where
    F: Future<Output = Result<T, Fault>>,
{
    loop {
        match work().await {
            Err(fault) if fault.kind == ErrorKind::Transient => {
                tracing::warn!("not ready, will be tried again: {fault}");
                tokio::time::sleep(TRY_EVERY).await;
            }
            outcome => return outcome,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::from_environment;

    #[test]
    fn a_console_by_itself_is_told_everything_that_it_lacks() {
        let settings = from_environment(&[]).expect("settings");
        let problems = Alone::read(&settings).err().expect("problems");
        let paths: Vec<_> = problems.list().iter().map(|p| p.field.as_str()).collect();
        let expected = [
            "identity.issuer",
            "console.session_key",
            "peers.scheduling",
            "peers.recording",
            "peers.escalation",
            "peers.letters",
            "peers.insights",
        ];
        assert_eq!(paths, expected);
    }

    #[test]
    fn an_issuer_elsewhere_is_reached_by_tls() {
        for (issuer, is_good) in [
            ("https://id.example.org", true),
            ("http://127.0.0.1:9000", true),
            ("http://id.example.org", false),
            ("id.example.org", false),
        ] {
            let given = [("VISITS__IDENTITY__ISSUER", issuer)];
            let settings = from_environment(&given).expect("settings");
            let read = settings.section::<Identity>(Identity::SECTION);
            assert_eq!(read.is_ok(), is_good, "{issuer}");
        }
    }
}
