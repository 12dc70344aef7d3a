//! What alerts of whoever runs the services go by (R-OPS-6): how much waits, and how their databases are
//! doing. Of several services in a process a figure is the sum of what waits, or the worst.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use visits_core::Fault;
use visits_durable::Durable;
use visits_runtime::figures::Gauge;

const EVERY: Duration = Duration::from_secs(60);
/// So many copies are more than PostgreSQL leaves where it keeps up: it begins at five thousand.
const DEAD_ROWS_MAX: u64 = 100_000;
/// No transaction of ours is as old: its statements have ten seconds each, its pauses five.
const TRANSACTION_MAX: Duration = Duration::from_secs(60);

static PARKED: Gauge = Gauge::new(
    "visits.items_parked",
    "{item}",
    "Events, timers and messages that wait for an operator.",
);
static UNSENT: Gauge = Gauge::new(
    "visits.events_unsent",
    "{event}",
    "Events that the bus has not confirmed.",
);
static UNHANDLED: Gauge = Gauge::new(
    "visits.events_unhandled",
    "{event}",
    "Events that have come and are not handled.",
);
static OVERDUE: Gauge = Gauge::new(
    "visits.jobs_overdue",
    "{job}",
    "Timers and effects that are due and not done.",
);
static DEAD_ROWS: Gauge = Gauge::new(
    "visits.database.dead_rows",
    "{row}",
    "Dead copies of rows in the table that has most of them.",
);
static OLDEST_TRANSACTION: Gauge = Gauge::new(
    "visits.database.oldest_transaction",
    "s",
    "For how long the oldest transaction has kept dead rows from being cleared away.",
);

/// Says the figures anew each minute until `stop` is cancelled.
pub(crate) async fn go_on(durables: Vec<Durable>, stop: CancellationToken) {
    let mut times = tokio::time::interval(EVERY);
    times.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while stop.run_until_cancelled(times.tick()).await.is_some() {
        if let Err(fault) = say(&durables).await {
            tracing::warn!(
                reason = fault.reason,
                "the figures are of a minute ago: {fault}"
            );
        }
    }
}

/// The figures of one service, or of several.
#[derive(Default)]
struct Figures {
    parked: u64,
    unsent: u64,
    unhandled: u64,
    overdue: u64,
    dead_rows: u64,
    oldest_transaction: Duration,
}

impl Figures {
    async fn of(durable: &Durable) -> Result<Self, Fault> {
        let health = durable.health().await?;
        let upkeep = durable.upkeep().await?;
        Ok(Self {
            parked: health.inbox_parked + health.jobs_parked + health.messages_parked,
            unsent: health.outbox_unpublished,
            unhandled: health.inbox_pending,
            overdue: health.jobs_overdue,
            dead_rows: upkeep.dead_rows,
            oldest_transaction: upkeep.oldest_transaction,
        })
    }

    fn add(&mut self, other: &Self) {
        self.parked += other.parked;
        self.unsent += other.unsent;
        self.unhandled += other.unhandled;
        self.overdue += other.overdue;
        self.dead_rows = self.dead_rows.max(other.dead_rows);
        self.oldest_transaction = self.oldest_transaction.max(other.oldest_transaction);
    }

    fn alarm(&self, service: &str) {
        if self.dead_rows > DEAD_ROWS_MAX || self.oldest_transaction > TRANSACTION_MAX {
            tracing::error!(
                service,
                dead_rows = self.dead_rows,
                oldest_transaction_seconds = self.oldest_transaction.as_secs(),
                "the database doesn't keep up: a transaction may hold it back, or autovacuum is off"
            );
        }
    }
}

/// Alarms for each database that answers. The figures stay as they are while one doesn't: a sum
/// without it would look like an improvement.
async fn say(durables: &[Durable]) -> Result<(), Fault> {
    let mut all = Figures::default();
    let mut missing = Ok(());
    for durable in durables {
        match Figures::of(durable).await {
            Ok(one) => {
                one.alarm(durable.service());
                all.add(&one);
            }
            Err(fault) => missing = Err(fault),
        }
    }
    missing?;
    PARKED.set(all.parked);
    UNSENT.set(all.unsent);
    UNHANDLED.set(all.unhandled);
    OVERDUE.set(all.overdue);
    DEAD_ROWS.set(all.dead_rows);
    OLDEST_TRANSACTION.set(all.oldest_transaction.as_secs());
    Ok(())
}

#[cfg(test)]
mod tests {
    use visits_bus::{Envelope, GivenUp};
    use visits_testkit::Database;

    use super::*;

    #[tokio::test]
    async fn r_ops_6_what_waits_for_operators_of_several_services_is_one_figure() {
        let bench = Database::Sqlite.bench("2020-10-23T09:00:00Z");
        let mut durables = Vec::new();
        for (service, bodies) in [("letters", &["a", "b"][..]), ("insights", &["a"])] {
            let durable = bench.durable(service, Vec::new).await;
            for body in bodies {
                let message = GivenUp {
                    sent_as: "ofsted.visits.recording.v1.VisitStopped".to_owned(),
                    body: body.as_bytes().to_vec(),
                    why: Envelope::read(body.as_bytes()).expect_err("no event"),
                };
                let put = durable.receiver().put_aside(message).await;
                put.expect("put aside");
            }
            durables.push(durable);
        }
        say(&durables).await.expect("said");
        assert_eq!((PARKED.last(), UNSENT.last(), OVERDUE.last()), (3, 0, 0));
        assert_eq!((DEAD_ROWS.last(), OLDEST_TRANSACTION.last()), (0, 0));
    }
}
