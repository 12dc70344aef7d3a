//! Every consumer and timer run twice is run once, and cut short at any place and run again is run
//! once (R11, R17); the sweep restores a lost timer (R5); no text leaves the service (R19).

use uuid::Uuid;
use visits_core::SignedDuration;
use visits_durable::sea_orm::{
    ConnectionTrait as _, DbBackend, FromQueryResult as _, JsonValue, Statement,
};
use visits_proto::recording::v1 as recording;
use visits_proto::scheduling::v1 as proto;
use visits_proto::{escalation, timestamp};
use visits_testkit::events::Of;
use visits_testkit::{Database, at_every_cut, on_every_database};

use crate::stage::{LEAD, MARKER, Stage, answer};

/// Every event that scheduling hears.
#[derive(Clone, Copy, Debug)]
enum Heard {
    VisitStarted,
    VisitCompleted,
    VisitStopped,
    NfdDecided,
}

const ALL: [Heard; 4] = [
    Heard::VisitStarted,
    Heard::VisitCompleted,
    Heard::VisitStopped,
    Heard::NfdDecided,
];

/// A visit in progress, or ready for the event that begins it; and the event.
async fn before(database: Database, heard: Heard) -> (Stage, String) {
    let stage = Stage::new(database).await;
    let visit = stage.ready().await;
    stage.clock("2020-10-13T09:00:00Z");
    if !matches!(heard, Heard::VisitStarted) {
        send(&stage, Heard::VisitStarted, &visit.name).await;
        stage.bench.settle().await;
    }
    (stage, visit.name)
}

async fn send(stage: &Stage, heard: Heard, visit: &str) {
    let at = Some(timestamp("2020-10-13T09:00:00Z".parse().expect("instant")));
    let (visit, school) = (visit.to_owned(), "schools/123166".to_owned());
    let of = |aggregate: &'static str, sequence| Of {
        aggregate,
        id: Uuid::from_u128(aggregate.len().try_into().expect("a small number")),
        sequence,
    };
    match heard {
        Heard::VisitStarted => {
            let event = recording::VisitStarted {
                visit,
                school,
                started_time: at,
                ..Default::default()
            };
            stage.bench.send(of("recording.record", 1), &event).await;
        }
        Heard::VisitCompleted => {
            let event = recording::VisitCompleted {
                visit,
                school,
                completed_time: at,
                ..Default::default()
            };
            stage.bench.send(of("recording.record", 2), &event).await;
        }
        Heard::VisitStopped => {
            let event = recording::VisitStopped {
                visit,
                school,
                stopped_time: at,
                ..Default::default()
            };
            stage.bench.send(of("recording.record", 2), &event).await;
        }
        Heard::NfdDecided => {
            let event = escalation::v1::NfdDecided {
                visit,
                school,
                required: true,
                decided_time: at,
                ..Default::default()
            };
            stage.bench.send(of("escalation.case", 1), &event).await;
        }
    }
}

/// What is left behind: the visit, what was said, what was audited as done, the timers.
async fn left_behind(stage: &Stage, name: &str) -> String {
    let mut shown = stage.visit(name).await;
    shown.update_time = None;
    if let Some(call) = &mut shown.call {
        // A retry tells the duty desk a little later.
        call.duty_desk_told_time = call.duty_desk_told_time.map(|_| Default::default());
    }
    for flag in &mut shown.review_flags {
        flag.raised_time = None;
    }
    let said = stage.said(name).await;
    let audit = stage
        .durable
        .audit_page(Some(name), 0)
        .await
        .expect("audit");
    let done: Vec<_> = audit
        .iter()
        .filter(|row| row.outcome == "done")
        .map(|row| (&row.action, &row.resource, &row.detail))
        .collect();
    let jobs = stage.durable.pending_jobs(name).await.expect("jobs");
    let health = stage.durable.health().await.expect("health");
    assert!(health.is_settled(), "{health:?}");
    format!("{shown:?}\n{said:?}\n{done:?}\n{jobs:?}")
}

