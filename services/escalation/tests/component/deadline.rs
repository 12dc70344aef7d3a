//! The 48 hours, with the process dying in the middle (M29), and the wait for the decision.

use visits_core::{SignedDuration, Timestamp, london};
use visits_durable::{Cause, JobChange};
use visits_proto::escalation::v1 as wire;
use visits_proto::escalation::v1::case::State;
use visits_testkit::{Database, on_every_database};

use crate::house::{House, OTHER_VISIT, answer};

fn after(start: Timestamp, seconds: i64) -> String {
    (start + SignedDuration::from_secs(seconds)).to_string()
}

const HOUR: i64 = 3_600;

async fn m29_nothing_at_47_59_59_and_one_breach_at_48_00_00_with_a_restart_between(
    database: Database,
) {
    let house = House::open(database).await;
    let case = house.nfd_required().await;
    let decided_at = house.now();
    house
        .bench
        .run_until(&after(decided_at, 48 * HOUR - 1))
        .await;
    assert_eq!(house.count_said("NfdDeadlineBreached").await, 0);
    let house = house.restart().await;
    house.bench.run_until(&after(decided_at, 48 * HOUR)).await;
    assert_eq!(house.count_said("NfdDeadlineBreached").await, 1);
    let house = house.restart().await;
    house.bench.run_until(&after(decided_at, 96 * HOUR)).await;
    assert_eq!(house.count_said("NfdDeadlineBreached").await, 1);
    let breached = house.get(house.desk(), &case).await.expect("the case");
    assert_eq!(breached.state(), State::NfdRequired, "the case stays open");
    let window = breached.window.expect("a window");
    let breached_at = visits_proto::instant(window.breached_time.as_ref());
    assert_eq!(
        breached_at,
        Some(decided_at + SignedDuration::from_hours(48))
    );
    house.assert_at_rest().await;
}

async fn m29_the_deadline_is_48_elapsed_hours_over_the_clock_change(database: Database) {
    let house = House::open(database).await;
    let half_past_two: Timestamp = "2020-10-23T13:30:00Z".parse().expect("instant");
    house.bench.clock.advance_to(half_past_two);
    let case = house.nfd_required().await;
    let window = case.window.expect("a window");
    let deadline = visits_proto::instant(window.deadline_time.as_ref()).expect("a deadline");
    let spoken = london::spoken(deadline);
    assert_eq!(spoken, "Sunday 25 October 2020 at 1:30pm GMT");
}

async fn m29_the_warnings_come_in_order_and_those_slept_through_are_marked_late(
    database: Database,
) {
    let house = House::open(database).await;
    let case = house.nfd_required().await;
    let decided_at = house.now();
    house.bench.run_until(&after(decided_at, 24 * HOUR)).await;
    assert_eq!(house.count_said("NfdDeadlineWarning").await, 1);
    // The process is down from hour 25 to hour 45: 12 and 4 hours left fall into it.
    house.bench.run_until(&after(decided_at, 25 * HOUR)).await;
    let woken_at = decided_at + SignedDuration::from_hours(45);
    house.bench.clock.advance_to(woken_at);
    let house = house.restart().await;
    house.bench.run_until(&after(decided_at, 47 * HOUR)).await;
    let mut given = Vec::new();
    for entry in house.said().await {
        if let Ok(warning) = entry.decode::<wire::NfdDeadlineWarning>() {
            given.push((warning.hours_left, warning.late, warning.skipped_hours));
        }
    }
    let expected = [(24, false, vec![]), (4, true, vec![12]), (1, false, vec![])];
    assert_eq!(given, expected);
    let window = house.get(house.desk(), &case).await.expect("case").window;
    let late: Vec<_> = window
        .expect("a window")
        .warnings
        .iter()
        .map(|warning| (warning.hours_left, warning.late))
        .collect();
    assert_eq!(late, [(24, false), (12, true), (4, true), (1, false)]);
}

