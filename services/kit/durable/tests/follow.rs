//! Events and timers: at least once on the way, once in effect.

mod tally;

use std::sync::Arc;

use tally::{REMINDER, TALLY, count, count_up, request, start};
use visits_bus::{EventBus, Receiver};
use visits_durable::Health;
use visits_testkit::{Bench, Database, at_every_cut, on_every_database};

async fn an_event_reaches_its_consumer_and_counts_once(database: Database) {
    let mut bench = database.bench("2020-10-23T09:00:00Z");
    let said = start(&mut bench, "said", false).await;
    let heard = start(&mut bench, "heard", true).await;
    count_up(&said, request(1, "a"), false)
        .await
        .expect("counted");
    bench.settle().await;
    assert_eq!(count(&heard).await, 1);
    assert_eq!(said.health().await.expect("health"), Health::default());
    assert_eq!(heard.health().await.expect("health").inbox_pending, 0);
}

/// Remembers what the bus carried, to send it again.
#[derive(Default)]
struct Tape(std::sync::Mutex<Vec<visits_bus::Envelope>>);

#[async_trait::async_trait]
impl Receiver for Tape {
    async fn receive(&self, envelopes: &[visits_bus::Envelope]) -> Result<(), visits_core::Fault> {
        self.0.lock().expect("lock").extend_from_slice(envelopes);
        Ok(())
    }

    async fn put_aside(&self, message: visits_bus::GivenUp) -> Result<(), visits_core::Fault> {
        panic!("nothing here is to be given up: {message:?}")
    }
}

async fn taped(bench: &Bench) -> Arc<Tape> {
    let tape = Arc::new(Tape::default());
    let subscription = visits_bus::Subscription {
        group: "tape",
        aggregates: vec!["said"],
        receiver: tape.clone(),
    };
    bench.bus.subscribe(subscription).await.expect("subscribed");
    tape
}

async fn duplicates_are_dropped_and_a_gap_is_waited_out(database: Database) {
    let mut bench = database.bench("2020-10-23T09:00:00Z");
    let said = start(&mut bench, "said", false).await;
    let tape = taped(&bench).await;
    for number in 0..4 {
        count_up(&said, request(number, "a"), false)
            .await
            .expect("counted");
    }
    bench.settle().await;
    let events = tape.0.lock().expect("lock").clone();
    assert_eq!(events.len(), 4);

    let mut other = database.bench("2020-10-23T09:00:00Z");
    let heard = start(&mut other, "heard", true).await;
    // The third before the second, and each twice.
    for place in [0, 2, 2, 3] {
        other.bus.publish(&events[place]).await.expect("received");
        other.settle().await;
    }
    assert_eq!(count(&heard).await, 1, "the third waits for the second");
    for place in [1, 1, 0] {
        other.bus.publish(&events[place]).await.expect("received");
    }
    other.settle().await;
    assert_eq!(count(&heard).await, 4);
    assert_eq!(heard.health().await.expect("health").inbox_pending, 0);
}

async fn a_timer_fires_once_at_its_instant_though_the_process_was_killed_between(
    database: Database,
) {
    let mut bench = database.bench("2020-10-23T13:30:00Z");
    let durable = start(&mut bench, "one", false).await;
    count_up(&durable, request(1, "a"), true)
        .await
        .expect("armed");
    bench.run_until("2020-10-25T13:29:59Z").await;
    assert_eq!(count(&durable).await, 1, "not a second early");

    bench.kill();
    durable.close().await.expect("closed");
    let durable = start(&mut bench, "one", false).await;
    bench.settle().await;
    assert_eq!(count(&durable).await, 1);
    bench.run_until("2020-10-25T13:30:00Z").await;
    assert_eq!(count(&durable).await, 2);
    bench.run_until("2020-11-25T13:30:00Z").await;
    assert_eq!(count(&durable).await, 2, "once");
}

async fn arming_again_replaces_the_timer_of_the_same_kind(database: Database) {
    let mut bench = database.bench("2020-10-23T13:30:00Z");
    let durable = start(&mut bench, "one", false).await;
    count_up(&durable, request(1, "a"), true)
        .await
        .expect("armed");
    bench.run_until("2020-10-24T13:30:00Z").await;
    count_up(&durable, request(2, "a"), true)
        .await
        .expect("armed again");
    assert_eq!(
        durable
            .pending_jobs(&format!("tallies/{TALLY}"))
            .await
            .expect("jobs"),
        [REMINDER]
    );
    bench.run_until("2020-10-26T13:29:59Z").await;
    assert_eq!(count(&durable).await, 2, "the first timer is gone");
    bench.run_until("2020-10-26T13:30:00Z").await;
    assert_eq!(count(&durable).await, 3);
}

async fn a_consumer_and_a_job_cut_anywhere_and_run_again_count_once(database: Database) {
    let places = at_every_cut(|place| async move {
        let mut bench = database.bench("2020-10-23T13:30:00Z");
        let said = start(&mut bench, "said", false).await;
        let heard = start(&mut bench, "heard", true).await;
        count_up(&said, request(1, "a"), false)
            .await
            .expect("counted");
        count_up(&heard, request(1, "a"), true)
            .await
            .expect("counted, and armed");
        heard.cuts().after(place);
        let first = bench.workers.settle().await;
        bench
            .clock
            .advance(visits_core::SignedDuration::from_hours(48));
        let second = bench.workers.settle().await;
        let reached = !heard.cuts().clear();
        assert!(reached || (first.is_ok() && second.is_ok()));
        // What was put off comes back; a claim that was cut off is taken over.
        bench.run_until("2020-10-26T00:00:00Z").await;
        assert_eq!(
            count(&heard).await,
            3,
            "its own, the event's and the timer's"
        );
        assert!(heard.health().await.expect("health").is_settled());
        reached
    })
    .await;
    assert!(places >= 15, "{places}");
}

async fn the_feed_is_dense_and_in_order_and_every_reader_sees_all_of_it(database: Database) {
    let mut bench = database.bench("2020-10-23T13:30:00Z");
    let durable = start(&mut bench, "one", false).await;
    for number in 0..250 {
        count_up(&durable, request(number, "a"), false)
            .await
            .expect("counted");
        if number % 7 == 0 {
            bench.settle().await;
        }
    }
    bench.settle().await;
    let (mut position, mut seen) = (0, Vec::new());
    loop {
        let page = durable.feed().after(position, "one").await.expect("feed");
        let Some(last) = page.last() else { break };
        position = last.position;
        seen.extend(
            page.iter()
                .map(|entry| (entry.position, entry.aggregate_sequence)),
        );
    }
    assert_eq!(seen, (1..=250).map(|n| (n, n)).collect::<Vec<_>>());
    assert_eq!(*durable.feed().head().borrow(), 250);
}

on_every_database!(
    an_event_reaches_its_consumer_and_counts_once,
    duplicates_are_dropped_and_a_gap_is_waited_out,
    a_timer_fires_once_at_its_instant_though_the_process_was_killed_between,
    arming_again_replaces_the_timer_of_the_same_kind,
    a_consumer_and_a_job_cut_anywhere_and_run_again_count_once,
    the_feed_is_dense_and_in_order_and_every_reader_sees_all_of_it,
);
