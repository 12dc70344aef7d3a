//! What other services say → what counts.

use tonic::Response;
use visits_core::Role;
use visits_proto::insights::v1::visit_coding::State;
use visits_proto::insights::v1::{ConversionCounts, GetConversionCountsRequest};

use visits_testkit::{Database, on_every_database};

use crate::world::{World, visit};

const URN: &str = "123166";

async fn world(database: Database) -> World {
    let world = World::new(database).await;
    world.school(URN, |_| {});
    world
}

async fn counts(world: &World) -> ConversionCounts {
    let mut client = world.client("desk-1", Role::DutyDesk);
    let answer = client
        .get_conversion_counts(GetConversionCountsRequest {})
        .await;
    answer.map(Response::into_inner).expect("counts")
}

async fn m34_visits_begun_and_converted_are_counted_with_their_rate(database: Database) {
    let world = world(database).await;
    for number in 1..=50 {
        world.started(visit(number), URN).await;
    }
    world.decided(visit(1), URN, true).await;
    world.decided(visit(2), URN, false).await;
    world.bench.settle().await;
    let first = counts(&world).await;
    assert_eq!(
        (
            first.visits_begun,
            first.nfd_required,
            first.nfd_not_required
        ),
        (50, 1, 1)
    );
    assert_eq!(
        (first.rate_text.as_str(), first.above_limit),
        ("2.0%", false)
    );

    world.decided(visit(3), URN, true).await;
    world.stopped(visit(3), URN).await;
    world.bench.settle().await;
    let second = counts(&world).await;
    assert_eq!(
        (
            second.visits_begun,
            second.visits_stopped,
            second.nfd_required
        ),
        (50, 1, 2)
    );
    assert_eq!((second.rate_basis_points, second.above_limit), (400, true));
}

async fn m34_a_decision_heard_before_the_beginning_counts_once_the_visit_has_begun(
    database: Database,
) {
    let world = world(database).await;
    world.decided(visit(1), URN, true).await;
    world.bench.settle().await;
    assert_eq!(counts(&world).await.rate_text, "N/A");
    world.started(visit(1), URN).await;
    world.bench.settle().await;
    assert_eq!(counts(&world).await.rate_text, "100.0%");
}

async fn m38_the_answers_of_a_completed_visit_are_fetched_page_by_page(database: Database) {
    let world = world(database).await;
    world.known().page_size = 1;
    world.whole_visit(visit(1), URN).await;
    let coding = world.coding(visit(1)).await.expect("answers");
    assert_eq!(coding.state(), State::ToCode);
    assert_eq!(coding.answers.len(), 3);
    assert_eq!(world.known().fetches, 3);
    assert!(world.durable.health().await.expect("health").is_settled());
}

async fn m30_the_answers_of_a_visit_stopped_before_its_completion_are_never_fetched(
    database: Database,
) {
    let world = world(database).await;
    world.started(visit(1), URN).await;
    world.stopped(visit(1), URN).await;
    world.bench.settle().await;
    assert_eq!(world.known().fetches, 0);
    assert!(world.coding(visit(1)).await.is_err());
}

async fn m30_the_answers_of_a_visit_converted_after_its_completion_are_erased(database: Database) {
    let world = world(database).await;
    world.import_frame().await;
    world.whole_visit(visit(1), URN).await;
    world
        .code(visit(1), 5, &["theme-reading"])
        .await
        .expect("coded");
    assert!(world.database_holds("phonics").await);
    // Escalation is heard before recording has stopped: that is enough.
    world.decided(visit(1), URN, true).await;
    world.bench.settle().await;
    let left_out = world
        .coding(visit(1))
        .await
        .expect("a mark that it was left out");
    assert_eq!(left_out.state(), State::LeftOut);
    assert!(left_out.answers.is_empty());
    world.stopped(visit(1), URN).await;
    world.bench.settle().await;
    let release = world.release(9, "2020-10-12").await.expect("a release");
    assert_eq!((release.schools_visited, release.schools_coded), (0, 0));
    let conversion = release.conversion.expect("counts");
    assert_eq!((conversion.visits_begun, conversion.visits_stopped), (1, 1));
    assert!(
        !world.database_holds("phonics").await,
        "no copy of an answer is left"
    );
}

