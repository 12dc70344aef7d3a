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
use visits_bus::topology::GROUPS;
use visits_core::{Actor, Timestamp};
use visits_durable::sea_orm::{ConnectionTrait as _, DbBackend, Statement};
use visits_durable::{BoxFuture, Durable};
use visits_runtime::AuthenticatedChannel;
use visits_runtime::settings::Settings;
use visits_testkit::deployment::{Deployment, SERVICES};
use visits_testkit::process::Process;
use visits_testkit::program;

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
///
/// What it said, another must have heard: an event is in no database while the broker has it. So
/// each service's inbox is compared with what was said to it. Each database is read in one
/// statement, as it was at one moment, so that what arrives between two looks is seen either as
/// something to handle or as not yet heard; then the services may be read one after the other: an
/// event that is said meanwhile is one too many in an outbox, or not yet sent.
async fn left(databases: &[Durable]) -> anyhow::Result<Vec<String>> {
    let (mut left, mut said, mut heard) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
    for durable in databases {
        let service = durable.service();
        for (kind, what, count) in counts(durable).await? {
            match kind.as_str() {
                "said" => drop(said.insert(what, count)),
                "heard" => drop(heard.insert((service, what), count)),
                _ if count > 0 => left.push(format!("{service}: {count} {what}")),
                _ => {}
            }
        }
    }
    for group in GROUPS {
        for aggregate in group.aggregates {
            let told = said.get(*aggregate).copied().unwrap_or(0);
            let key = (group.name, (*aggregate).to_owned());
            let got = heard.get(&key).copied().unwrap_or(0);
            if got != told {
                left.push(format!("{}: {got} of {told} {aggregate}", group.name));
            }
        }
    }
    Ok(left)
}

/// What a service has said and heard of each kind of aggregate, and what must be nothing at rest.
async fn counts(durable: &Durable) -> anyhow::Result<Vec<(String, String, i64)>> {
    let now = durable.now().as_microsecond();
    let ask = format!(
        "SELECT 'left' AS kind, 'events without a place or unsent' AS what, COUNT(*) AS count \
         FROM outbox WHERE position IS NULL OR published_at IS NULL \
         UNION ALL SELECT 'left', 'events to handle', COUNT(*) FROM inbox \
         WHERE state = 'pending' AND next_attempt_at <= {now} \
         UNION ALL SELECT 'left', 'jobs to run', COUNT(*) FROM jobs \
         WHERE state = 'claimed' OR state = 'armed' AND next_attempt_at <= {now} \
         UNION ALL SELECT 'left', 'audit rows without a place', COUNT(*) FROM audit \
         WHERE position IS NULL \
         UNION ALL SELECT 'said', aggregate, COUNT(*) FROM outbox GROUP BY aggregate \
         UNION ALL SELECT 'heard', aggregate, COUNT(*) FROM inbox GROUP BY aggregate"
    );
    let asked = Statement::from_string(DbBackend::Postgres, ask);
    let rows = durable.reads().query_all_raw(asked).await?;
    let row = |row: &visits_durable::sea_orm::QueryResult| {
        Ok((
            row.try_get("", "kind")?,
            row.try_get("", "what")?,
            row.try_get("", "count")?,
        ))
    };
    rows.iter().map(row).collect()
}
