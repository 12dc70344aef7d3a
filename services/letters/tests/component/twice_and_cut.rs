//! Twice is once, and a step cut anywhere and run again is whole: every consumer and every job.

use visits_durable::CUT_REASON;
use visits_proto::letters::v1::letter::State;
use visits_testkit::{Database, at_every_cut, on_every_database};

use crate::world::{World, visit};

/// What other services say in these tests.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Event {
    Departed,
    Agreed,
    Stopped,
    Decided,
    NfdCompleted,
    Assigned,
}

const EVENTS: [Event; 6] = [
    Event::Departed,
    Event::Agreed,
    Event::Stopped,
    Event::Decided,
    Event::NfdCompleted,
    Event::Assigned,
];

/// On PostgreSQL, where a new database costs a second, one of the cases is cut: the steps are the
/// same, and the kit's own suite cuts on both.
fn some_of<T: Copy>(database: Database, all: &[T], one: usize) -> Vec<T> {
    match database {
        Database::Sqlite => all.to_vec(),
        Database::Postgres => vec![all[one]],
    }
}

async fn say(world: &World, event: Event) {
    match event {
        Event::Departed => world.departed().await,
        Event::Agreed => world.agreed(1).await,
        Event::Stopped => world.stopped().await,
        Event::Decided => world.decided(true).await,
        Event::NfdCompleted => world.nfd_completed().await,
        Event::Assigned => world.assigned("HMI-001").await,
    }
}

/// A world in which the event has something to change.
async fn before(database: Database, event: Event) -> World {
    let world = World::new(database).await;
    if matches!(event, Event::Stopped | Event::Decided) {
        world.visit_over().await;
        world.draft().await.expect("a letter to supersede");
        world.bench.settle().await;
    }
    world
}

/// Everything that an event can change, as text to compare.
async fn state(world: &World) -> String {
    world.bench.settle().await;
    let letters = visits_proto::letters::v1::ListLettersRequest::default();
    let letters = world
        .publisher()
        .list_letters(letters)
        .await
        .expect("a list")
        .into_inner();
    let states: Vec<_> = letters
        .letters
        .iter()
        .map(|l| (l.state(), l.etag.clone()))
        .collect();
    let mut jobs = world.durable.pending_jobs(&visit()).await.expect("jobs");
    jobs.extend(
        world
            .durable
            .pending_jobs(&format!("{}/nfd", visit()))
            .await
            .expect("jobs"),
    );
    let done = world
        .audit()
        .await
        .into_iter()
        .filter(|row| row.outcome == "done")
        .count();
    format!("{states:?} {jobs:?} {:?} {done}", world.said().await)
}

async fn an_event_that_comes_twice_is_taken_once(database: Database) {
    for event in EVENTS {
        let world = before(database, event).await;
        say(&world, event).await;
        let once = state(&world).await;
        world.step_back();
        say(&world, event).await;
        assert_eq!(state(&world).await, once, "{event:?}");
        world.assert_settled().await;
    }
}

async fn an_event_cut_anywhere_and_taken_again_is_taken_whole(database: Database) {
    for event in some_of(database, &EVENTS, 3) {
        let whole = before(database, event).await;
        say(&whole, event).await;
        let expected = state(&whole).await;
        let expected = &expected;
        at_every_cut(|place| async move {
            let world = before(database, event).await;
            say(&world, event).await;
            world.durable.cuts().after(place);
            if let Err(fault) = world.bench.workers.settle().await {
                assert_eq!(fault.reason, CUT_REASON);
            }
            let reached = !world.durable.cuts().clear();
            // What was cut is tried again after a moment.
            world
                .bench
                .clock
                .advance(visits_core::SignedDuration::from_mins(5));
            assert_eq!(state(&world).await, *expected, "{event:?} cut at {place}");
            world.assert_settled().await;
            reached
        })
        .await;
    }
}

/// The timers and effects, each with the instant until which nothing happens.
const JOBS: [(&str, &str); 5] = [
    ("letters.send_to_school", "2020-10-13T14:40:00Z"),
    ("letters.school_reminder", "2020-10-19T08:00:00Z"),
    ("letters.reply_due", "2020-10-20T16:00:00Z"),
    ("letters.draft_due", "2020-10-16T16:00:00Z"),
    ("letters.publication_target", "2020-10-30T17:00:00Z"),
];

/// A world just before the job, at the instant when it is due.
async fn due(database: Database, kind: &str, at: &str) -> World {
    let world = World::new(database).await;
    world.visit_over().await;
    if kind != "letters.draft_due" {
        let letter = world.draft().await.expect("drafted");
        world.ask_to_send(&letter).await.expect("sent");
    }
    if kind != "letters.send_to_school" {
        let at: visits_core::Timestamp = at.parse().expect("an instant");
        let before = at - visits_core::SignedDuration::from_secs(1);
        world.bench.run_until(&before.to_string()).await;
    }
    world
        .bench
        .clock
        .advance_to(at.parse().expect("an instant"));
    world
}

async fn after(world: &World) -> String {
    world.bench.settle().await;
    let letters = visits_proto::letters::v1::ListLettersRequest::default();
    let letters = world
        .publisher()
        .list_letters(letters)
        .await
        .expect("a list")
        .into_inner();
    let done = world
        .audit()
        .await
        .into_iter()
        .filter(|row| row.outcome == "done")
        .count();
    let rounds: Vec<_> = letters
        .letters
        .iter()
        .map(|l| (l.state(), l.etag.clone(), l.factual_checks.len()))
        .collect();
    let names: Vec<String> = world.messages().into_iter().map(|(name, _)| name).collect();
    format!("{rounds:?} {} {names:?} {done}", world.said().await.len())
}

async fn a_job_cut_anywhere_and_run_again_has_one_effect(database: Database) {
    for (kind, at) in some_of(database, &JOBS, 0) {
        let whole = due(database, kind, at).await;
        whole.bench.settle().await;
        let expected = after(&whole).await;
        let expected = &expected;
        let places = at_every_cut(|place| async move {
            let world = due(database, kind, at).await;
            world.durable.cuts().after(place);
            let settled = world.bench.workers.settle().await;
            let reached = !world.durable.cuts().clear();
            if let Err(fault) = settled {
                assert_eq!(fault.reason, CUT_REASON);
            }
            world
                .bench
                .clock
                .advance(visits_core::SignedDuration::from_mins(5));
            world.bench.settle().await;
            assert_eq!(after(&world).await, *expected, "{kind} cut at {place}");
            world.assert_settled().await;
            reached
        })
        .await;
        assert!(places >= 4, "{kind}");
    }
}

async fn a_job_of_a_round_that_is_over_does_nothing(database: Database) {
    let world = World::new(database).await;
    world.visit_over().await;
    let letter = world.draft().await.expect("drafted");
    world
        .ask_to_send(&letter)
        .await
        .expect("sent, but the message has not left");
    world
        .reply(&letter, &[])
        .await
        .expect("replied by telephone");
    world.bench.settle().await;
    assert_eq!(world.messages(), []);
    assert_eq!(world.get(&letter).await.state(), State::SchoolReplied);
}

on_every_database!(
    an_event_that_comes_twice_is_taken_once,
    an_event_cut_anywhere_and_taken_again_is_taken_whole,
    a_job_cut_anywhere_and_run_again_has_one_effect,
    a_job_of_a_round_that_is_over_does_nothing,
);
