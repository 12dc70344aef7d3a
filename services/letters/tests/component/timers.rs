//! Deadlines: three, five and thirteen working days, to the second, and over a restart.

use visits_core::Timestamp;
use visits_proto::instant;
use visits_testkit::{Database, on_every_database};

use crate::world::{World, visit};

fn at(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

async fn the_draft_is_due_three_working_days_after_departure(database: Database) {
    let world = World::new(database).await;
    world.visit_over().await;
    world.bench.run_until("2020-10-16T15:59:59Z").await;
    let overdue = |audit: &[visits_durable::AuditEntry]| {
        audit
            .iter()
            .filter(|row| row.action == "ground.draft_overdue")
            .count()
    };
    assert_eq!(overdue(&world.audit().await), 0);
    world.bench.run_until("2020-10-16T16:00:00Z").await;
    assert_eq!(overdue(&world.audit().await), 1);
    let letter = world.draft().await.expect("late, but drafted");
    assert_eq!(
        instant(letter.draft_due_time.as_ref()),
        at("2020-10-16T16:00:00Z")
    );
    world.assert_settled().await;
}

async fn a_letter_drafted_in_time_is_never_overdue(database: Database) {
    let world = World::new(database).await;
    world.visit_over().await;
    world.draft().await.expect("drafted");
    assert_eq!(world.durable.pending_jobs(&visit()).await, Ok(vec![]));
    world.bench.run_until("2020-10-20T12:00:00Z").await;
    assert!(
        !world
            .audit()
            .await
            .iter()
            .any(|row| row.action == "ground.draft_overdue")
    );
}

async fn publication_is_aimed_at_thirteen_working_days_across_the_clock_change_and_a_restart(
    database: Database,
) {
    let mut world = World::new(database).await;
    world.visit_over().await;
    let letter = world.draft().await.expect("drafted");
    assert_eq!(
        instant(letter.publication_target_time.as_ref()),
        at("2020-10-30T17:00:00Z")
    );
    world.bench.run_until("2020-10-20T12:00:00Z").await;
    world.restart().await;
    world.bench.run_until("2020-10-30T16:59:59Z").await;
    assert_eq!(world.get(&letter).await.publication_overdue_time, None);
    world.bench.run_until("2020-10-30T17:00:00Z").await;
    let late = world.get(&letter).await;
    assert_eq!(
        instant(late.publication_overdue_time.as_ref()),
        at("2020-10-30T17:00:00Z")
    );
    world.assert_settled().await;
}

async fn without_a_letter_the_publication_target_passes_for_the_visit(database: Database) {
    let world = World::new(database).await;
    world.visit_over().await;
    world.bench.run_until("2020-10-30T17:00:00Z").await;
    let letter = world.draft().await.expect("very late");
    assert_eq!(
        instant(letter.publication_overdue_time.as_ref()),
        at("2020-10-30T17:00:00Z")
    );
}

async fn m36_the_school_is_reminded_once_on_the_working_day_before(database: Database) {
    let world = World::new(database).await;
    world.visit_over().await;
    let letter = world.draft().await.expect("drafted");
    world.send(&letter).await.expect("sent");
    assert_eq!(world.messages().len(), 1);
    world.bench.run_until("2020-10-19T07:59:59Z").await;
    assert_eq!(world.messages().len(), 1);
    world.bench.run_until("2020-10-19T08:00:00Z").await;
    assert_eq!(world.messages().len(), 2);
    assert_eq!(
        world.link("reminder"),
        world.link("invitation"),
        "the same link"
    );
    let round = world.get(&letter).await.factual_checks[0].clone();
    assert_eq!(
        instant(round.reminded_time.as_ref()),
        at("2020-10-19T08:00:00Z")
    );
}

async fn m36_a_school_that_has_replied_is_not_reminded(database: Database) {
    let world = World::new(database).await;
    world.visit_over().await;
    let letter = world.draft().await.expect("drafted");
    world.send(&letter).await.expect("sent");
    world.reply(&letter, &[]).await.expect("replied");
    world.bench.run_until("2020-10-21T12:00:00Z").await;
    assert_eq!(world.messages().len(), 1);
    assert!(
        world.get(&letter).await.factual_checks[0]
            .overdue_time
            .is_none()
    );
}

async fn the_sweep_arms_again_what_is_missing_and_otherwise_nothing(database: Database) {
    let world = World::new(database).await;
    world.visit_over().await;
    assert_eq!(world.bench.workers.sweep().await, Ok(0));
    world.lose_jobs().await;
    assert_eq!(
        world.bench.workers.sweep().await,
        Ok(2),
        "draft and publication"
    );
    assert_eq!(world.bench.workers.sweep().await, Ok(0));
    let letter = world.draft().await.expect("drafted");
    world.send(&letter).await.expect("sent");
    assert_eq!(world.bench.workers.sweep().await, Ok(0));
    world.lose_jobs().await;
    assert_eq!(
        world.bench.workers.sweep().await,
        Ok(3),
        "publication, reminder and reply"
    );
    world.bench.run_until("2020-10-20T16:00:00Z").await;
    assert!(
        world.get(&letter).await.factual_checks[0]
            .overdue_time
            .is_some()
    );
    assert_eq!(world.messages().len(), 2);
}

on_every_database!(
    the_draft_is_due_three_working_days_after_departure,
    a_letter_drafted_in_time_is_never_overdue,
    publication_is_aimed_at_thirteen_working_days_across_the_clock_change_and_a_restart,
    without_a_letter_the_publication_target_passes_for_the_visit,
    m36_the_school_is_reminded_once_on_the_working_day_before,
    m36_a_school_that_has_replied_is_not_reminded,
    the_sweep_arms_again_what_is_missing_and_otherwise_nothing,
);
