//! A deployment with its databases, its prelude, its load and what is written down about it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use futures_util::future::try_join_all;
use tempfile::TempDir;
use tokio::task::spawn_blocking;
use visits_core::Timestamp;
use visits_durable::sea_orm::Database;
use visits_testkit::deployment::SERVICES;
use visits_testkit::rest::{self, Until};
use visits_testkit::{postgres, program, rabbit};

use super::{SLOTS, Slot, Stack, data_of};
use crate::judge::{Evidence, Findings, Judge};
use crate::ledger::Ledger;
use crate::load::Load;
use crate::prelude::{self, BEGUN, Prelude};

const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Everything of a run.
pub struct Scene {
    folder: TempDir,
    databases: BTreeMap<&'static str, String>,
    /// The processes.
    pub stack: Stack,
    /// The broker.
    pub bus: String,
    /// What the callers write down.
    pub ledger: Ledger,
    /// What was there before.
    pub prelude: Prelude,
    /// The work of the callers.
    pub load: Load,
}

impl Scene {
    /// A deployment on the servers that all tests share.
    ///
    /// # Errors
    /// If anything can't be prepared.
    pub async fn shared(seed: u64) -> anyhow::Result<Self> {
        let bus = spawn_blocking(rabbit::new_vhost).await?;
        Self::shared_with(seed, bus).await
    }

    /// A deployment on the PostgreSQL that all tests share, and on this broker.
    ///
    /// # Errors
    /// If anything can't be prepared.
    pub async fn shared_with(seed: u64, bus: String) -> anyhow::Result<Self> {
        Self::on(seed, SLOTS, shared_databases().await, bus).await
    }

    /// A deployment of these processes on the servers that all tests share.
    ///
    /// # Errors
    /// If anything can't be prepared.
    pub async fn of(slots: &'static [Slot], seed: u64) -> anyhow::Result<Self> {
        let bus = spawn_blocking(rabbit::new_vhost).await?;
        Self::on(seed, slots, shared_databases().await, bus).await
    }

    /// A deployment of these processes on these databases, which are empty, and this broker.
    ///
    /// # Errors
    /// If anything can't be prepared.
    pub async fn on(
        seed: u64,
        slots: &'static [Slot],
        databases: BTreeMap<&'static str, String>,
        bus: String,
    ) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let settings = Stack::settings_of_all(folder.path(), &databases)?;
        let prelude = prelude::prepare_with(&data_of(folder.path()), seed, settings).await?;
        let stack = Stack::new(
            folder.path(),
            &program::visits("all"),
            slots,
            (databases.clone(), bus.clone()),
            prelude.ends,
        )?;
        let ledger = Ledger::new(folder.path().join("ledger"))?;
        let load = Load::new(stack.world(2), ledger.clone(), prelude.clone());
        Ok(Self {
            folder,
            databases,
            stack,
            bus,
            ledger,
            prelude,
            load,
        })
    }

    /// Starts every process, all at once.
    ///
    /// # Errors
    /// If one ends before it listens.
    pub async fn start(&self) -> anyhow::Result<()> {
        let slots = 0..self.stack.slots().len();
        try_join_all(slots.map(|slot| self.stack.start(slot))).await?;
        Ok(())
    }

    /// The load of every caller, until it is stopped.
    ///
    /// # Errors
    /// If the ledger can't be written.
    pub async fn play(&self) -> anyhow::Result<()> {
        let towards = |slot: usize| self.load.towards(self.stack.world(slot));
        let workflow = |which: usize| {
            let load = towards(2 + which % 2);
            async move { load.workflows(which, usize::MAX).await.map(drop) }
        };
        tokio::try_join!(
            towards(0).plan(),
            towards(self.stack.replica_of(0)).assign(),
            towards(1).record(),
            workflow(0),
            workflow(1),
            workflow(2),
            workflow(BEGUN / 2 - 1),
            towards(1).read_what_is_barred(),
            towards(2).decide_without_right(),
        )?;
        Ok(())
    }

    /// Waits until everything that was said has been sent and heard and done something about; how
    /// long that took, or what is left after `limit`.
    ///
    /// # Errors
    /// If a database can't be reached.
    pub async fn drained(&self, limit: Duration) -> anyhow::Result<Result<Duration, String>> {
        let mut open = Vec::new();
        for service in SERVICES {
            open.push((
                service,
                Database::connect(self.stack.database(service)).await?,
            ));
        }
        let databases: Vec<_> = open.iter().map(|(service, one)| (*service, one)).collect();
        let begun = tokio::time::Instant::now();
        let mut looks = tokio::time::interval(LOOK_EVERY);
        let drained = loop {
            looks.tick().await;
            // An event that is to be tried again later is not done with.
            let until = Until {
                event: Timestamp::MAX,
                job: self.stack.clock().now()?,
            };
            let left = rest::left(&databases, until).await?;
            if left.is_empty() {
                break Ok(begun.elapsed());
            }
            if begun.elapsed() > limit {
                break Err(left.join(", "));
            }
        };
        for (_, database) in open {
            database.close().await?;
        }
        Ok(drained)
    }

    /// Lets the judge look at what the processes left; none may run any more.
    ///
    /// # Errors
    /// If the databases can't be opened.
    pub async fn judged(&self, evidence: Evidence) -> anyhow::Result<Findings> {
        let settings = Stack::settings_of_all(self.folder.path(), &self.databases)?;
        let data = data_of(self.folder.path());
        let judge = Judge::open_with(&data, evidence, settings).await?;
        judge.judge().await
    }

    /// Drops the databases and, if the run was good, forgets the folder; else it stays for a look.
    pub async fn end(self, good: bool) {
        if good {
            postgres::drop_databases(self.databases.into_values().collect()).await;
        } else {
            let kept: PathBuf = self.folder.keep();
            eprintln!("what the processes said is in {}", kept.display());
        }
    }
}

async fn shared_databases() -> BTreeMap<&'static str, String> {
    let mut databases = BTreeMap::new();
    for service in SERVICES {
        databases.insert(service, postgres::empty_database(service).await);
    }
    databases
}
