//! A service's own database, clock and source of identifiers, in one handle.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sea_orm::{DatabaseConnection, DbBackend, DbErr};
use sea_orm_migration::{MigrationTrait, MigratorTraitSelf};
use tokio::sync::watch;
use uuid::Uuid;
use visits_core::{Actor, Clock, Fault, IdSource, Timestamp};

use crate::audit::{self, AuditEntry};
use crate::cut::Cuts;
use crate::database::Pools;

use crate::fault::db_fault;
use crate::feed::Feed;
use crate::migration::Migrations;
use crate::silence::{Patience, Pool};
use crate::{postgres, sequencer};

/// Which service this is and where its database lies.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The service's name: `escalation`.
    pub service: &'static str,
    /// `sqlite:///path/to/file.db` or `postgres://…`.
    pub url: String,
    /// How long to wait for a PostgreSQL that says nothing.
    pub patience: Patience,
}

impl Settings {
    /// Of a service whose database lies there.
    pub fn new(service: &'static str, url: impl Into<String>) -> Self {
        Self {
            service,
            url: url.into(),
            patience: Patience::default(),
        }
    }
}

/// A service's durable side. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Durable {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    service: &'static str,
    pools: Pools,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    /// New at every start, so that a lease of an earlier life is never taken for ours (R5).
    instance: Uuid,
    cuts: Cuts,
    /// Counts commits, here and in other processes; workers wait for it to change.
    commits: watch::Sender<u64>,
    /// Counts commits of this process; other processes are told of them.
    own_commits: watch::Sender<u64>,
    /// The latest position of the feed; streams wait for it to change.
    feed_head: watch::Sender<i64>,
    /// Whether the bus took what it was last given.
    bus_takes: AtomicBool,
}

impl Durable {
    /// Opens the database, making it if it isn't there, and brings its tables up to date.
    pub async fn open(
        settings: Settings,
        migrations: fn() -> Vec<Box<dyn MigrationTrait>>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
    ) -> Result<Self, Fault> {
        let instance = ids.next(clock.now());
        let pools = Pools::open(&settings.url, settings.patience, instance).await?;
        postgres::one_at_a_time(&pools, || async {
            let migrator = pools.migrator(&settings.url).await?;
            let migrated = migrate(&migrator, migrations, settings.service).await;
            if pools.backend() == DbBackend::Postgres {
                migrator.close().await.map_err(db_fault)?;
            }
            migrated.map_err(|error| Fault::fatal(format!("can't migrate the database: {error}")))
        })
        .await?;
        let durable = Self {
            inner: Arc::new(Inner {
                service: settings.service,
                pools,
                clock,
                ids,
                instance,
                cuts: Cuts::default(),
                commits: watch::Sender::new(0),
                own_commits: watch::Sender::new(0),
                feed_head: watch::Sender::new(0),
                bus_takes: AtomicBool::new(true),
            }),
        };
        let head = durable.feed().latest().await?;
        durable.announce_feed_head(head);
        Ok(durable)
    }

    /// Connections for what a request reads. Writing belongs to [`Durable::unit_of_work`].
    #[must_use]
    pub fn reads(&self) -> &Pool {
        &self.inner.pools.reads
    }

    /// Connections for what is read by what runs by itself: timers, consumers, sweeps. However many
    /// requests there are, they don't use these (B7).
    #[must_use]
    pub fn loop_reads(&self) -> &Pool {
        &self.inner.pools.loop_reads
    }

    pub(crate) fn pools(&self) -> &Pools {
        &self.inner.pools
    }

    /// The present instant, by the deployment's one clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// A new identifier.
    #[must_use]
    pub fn new_id(&self) -> Uuid {
        self.inner.ids.next(self.now())
    }