async fn m30_answers_that_wait_to_be_fetched_when_the_visit_is_converted_are_not_fetched(
    database: Database,
) {
    let world = world(database).await;
    world.known().answer_failures = 1;
    world.whole_visit(visit(1), URN).await;
    world.decided(visit(1), URN, true).await;
    world.wait_an_hour().await;
    let left_out = world
        .coding(visit(1))
        .await
        .expect("a mark that it was left out");
    assert_eq!(left_out.state(), State::LeftOut);
    assert_eq!(world.known().fetches, 1);
    assert!(world.durable.health().await.expect("health").is_settled());
}

async fn m30_answers_on_their_way_when_the_visit_is_converted_do_not_arrive(database: Database) {
    let world = world(database).await;
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let (go_on, word) = std::sync::mpsc::channel();
    world.known().gate = Some((begun, word));
    let fetching = world.whole_visit(visit(1), URN);
    let converting = async {
        has_begun.await.expect("answers are asked for");
        world.decided(visit(1), URN, true).await;
        world.bench.settle().await;
        go_on.send(()).expect("the peer waits for it");
    };
    tokio::join!(fetching, converting);
    world.bench.settle().await;
    let left_out = world
        .coding(visit(1))
        .await
        .expect("a mark that it was left out");
    assert_eq!(
        (left_out.state(), left_out.answers.len()),
        (State::LeftOut, 0)
    );
    assert!(!world.database_holds("phonics").await);
    assert!(world.durable.health().await.expect("health").is_settled());
}

async fn peers_that_do_not_answer_are_asked_again(database: Database) {
    let world = world(database).await;
    world.known().school_failures = 3;
    world.known().answer_failures = 2;
    world.whole_visit(visit(1), URN).await;
    world.wait_an_hour().await;
    assert_eq!(
        world.coding(visit(1)).await.expect("answers").answers.len(),
        3
    );
    assert!(world.durable.health().await.expect("health").is_settled());
}

async fn a_visit_to_a_school_that_scheduling_does_not_know_waits_for_an_operator(
    database: Database,
) {
    let world = World::new(database).await;
    world.whole_visit(visit(1), URN).await;
    world.wait_an_hour().await;
    assert_eq!(
        world.durable.health().await.expect("health").inbox_parked,
        1
    );
}

async fn the_sweep_finds_a_fetch_that_was_lost_and_arms_it_again(database: Database) {
    let world = world(database).await;
    world.started(visit(1), URN).await;
    world.completed(visit(1), URN).await;
    // Recording says "not complete": the job is done, and nothing was stored.
    world.known().answers_refused = true;
    world.bench.settle().await;
    assert!(world.coding(visit(1)).await.is_err());
    world.known().answers_refused = false;
    world
        .known()
        .answers
        .insert(crate::peers::record(visit(1)), crate::peers::answers());
    assert_eq!(world.bench.workers.sweep().await, Ok(1));
    world.bench.settle().await;
    assert_eq!(
        world.coding(visit(1)).await.expect("answers").answers.len(),
        3
    );
    assert_eq!(world.bench.workers.sweep().await, Ok(0));
}

on_every_database!(
    m34_visits_begun_and_converted_are_counted_with_their_rate,
    m34_a_decision_heard_before_the_beginning_counts_once_the_visit_has_begun,
    m38_the_answers_of_a_completed_visit_are_fetched_page_by_page,
    m30_the_answers_of_a_visit_stopped_before_its_completion_are_never_fetched,
    m30_the_answers_of_a_visit_converted_after_its_completion_are_erased,
    m30_answers_that_wait_to_be_fetched_when_the_visit_is_converted_are_not_fetched,
    m30_answers_on_their_way_when_the_visit_is_converted_do_not_arrive,
    peers_that_do_not_answer_are_asked_again,
    a_visit_to_a_school_that_scheduling_does_not_know_waits_for_an_operator,
    the_sweep_finds_a_fetch_that_was_lost_and_arms_it_again,
);
