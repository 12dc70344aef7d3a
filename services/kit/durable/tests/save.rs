//! An aggregate is saved with what its step says, at the version that the step has read.

mod tally;

use serde_json::json;
use tally::{count, count_up, request, save, start};
use visits_core::ErrorKind;
use visits_testkit::{Database, on_every_database};

on_every_database!(
    a_version_that_has_moved_is_a_conflict_and_nothing_of_its_step_stays,
    what_a_step_saves_twice_stands_as_it_was_saved_last,
);

async fn a_version_that_has_moved_is_a_conflict_and_nothing_of_its_step_stays(database: Database) {
    let mut bench = database.bench("2020-10-23T09:00:00Z");
    let durable = start(&mut bench, "one", false).await;
    assert_eq!(count_up(&durable, request(1, "a"), false).await, Ok(1));
    let late = durable
        .unit_of_work(request(2, "a"), |step| {
            Box::pin(async move {
                step.audit("counted", "tallies", json!({})).await?;
                save(step, 7, 100).await
            })
        })
        .await;
    assert_eq!(late.expect_err("refused").kind, ErrorKind::Conflict);
    assert_eq!(count(&durable).await, 1);
    bench.settle().await;
    let audit = durable.audit_page(None, 0).await.expect("the audit");
    assert_eq!(audit.len(), 1);
    // The request was not carried out, so that its repeat is.
    assert_eq!(count_up(&durable, request(2, "a"), false).await, Ok(2));
}

async fn what_a_step_saves_twice_stands_as_it_was_saved_last(database: Database) {
    let mut bench = database.bench("2020-10-23T09:00:00Z");
    let durable = start(&mut bench, "one", false).await;
    assert_eq!(count_up(&durable, request(1, "a"), false).await, Ok(1));
    durable
        .unit_of_work(request(2, "a"), |step| {
            Box::pin(async move {
                save(step, 1, 10).await?;
                save(step, 2, 20).await
            })
        })
        .await
        .expect("saved");
    assert_eq!(count(&durable).await, 20);
    assert_eq!(count_up(&durable, request(3, "a"), false).await, Ok(21));
}
