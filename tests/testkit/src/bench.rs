//! A workbench: one folder, one clock, one source of identifiers, one bus.

use std::sync::Arc;

use tempfile::TempDir;
use visits_bus::LocalBus;
use visits_core::{Clock, IdSource, ManualClock, SeededIds, Timestamp};
use visits_durable::sea_orm_migration::MigrationTrait;
use visits_durable::{Durable, ServiceParts, Settings, Workers};

/// The seed of this run: `VISITS_TEST_SEED`, or a fixed one. It is printed with each failure that
/// names it.
#[must_use]
pub fn seed() -> u64 {
    std::env::var("VISITS_TEST_SEED")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(20_200_929)
}

/// A place to run services in a test.
pub struct Bench {
    folder: TempDir,
    /// The clock that the test moves.
    pub clock: ManualClock,
    /// Identifiers from the run's seed.
    pub ids: SeededIds,
    /// The bus between the services on this bench.
    pub bus: Arc<LocalBus>,
    /// The loops of the services on this bench.
    pub workers: Workers,
}

impl Bench {
    /// An empty bench whose clock stands at `start`, as `2020-09-29T09:00:00Z`.
    #[must_use]
    pub fn at(start: &str) -> Self {
        let start: Timestamp = start.parse().expect("an instant");
        Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
            clock: ManualClock::new(start),
            ids: SeededIds::new(seed()),
            bus: Arc::new(LocalBus::new()),
            workers: Workers::new(),
        }
    }

    /// The clock, as services take it.
    #[must_use]
    pub fn shared_clock(&self) -> Arc<dyn Clock> {
        Arc::new(self.clock.clone())
    }

    /// The identifiers, as services take them.
    #[must_use]
    pub fn shared_ids(&self) -> Arc<dyn IdSource> {
        Arc::new(self.ids.clone())
    }

    /// Opens a service's database in the bench's folder; the second time, what the first left.
    pub async fn durable(
        &self,
        service: &'static str,
        migrations: fn() -> Vec<Box<dyn MigrationTrait>>,
    ) -> Durable {
        let file = self.folder.path().join(format!("{service}.db"));
        Durable::open(
            Settings {
                service,
                url: format!("sqlite://{}", file.display()),
            },
            migrations,
            self.shared_clock(),
            self.shared_ids(),
        )
        .await
        .expect("a database in the bench's folder")
    }

    /// Puts a service's loops on the bench.
    pub async fn add(&mut self, parts: ServiceParts) {
        self.workers
            .add(parts, self.bus.clone())
            .await
            .expect("the local bus takes every subscription");
    }

    /// Forgets the services on the bench, as a killed process would: the folder stays.
    pub fn kill(&mut self) {
        self.workers = Workers::new();
        self.bus = Arc::new(LocalBus::new());
    }

    /// Lets every loop run until none has anything left to do.
    pub async fn settle(&self) {
        self.workers.settle().await.expect("the loops settle");
    }

    /// Moves the clock to each due timer in turn, up to `until`, letting the loops settle at each.
    pub async fn run_until(&self, until: &str) {
        let until: Timestamp = until.parse().expect("an instant");
        self.settle().await;
        while let Some(due) = self.workers.next_due().await.expect("the jobs can be read") {
            if due > until {
                break;
            }
            self.clock.advance_to(due);
            self.settle().await;
        }
        self.clock.advance_to(until);
        self.settle().await;
    }
}
