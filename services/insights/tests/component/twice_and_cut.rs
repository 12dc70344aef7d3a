//! Twice is normal, and so is a step that is cut short: each consumer and job run again comes to
//! the same.

use visits_core::Role;
use visits_proto::insights::v1::GetConversionCountsRequest;
use visits_proto::insights::v1::visit_coding::State;
use visits_testkit::{Database, at_every_cut, on_every_database};

use crate::peers::{answers, record};
use crate::world::{World, visit};

const URN: &str = "123166";

/// Counts begun, completed, stopped and NFD necessary.
async fn counts(world: &World) -> [i64; 4] {
    let mut client = world.client("auditor-1", Role::Auditor);
    let answer = client
        .get_conversion_counts(GetConversionCountsRequest {})
        .await;
    let counts = answer.expect("counts").into_inner();
    [
        counts.visits_begun,
        counts.visits_completed,
        counts.visits_stopped,
        counts.nfd_required,
    ]
}

/// Lets the loops run into the cut, then run again until everything has come to rest.
async fn cut_and_go_on(world: &World, place: u32, until: &str) -> bool {
    world.durable.cuts().after(place);
    let first = world.bench.workers.settle().await;
    let reached = !world.durable.cuts().clear();
    assert!(reached || first.is_ok());
    world.bench.run_until(until).await;
    let health = world.durable.health().await.expect("health");
    assert!(health.is_settled(), "{health:?} after a cut at {place}");
    reached
}

async fn m38_a_completion_and_its_fetch_cut_anywhere_bring_the_answers_once(database: Database) {
    let places = at_every_cut(|place| async move {
        let world = World::new(database).await;
        world.school(URN, |_| {});
        world.known().answers.insert(record(visit(1)), answers());
        world.started(visit(1), URN).await;
        world.completed(visit(1), URN).await;
        let reached = cut_and_go_on(&world, place, "2020-10-12T11:00:00Z").await;
        assert_eq!(counts(&world).await, [1, 1, 0, 0]);
        let coding = world.coding(visit(1)).await.expect("answers");
        assert_eq!((coding.state(), coding.answers.len()), (State::ToCode, 3));
        assert_eq!(coding.etag, "\"1\"", "stored once");
        reached
    })
    .await;
    assert!(places >= 10, "{places}");
}

async fn m30_a_conversion_and_its_erasing_cut_anywhere_leave_the_visit_out_once(
    database: Database,
) {
    let places = at_every_cut(|place| async move {
        let world = World::new(database).await;
        world.school(URN, |_| {});
        world.whole_visit(visit(1), URN).await;
        world.decided(visit(1), URN, true).await;
        world.stopped(visit(1), URN).await;
        let reached = cut_and_go_on(&world, place, "2020-10-12T11:00:00Z").await;
        assert_eq!(counts(&world).await, [1, 0, 1, 1]);
        let coding = world.coding(visit(1)).await.expect("a mark");
        assert_eq!((coding.state(), coding.answers.len()), (State::LeftOut, 0));
        assert_eq!(coding.etag, "\"2\"", "erased once");
        reached
    })
    .await;
    assert!(places >= 10, "{places}");
}

async fn every_event_sent_twice_is_heard_once(database: Database) {
    let world = World::new(database).await;
    world.school(URN, |_| {});
    world.known().answers.insert(record(visit(1)), answers());
    for _ in 0..2 {
        world.started(visit(1), URN).await;
        world.completed(visit(1), URN).await;
        world.decided(visit(1), URN, true).await;
        world.stopped(visit(1), URN).await;
        world.forget_sequences();
        world.bench.settle().await;
    }
    assert_eq!(counts(&world).await, [1, 0, 1, 1]);
    assert!(world.durable.health().await.expect("health").is_settled());
}

async fn news_of_other_events_in_the_same_line_of_events_are_passed_over(database: Database) {
    let world = World::new(database).await;
    world.school(URN, |_| {});
    world.known().answers.insert(record(visit(1)), answers());
    world.started(visit(1), URN).await;
    world.departed(visit(1), URN).await;
    world.completed(visit(1), URN).await;
    world.bench.settle().await;
    assert_eq!(counts(&world).await, [1, 1, 0, 0]);
}

async fn after_a_restart_what_was_left_to_do_is_done(database: Database) {
    let mut world = World::new(database).await;
    world.school(URN, |_| {});
    world.known().answers.insert(record(visit(1)), answers());
    world.started(visit(1), URN).await;
    world.completed(visit(1), URN).await;
    world.restart().await;
    world.bench.settle().await;
    assert_eq!(
        world.coding(visit(1)).await.expect("answers").answers.len(),
        3
    );
}

on_every_database!(
    m38_a_completion_and_its_fetch_cut_anywhere_bring_the_answers_once,
    m30_a_conversion_and_its_erasing_cut_anywhere_leave_the_visit_out_once,
    every_event_sent_twice_is_heard_once,
    news_of_other_events_in_the_same_line_of_events_are_passed_over,
    after_a_restart_what_was_left_to_do_is_done,
);
