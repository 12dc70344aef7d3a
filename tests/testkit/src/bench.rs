//! A workbench: one folder, one clock, one source of identifiers, one bus.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use crate::postgres::Migrations;
use tempfile::TempDir;
use visits_bus::LocalBus;
use visits_core::{Clock, IdSource, ManualClock, SeededIds, Timestamp};
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

/// Which database the services on a bench keep. One suite runs on each (docs/architecture.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    /// A file a service, in the bench's folder.
    Sqlite,
    /// A database a service, in the tests' private server.
    Postgres,
}

impl Database {
    /// An empty bench on this database whose clock stands at `start`.
    #[must_use]
    pub fn bench(self, start: &str) -> Bench {
        let start: Timestamp = start.parse().expect("an instant");
        Bench {
            database: self,
            urls: Mutex::default(),
            folder: tempfile::tempdir().expect("a temporary folder"),
            clock: ManualClock::new(start),
            ids: SeededIds::new(seed()),
            bus: Arc::new(LocalBus::new()),
            workers: Workers::new(),
        }
    }
}

/// Declares the same tests for every database: each is `async fn name(database: Database)`.
#[macro_export]
macro_rules! on_every_database {
    ($($(#[$attribute:meta])* $name:ident),* $(,)?) => {
        mod sqlite {
            $($(#[$attribute])* #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name($crate::Database::Sqlite).await; })*
        }
        mod postgres {
            $($(#[$attribute])* #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name($crate::Database::Postgres).await; })*
        }
    };
}

/// A place to run services in a test.
pub struct Bench {
    database: Database,
    /// The PostgreSQL database that each service got, so that it finds it again.
    urls: Mutex<HashMap<&'static str, String>>,
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
    /// An empty bench on SQLite whose clock stands at `start`, as `2020-09-29T09:00:00Z`.
    #[must_use]
    pub fn at(start: &str) -> Self {
        Database::Sqlite.bench(start)
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
    pub async fn durable(&self, service: &'static str, migrations: Migrations) -> Durable {
        let url = self.url(service, migrations).await;
        Durable::open(
            Settings::new(service, url),
            migrations,
            self.shared_clock(),
            self.shared_ids(),
        )
        .await
        .expect("a database in the bench's folder")
    }

    /// Where the database of a service lies that was opened before.
    ///
    /// # Panics
    /// If it wasn't.
    #[must_use]
    pub fn url_of(&self, service: &str) -> String {
        if self.database == Database::Sqlite {
            let file = self.folder.path().join(format!("{service}.db"));
            return format!("sqlite://{}", file.display());
        }
        let urls = self.urls.lock().expect("the lock");
        urls.get(service).expect("it was opened").clone()
    }

    async fn url(&self, service: &'static str, migrations: Migrations) -> String {
        if self.database == Database::Sqlite {
            return self.url_of(service);
        }
        if let Some(url) = self.urls.lock().expect("the lock").get(service) {
            return url.clone();
        }
        let url = crate::postgres::new_database(service, migrations).await;
        let mut urls = self.urls.lock().expect("the lock");
        urls.insert(service, url.clone());
        url
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

impl Drop for Bench {
    fn drop(&mut self) {
        if let Ok(urls) = self.urls.get_mut() {
            crate::postgres::drop_databases_now(urls.drain().map(|(_, url)| url).collect());
        }
    }
}
