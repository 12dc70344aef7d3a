//! One trace from a step over its event to the step of the service that heard it (R-EVT-7).

mod tally;

use tally::{count, count_up, request, start};
use visits_durable::Durable;
use visits_testkit::{Database, on_every_database};
use visits_trace::Trace;

const SENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// The traces that a tally's events tell of.
async fn told(durable: &Durable) -> Vec<Option<String>> {
    let said = durable.feed().after(0, durable.service()).await;
    let said = said.expect("the feed").into_iter();
    said.map(|event| event.traceparent).collect()
}

async fn an_event_and_what_follows_from_it_are_in_the_trace_of_the_call(database: Database) {
    let mut bench = database.bench("2020-10-23T09:00:00Z");
    let said = start(&mut bench, "said", false).await;
    let heard = start(&mut bench, "heard", true).await;
    let traced = Trace::of(Some(SENT)).within(count_up(&said, request(1, "a"), false));
    traced.await.expect("counted");
    let untraced = count_up(&said, request(2, "a"), false);
    untraced.await.expect("counted");
    bench.settle().await;
    let expected = [Some(SENT.to_owned()), None];
    assert_eq!(told(&said).await, expected);
    assert_eq!(told(&heard).await, expected);
    assert_eq!(count(&heard).await, 2);
}

on_every_database!(an_event_and_what_follows_from_it_are_in_the_trace_of_the_call);