    /// The service's name.
    #[must_use]
    pub fn service(&self) -> &'static str {
        self.inner.service
    }

    pub(crate) fn instance(&self) -> Uuid {
        self.inner.instance
    }

    /// Where a test may cut a step short.
    #[must_use]
    pub fn cuts(&self) -> &Cuts {
        &self.inner.cuts
    }

    /// The feed of what this service has said, in order.
    #[must_use]
    pub fn feed(&self) -> Feed {
        Feed::new(self.clone())
    }

    /// Records that a *read* was refused (M11). Units of work record their own refusals.
    pub async fn audit_refusal(
        &self,
        actor: &Actor,
        action: &str,
        resource: &str,
        fault: &Fault,
    ) -> Result<(), Fault> {
        self.audit_outside(AuditEntry::refused(
            self.now(),
            actor,
            "read",
            action,
            resource,
            fault,
        ))
        .await
    }

    pub(crate) async fn audit_outside(&self, entry: AuditEntry) -> Result<(), Fault> {
        self.write_in(&self.inner.pools.writes, move |tx| {
            Box::pin(async move { audit::append(tx, entry).await })
        })
        .await
    }

    /// Whether the database answers.
    pub async fn answers(&self) -> bool {
        self.inner.pools.reads.ping().await.is_ok()
    }

    /// Whether the bus took what this process last gave it, as far as it gave it anything. A bus that
    /// doesn't holds up events, and nothing else (R8).
    #[must_use]
    pub fn bus_takes(&self) -> bool {
        self.inner.bus_takes.load(Ordering::Relaxed)
    }

    pub(crate) fn hear_of_bus(&self, takes: bool) {
        self.inner.bus_takes.store(takes, Ordering::Relaxed);
    }

    /// Closes the connections; what is under way ends first.
    pub async fn close(&self) -> Result<(), Fault> {
        self.inner.pools.close().await
    }

    pub(crate) fn announce_commit(&self) {
        self.inner.commits.send_modify(|count| *count += 1);
        self.inner.own_commits.send_modify(|count| *count += 1);
    }

    /// Events have got their places: streams and relay here look at the feed, and other processes
    /// are told.
    pub(crate) fn announce_places(&self, head: i64) {
        self.announce_feed_head(head);
        self.inner.own_commits.send_modify(|count| *count += 1);
    }

    pub(crate) fn own_commits(&self) -> watch::Receiver<u64> {
        self.inner.own_commits.subscribe()
    }

    /// Another process has committed: the loops look again, and the streams too.
    pub(crate) async fn hear_of_commit(&self) {
        self.inner.commits.send_modify(|count| *count += 1);
        self.look_at_feed_head().await;
    }

    /// Another process may hold the sequencer: its positions are in the database only.
    pub(crate) async fn look_at_feed_head(&self) {
        if let Ok(head) = sequencer::feed_position(self.loop_reads()).await {
            self.announce_feed_head(head);
        }
    }

    /// Changes with every commit: what a worker waits for.
    pub(crate) fn commits(&self) -> watch::Receiver<u64> {
        self.inner.commits.subscribe()
    }

    pub(crate) fn announce_feed_head(&self, position: i64) {
        self.inner.feed_head.send_if_modified(|head| {
            let moved = position > *head;
            *head = position.max(*head);
            moved
        });
    }

    pub(crate) fn feed_head(&self) -> watch::Receiver<i64> {
        self.inner.feed_head.subscribe()
    }
}

async fn migrate(
    database: &DatabaseConnection,
    migrations: fn() -> Vec<Box<dyn MigrationTrait>>,
    service: &str,
) -> Result<(), DbErr> {
    let migrations = Migrations::of(database, migrations).await?;
    if !migrations.newer().is_empty() {
        let newer = migrations.newer().join(", ");
        tracing::warn!(
            service,
            newer,
            "a newer build has brought the tables further"
        );
    }
    migrations.up(database, None).await
}

pub(crate) fn not_a_row(what: &str) -> Fault {
    Fault::fatal(format!("{what} is not in the database although it must be"))
}

pub(crate) fn json_fault(what: &str) -> impl Fn(serde_json::Error) -> Fault + '_ {
    move |error| Fault::fatal(format!("{what} can't be written or read as JSON: {error}"))
}