async fn every_event_heard_twice_is_heard_once(database: Database) {
    for heard in ALL {
        let (stage, visit) = before(database, heard).await;
        let untouched = left_behind(&stage, &visit).await;
        send(&stage, heard, &visit).await;
        stage.bench.settle().await;
        let once = left_behind(&stage, &visit).await;
        assert_ne!(once, untouched, "{heard:?} has an effect");
        send(&stage, heard, &visit).await;
        stage.bench.settle().await;
        assert_eq!(left_behind(&stage, &visit).await, once, "{heard:?}");
    }
}

/// The places are the kit's and the same for every event; a database a place is dear on PostgreSQL,
/// so that one event stands for the rest there.
async fn every_event_cut_short_at_any_place_is_heard_once(database: Database) {
    let events = match database {
        Database::Sqlite => &ALL[..],
        Database::Postgres => &[Heard::NfdDecided],
    };
    for heard in events.iter().copied() {
        let (whole, visit) = before(database, heard).await;
        send(&whole, heard, &visit).await;
        whole.bench.settle().await;
        let whole = &left_behind(&whole, &visit).await;
        at_every_cut(|place| async move {
            let (stage, visit) = before(database, heard).await;
            stage.durable.cuts().after(place);
            send(&stage, heard, &visit).await;
            let _ = stage.bench.workers.settle().await;
            let was_cut = !stage.durable.cuts().clear();
            stage.bench.clock.advance(SignedDuration::from_mins(5));
            stage.bench.settle().await;
            let left = left_behind(&stage, &visit).await;
            assert_eq!(&left, whole, "{heard:?} cut at {place}");
            was_cut
        })
        .await;
    }
}

/// A situation in which each of the timers is the next to come due, and when.
async fn waiting(database: Database, timer: &str) -> (Stage, String, &'static str) {
    let stage = Stage::new(database).await;
    if timer.starts_with("deferral") {
        let visit = stage.called().await;
        let request = proto::RequestDeferralRequest {
            name: visit.name.clone(),
            reason: proto::deferral::Reason::CovidClosure.into(),
            request_id: stage.request_id(),
            ..Default::default()
        };
        answer(stage.hmi(LEAD).request_deferral(request).await).expect("asked");
        let (until, due) = match timer {
            "deferral_reminder" => ("2020-10-12T12:59:00Z", "2020-10-12T13:00:00Z"),
            _ => ("2020-10-12T14:59:00Z", "2020-10-12T15:00:00Z"),
        };
        stage.bench.run_until(until).await;
        return (stage, visit.name, due);
    }
    let visit = stage.planned("2020-10-13").await;
    let (until, due) = match timer {
        "call_due" => ("2020-10-12T08:59:00Z", "2020-10-12T09:00:00Z"),
        "next_attempt" => ("2020-10-12T09:00:00Z", "2020-10-12T09:20:00Z"),
        "duty_desk_told" => ("2020-10-12T10:59:00Z", "2020-10-12T11:00:00Z"),
        _ => ("2020-10-12T14:59:00Z", "2020-10-12T15:00:00Z"),
    };
    stage.bench.run_until(until).await;
    if timer == "next_attempt" {
        let request = proto::RecordCallAttemptRequest {
            name: visit.name.clone(),
            request_id: stage.request_id(),
            ..Default::default()
        };
        answer(stage.hmi(LEAD).record_call_attempt(request).await).expect("recorded");
    }
    (stage, visit.name, due)
}

const TIMERS: [&str; 6] = [
    "call_due",
    "next_attempt",
    "duty_desk_told",
    "call_window_closed",
    "deferral_reminder",
    "deferral_overdue",
];

async fn every_timer_cut_short_at_any_place_fires_once(database: Database) {
    let timers = match database {
        Database::Sqlite => &TIMERS[..],
        Database::Postgres => &TIMERS[..1],
    };
    for timer in timers.iter().copied() {
        let (whole, visit, due) = waiting(database, timer).await;
        let untouched = left_behind(&whole, &visit).await;
        whole.bench.run_until(due).await;
        let whole = &left_behind(&whole, &visit).await;
        assert_ne!(whole, &untouched, "{timer} has an effect");
        at_every_cut(|place| async move {
            let (stage, visit, due) = waiting(database, timer).await;
            stage.clock(due);
            stage.durable.cuts().after(place);
            let _ = stage.bench.workers.settle().await;
            let was_cut = !stage.durable.cuts().clear();
            stage.bench.clock.advance(SignedDuration::from_mins(5));
            stage.bench.settle().await;
            let left = left_behind(&stage, &visit).await;
            assert_eq!(&left, whole, "{timer} cut at {place}");
            was_cut
        })
        .await;
    }
}