async fn m29_the_start_stops_the_clock(database: Database) {
    let house = House::open(database).await;
    let case = house.nfd_required().await;
    let decided_at = house.now();
    house.bench.run_until(&after(decided_at, 47 * HOUR)).await;
    house.start_nfd(&case).await;
    house.bench.run_until(&after(decided_at, 72 * HOUR)).await;
    assert_eq!(house.count_said("NfdDeadlineBreached").await, 0);
    house.assert_at_rest().await;
}

async fn window_of(house: &House, name: &str) -> (Vec<String>, String) {
    let name = name.to_owned();
    let mut desk = house.desk();
    let window = desk.get_nfd_window(wire::GetNfdWindowRequest { name });
    let window = answer(window.await);
    let hours = window
        .open_hours
        .iter()
        .filter_map(|hours| visits_proto::instant(hours.start_time.as_ref()))
        .map(london::brief)
        .collect();
    (hours, window.calendar)
}

async fn m29_the_window_names_the_hours_in_which_the_school_is_open(database: Database) {
    let house = House::open(database).await;
    let case = house.awaiting_decision().await;
    let expected = (
        vec!["Fri 23 Oct 11:20am BST".to_owned()],
        "ENGLAND".to_owned(),
    );
    assert_eq!(window_of(&house, &case.name).await, expected);
    // Scheduling doesn't answer for the other school: weekdays inform as well as they can.
    let request = wire::RaiseConcernRequest {
        visit: OTHER_VISIT.into(),
        ..house.raise_request("safeguarding")
    };
    let other = answer(house.hmi("HMI-003").raise_concern(request).await);
    let (_, calendar) = window_of(&house, &other.name).await;
    assert_eq!(calendar, "WEEKDAYS");
}

async fn m29_a_deadline_whose_timer_was_lost_is_armed_again_and_breached_once(database: Database) {
    let house = House::open(database).await;
    let case = house.nfd_required().await;
    let decided_at = house.now();
    house.bench.settle().await;
    let name = case.name.clone();
    let lose = JobChange::Cancel {
        kind: "escalation.nfd_deadline",
    };
    let lost = house.durable.unit_of_work(Cause::System, move |step| {
        Box::pin(async move { step.apply_jobs(&name, 1_000, vec![lose]).await })
    });
    lost.await.expect("the timer is lost");
    assert_eq!(house.bench.workers.sweep().await, Ok(1), "one repair");
    assert_eq!(house.bench.workers.sweep().await, Ok(0), "and no more");
    let end = after(decided_at, 49 * HOUR);
    house.bench.run_until(&end).await;
    assert_eq!(house.count_said("NfdDeadlineBreached").await, 1);
}

async fn the_decision_is_reminded_of_and_alarmed_until_taken_over_a_restart(database: Database) {
    let house = House::open(database).await;
    let case = house.awaiting_decision().await;
    let asked_at = house.now();
    house.bench.run_until(&after(asked_at, HOUR)).await;
    assert_eq!(house.count_said("DecisionReminder").await, 1);
    assert_eq!(house.count_said("DecisionOverdue").await, 0);
    let house = house.restart().await;
    house.bench.run_until(&after(asked_at, 3 * HOUR)).await;
    assert_eq!(house.count_said("DecisionReminder").await, 1);
    assert_eq!(house.count_said("DecisionOverdue").await, 3);
    let case = house.get(house.director(), &case).await.expect("the case");
    house.decide(&case, false).await;
    house.bench.run_until(&after(asked_at, 12 * HOUR)).await;
    assert_eq!(house.count_said("DecisionOverdue").await, 3);
    house.assert_at_rest().await;
}

on_every_database!(
    m29_nothing_at_47_59_59_and_one_breach_at_48_00_00_with_a_restart_between,
    m29_the_deadline_is_48_elapsed_hours_over_the_clock_change,
    m29_the_warnings_come_in_order_and_those_slept_through_are_marked_late,
    m29_the_start_stops_the_clock,
    m29_the_window_names_the_hours_in_which_the_school_is_open,
    m29_a_deadline_whose_timer_was_lost_is_armed_again_and_breached_once,
    the_decision_is_reminded_of_and_alarmed_until_taken_over_a_restart,
);
