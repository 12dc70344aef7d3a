//! What the services know of the broker: what waits to be sent, the marks by which they find out
//! that it has lost something, and what their health says of it.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio::time::MissedTickBehavior;
use tonic::transport::Endpoint;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use visits_bus::topology::queues_that_hear;
use visits_durable::sea_orm::{ConnectionTrait as _, Database, DbBackend, Statement};
use visits_testkit::deployment::SERVICES;

use super::Stack;

/// Longer than anything takes that is waited for.
const LIMIT: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// What health says of a service that serves, and of one that doesn't.
const SERVING: i32 = 1;
const NOT_SERVING: i32 = 2;

/// A service's mark at the broker.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// Its id.
    pub id: String,
    /// Up to which position everything goes out again; less than 0 while that isn't known.
    pub until: i64,
    /// How far that is.
    pub resent: i64,
}

/// The mark of each service that anybody hears.
pub type Marks = BTreeMap<&'static str, Mark>;

/// Waits until it holds; it is looked at again and again.
///
/// # Errors
/// If it can't be looked at, or does not hold after long enough.
pub async fn until(
    what: &str,
    holds: impl AsyncFn() -> anyhow::Result<bool>,
) -> anyhow::Result<()> {
    let looking = async {
        let mut looks = tokio::time::interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            if holds().await? {
                return anyhow::Ok(());
            }
        }
    };
    let Ok(held) = tokio::time::timeout(LIMIT, looking).await else {
        bail!("{what}: not within {LIMIT:?}");
    };
    held
}

impl Stack {
    /// The mark of each service that is heard in this queue, or in any if none is named.
    ///
    /// # Errors
    /// If a database can't be read.
    pub async fn marks(&self, queue: Option<&str>) -> anyhow::Result<Marks> {
        let ask = "SELECT a.text AS id, a.value AS until, b.value AS resent FROM counters a \
                   JOIN counters b ON b.name = 'bus_resent' WHERE a.name = 'bus_mark'";
        let mut marks = Marks::new();
        for service in SERVICES {
            let queues = queues_that_hear(service);
            let is_heard = queue.map_or(!queues.is_empty(), |queue| {
                queues.iter().any(|one| one == queue)
            });
            if !is_heard {
                continue;
            }
            let connection = Database::connect(self.database(service)).await?;
            let asked = Statement::from_string(DbBackend::Postgres, ask);
            let row = connection.query_one_raw(asked).await?;
            connection.close().await?;
            let mark = row.map_or(Ok(Mark::default()), |row| {
                Ok::<_, anyhow::Error>(Mark {
                    id: row.try_get("", "id")?,
                    until: row.try_get("", "until")?,
                    resent: row.try_get("", "resent")?,
                })
            });
            marks.insert(service, mark?);
        }
        Ok(marks)
    }

    /// Waits until each of these services has found its mark gone, set another one and sent
    /// everything again; how many events went out again. However many they are: it may take long,
    /// as long as it goes on.
    ///
    /// # Errors
    /// If a database can't be read, or nothing goes on for long enough.
    pub async fn everything_is_sent_again(&self, before: &Marks) -> anyhow::Result<i64> {
        let mut last = self.marks(None).await?;
        loop {
            let is_done = last.iter().all(|(service, now)| {
                before.get(service).is_none_or(|before| {
                    now.id != before.id && now.until >= 0 && now.resent >= now.until
                })
            });
            if is_done {
                let of = before.keys().filter_map(|service| last.get(service));
                return Ok(of.map(|mark| mark.until).sum());
            }
            let goes_on = until("what was lost goes out again", async || {
                Ok(self.marks(None).await? != last)
            });
            goes_on
                .await
                .with_context(|| format!("{before:?} have become {last:?}"))?;
            last = self.marks(None).await?;
        }
    }

    /// How many events wait to be sent.
    ///
    /// # Errors
    /// If a database can't be read.
    pub async fn unsent(&self) -> anyhow::Result<i64> {
        let ask = "SELECT COUNT(*) AS unsent FROM outbox WHERE published_at IS NULL";
        let mut unsent = 0;
        for database in self.databases() {
            let connection = Database::connect(database).await?;
            let asked = Statement::from_string(DbBackend::Postgres, ask);
            let row = connection.query_one_raw(asked).await?;
            connection.close().await?;
            unsent += row.map_or(Ok(0), |row| row.try_get("", "unsent"))?;
        }
        Ok(unsent)
    }

    /// Whether these processes serve, and at least one of them says that the broker takes nothing.
    ///
    /// # Errors
    /// If one does not answer.
    pub async fn is_degraded(&self, slots: &[usize]) -> anyhow::Result<bool> {
        let mut is_degraded = false;
        for slot in slots {
            anyhow::ensure!(self.health(*slot, "").await? == SERVING, "it serves");
            is_degraded |= self.health(*slot, "bus").await? == NOT_SERVING;
        }
        Ok(is_degraded)
    }

    async fn health(&self, slot: usize, service: &str) -> anyhow::Result<i32> {
        let channel = Endpoint::from_shared(self.address(slot))?.connect_lazy();
        let request = HealthCheckRequest {
            service: service.to_owned(),
        };
        let answer = HealthClient::new(channel).check(request).await?;
        Ok(answer.into_inner().status)
    }

    /// What a slot's process has of the machine's memory, in bytes; nothing if none runs.
    pub async fn memory(&self, slot: usize) -> Option<u64> {
        let running = self.running[slot].lock().await;
        let status = format!("/proc/{}/status", running.as_ref()?.id());
        let text = std::fs::read_to_string(status).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
        Some(kibibytes * 1024)
    }
}