async fn r17_a_request_cut_short_at_any_place_and_repeated_is_carried_out_once(database: Database) {
    at_every_cut(|place| async move {
        let stage = Stage::new(database).await;
        let visit = stage.called().await;
        let request = stage.controls_request(&visit.name);
        stage.durable.cuts().after(place);
        let mut lead = stage.hmi(LEAD);
        let first = answer(lead.record_system_of_controls(request.clone()).await);
        let was_cut = !stage.durable.cuts().clear();
        assert_eq!(first.is_err(), was_cut);
        answer(lead.record_system_of_controls(request).await).expect("the repeat");
        let said = stage.said(&visit.name).await;
        assert_eq!(
            said[3..],
            ["ControlsRecorded", "VisitReady"],
            "cut at {place}"
        );
        was_cut
    })
    .await;
}

async fn r5_a_lost_timer_is_found_by_the_sweep_and_armed_again(database: Database) {
    let stage = Stage::new(database).await;
    let visit = stage.planned("2020-10-13").await;
    assert_eq!(stage.bench.workers.sweep().await, Ok(0));
    let lose = "UPDATE jobs SET state = 'cancelled' WHERE kind = 'scheduling.call_due'";
    let lost = stage.durable.reads().execute_unprepared(lose).await;
    lost.expect("lost");
    assert_eq!(stage.bench.workers.sweep().await, Ok(1));
    assert_eq!(stage.bench.workers.sweep().await, Ok(0));
    stage.bench.run_until("2020-10-12T09:00:00Z").await;
    assert_eq!(stage.said(&visit.name).await, ["VisitPlanned", "CallDue"]);
}

/// Everything in a table, as text.
async fn contents(stage: &Stage, table: &str) -> String {
    let reads = stage.durable.reads();
    let query = match reads.get_database_backend() {
        DbBackend::Postgres => format!("SELECT row_to_json(t)::text AS row FROM {table} t"),
        _ => format!("SELECT * FROM {table}"),
    };
    let statement = Statement::from_string(reads.get_database_backend(), query);
    let rows = JsonValue::find_by_statement(statement).all(reads).await;
    format!("{:?}", rows.expect("rows"))
}

const TABLES: [&str; 14] = [
    "visits",
    "schools",
    "inspectors",
    "routine_inspections",
    "visit_members",
    "engagements",
    "calendars",
    "call_scripts",
    "outbox",
    "audit",
    "inbox",
    "jobs",
    "requests",
    "counters",
];

/// Everything that the service holds, as text.
pub async fn everything(stage: &Stage) -> String {
    let mut held = String::new();
    for table in TABLES {
        held.push_str(&contents(stage, table).await);
    }
    held
}

async fn r19_no_word_is_in_an_event_an_audit_row_or_a_timer(database: Database) {
    let stage = Stage::new(database).await;
    let visit = stage.ready().await;
    let moved = proto::RescheduleVisitRequest {
        name: visit.name.clone(),
        visit_date: "2020-10-20".to_owned(),
        reason: MARKER.to_owned(),
        request_id: stage.request_id(),
        ..Default::default()
    };
    answer(stage.planner().reschedule_visit(moved).await).expect("moved");
    stage.bench.settle().await;
    assert!(contents(&stage, "visits").await.contains(MARKER));
    for table in ["outbox", "audit", "inbox", "jobs", "counters"] {
        let held = contents(&stage, table).await;
        assert!(!held.contains(MARKER), "{table}: {held}");
        assert!(!held.contains("First School"), "{table}");
    }
    assert!(stage.durable.verify_audit().await.is_ok());
}

on_every_database!(
    every_event_heard_twice_is_heard_once,
    every_event_cut_short_at_any_place_is_heard_once,
    every_timer_cut_short_at_any_place_fires_once,
    r17_a_request_cut_short_at_any_place_and_repeated_is_carried_out_once,
    r5_a_lost_timer_is_found_by_the_sweep_and_armed_again,
    r19_no_word_is_in_an_event_an_audit_row_or_a_timer,
);
