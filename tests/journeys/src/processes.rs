//! A process a service, and how a journey sees that all of them have come to rest.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio::time::Instant;
use tonic::transport::Channel;
use visits::config;
use visits::demo::elsewhere::Elsewhere;
use visits_core::{Actor, Timestamp};
use visits_durable::sea_orm::ConnectionTrait as _;
use visits_durable::{BoxFuture, Durable};
use visits_runtime::AuthenticatedChannel;
use visits_runtime::settings::Settings;
use visits_testkit::deployment::{Deployment, SERVICES};
use visits_testkit::process::Process;
use visits_testkit::program;
use visits_testkit::rest::{self, Until};

/// Far longer than an event is under way, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// Says to the loops of a service that somebody has committed: that they may look now, and need
/// not wait for their next look. They hear of a commit this way, and of nothing else.
const WAKE: &str = "SELECT pg_notify('visits_commits', 'the clock has moved')";

/// Five processes under one driven clock.
pub struct Processes {
    /// Ended before their databases are dropped.
    _running: Vec<Process>,
    deployment: Deployment,
    channels: BTreeMap<&'static str, Channel>,
    letters: PathBuf,
}

impl Processes {
    /// Starts them with their clock at `start`.
    ///
    /// # Errors
    /// If one ends before it listens.
    pub async fn start(start: Timestamp) -> anyhow::Result<Self> {
        let deployment = Deployment::new(start, program::visits).await?;
        let mut channels = BTreeMap::new();
        for service in SERVICES {
            let address = deployment.address(service);
            channels.insert(service, Deployment::channel(&address)?);
        }
        let (deployment, running) = tokio::task::spawn_blocking(move || {
            let running = deployment.start(&SERVICES);
            (deployment, running)
        })
        .await?;
        Ok(Self {
            _running: running?,
            letters: deployment.path("letters"),
            deployment,
            channels,
        })
    }

    /// The settings of one who reads their databases as they do; its file is in `place`.
    ///
    /// # Errors
    /// If the file can't be written.
    pub fn settings(&self, place: &Path) -> anyhow::Result<Settings> {
        let mut text = "[database]\n".to_owned();
        for service in SERVICES {
            let url = self.deployment.database(service);
            text.push_str(&format!("{service} = \"{url}\"\n"));
        }
        // Insights keeps a visit under a name that its key makes: another key finds nothing.
        let key = self.deployment.path("pseudonym");
        text.push_str(&format!("[insights]\npseudonym_key_file = {key:?}\n"));
        let file = place.join("databases.toml");
        fs::write(&file, text)?;
        config::load(Some(&file), &[]).context("the settings of all services")
    }
}

impl Elsewhere for Processes {
    fn channel_as(&self, service: &str, actor: &Actor) -> AuthenticatedChannel {
        let channel = self.channels[service].clone();
        self.deployment.speaking_for(actor, channel)
    }

    fn pages(&self) -> Channel {
        self.channels["letters"].clone()
    }

    fn letters_folder(&self) -> &Path {
        &self.letters
    }

    fn go_to(&self, when: Timestamp) -> anyhow::Result<()> {
        self.deployment.go_to(when)
    }

    fn settled<'a>(&'a self, databases: &'a [Durable]) -> BoxFuture<'a, anyhow::Result<()>> {
        Box::pin(until_at_rest(databases))
    }
}

async fn until_at_rest(databases: &[Durable]) -> anyhow::Result<()> {
    wake(databases).await?;
    let begun = Instant::now();
    let mut looks = tokio::time::interval(LOOK_EVERY);
    loop {
        looks.tick().await;
        let left = left(databases).await?;
        if left.is_empty() && !hurry(databases).await? {
            return Ok(());
        }
        if begun.elapsed() > PATIENCE {
            bail!("the processes never came to rest: {}", left.join(", "));
        }
    }
}

async fn wake(databases: &[Durable]) -> anyhow::Result<()> {
    for durable in databases {
        durable.reads().execute_unprepared(WAKE).await?;
    }
    Ok(())
}

/// Brings what was tried in vain to the present instant; whether there was any.
///
/// Between processes an attempt may come too early (what it asks for is on its way) or meet a
/// deadlock. A second or two later it succeeds, but a driven clock stands still.
async fn hurry(databases: &[Durable]) -> anyhow::Result<bool> {
    let mut hurried = 0;
    for durable in databases {
        let now = durable.now().as_microsecond();
        for (table, state) in [("inbox", "pending"), ("jobs", "armed")] {
            let at_once = format!(
                "UPDATE {table} SET next_attempt_at = {now} \
                 WHERE state = '{state}' AND attempts > 0 AND next_attempt_at > {now}"
            );
            let done = durable.reads().execute_unprepared(&at_once).await?;
            hurried += done.rows_affected();
        }
    }
    if hurried > 0 {
        wake(databases).await?;
    }
    Ok(hurried > 0)
}

/// What some service has left to do at the present instant.
async fn left(databases: &[Durable]) -> anyhow::Result<Vec<String>> {
    let Some(now) = databases.first().map(Durable::now) else {
        return Ok(Vec::new());
    };
    let databases: Vec<_> = databases
        .iter()
        .map(|durable| (durable.service(), durable.reads()))
        .collect();
    let until = Until {
        event: now,
        job: now,
    };
    rest::left(&databases, until).await
}
