//! Every consumer and job run twice is run once, and cut short at any place and run again is run
//! once (R11, R17); the sweep restores a lost timer (R5); no text leaves the service (R19).

mod staging;

use staging::{CASE, MARKER, SCHOOL, Stage, VISIT, answer, at, record};
use uuid::Uuid;
use visits_core::SignedDuration;
use visits_durable::sea_orm::{
    ConnectionTrait as _, DbBackend, FromQueryResult as _, JsonValue, Statement,
};
use visits_proto::recording::v1 as proto;
use visits_proto::scheduling::v1 as scheduling;
use visits_proto::{escalation, letters, timestamp};
use visits_testkit::events::Of;
use visits_testkit::{Database, at_every_cut, on_every_database};

/// Every event that recording hears.
#[derive(Clone, Copy, Debug)]
enum Heard {
    VisitReady,
    VisitRescheduled,
    TeamChanged,
    ModeChanged,
    ExecutiveConversationRequested,
    VisitCancelled,
    RoutineInspectionAssigned,
    NfdDecided,
    LetterPublished,
}

const ALL: [Heard; 9] = [
    Heard::VisitReady,
    Heard::VisitRescheduled,
    Heard::TeamChanged,
    Heard::ModeChanged,
    Heard::ExecutiveConversationRequested,
    Heard::VisitCancelled,
    Heard::RoutineInspectionAssigned,
    Heard::NfdDecided,
    Heard::LetterPublished,
];

/// Sends the event, the same each time; scheduling's answer has changed so that it has an effect.
async fn send(stage: &Stage, heard: Heard) {
    let (visit, school) = (format!("visits/{VISIT}"), SCHOOL.to_owned());
    let of_visit = Of {
        aggregate: "scheduling.visit",
        id: VISIT,
        sequence: 2,
    };
    let other = |aggregate| Of {
        aggregate,
        id: CASE,
        sequence: 1,
    };
    stage.plan.lock().expect("lock").visits[0].inspectors = vec!["inspectors/HMI-001".to_owned()];
    macro_rules! planned {
        ($event:ident) => {
            stage
                .bench
                .send(
                    of_visit,
                    &scheduling::$event {
                        visit,
                        ..Default::default()
                    },
                )
                .await
        };
    }
    match heard {
        Heard::VisitReady => planned!(VisitReady),
        Heard::VisitRescheduled => planned!(VisitRescheduled),
        Heard::TeamChanged => planned!(TeamChanged),
        Heard::ModeChanged => planned!(ModeChanged),
        Heard::ExecutiveConversationRequested => planned!(ExecutiveConversationRequested),
        Heard::VisitCancelled => planned!(VisitCancelled),
        Heard::RoutineInspectionAssigned => {
            let event = scheduling::RoutineInspectionAssigned {
                inspector: "inspectors/HMI-002".to_owned(),
                school,
                start_date: "2021-02-01".to_owned(),
            };
            stage
                .bench
                .send(other("scheduling.inspector"), &event)
                .await;
        }
        Heard::NfdDecided => {
            let event = escalation::v1::NfdDecided {
                visit,
                school,
                required: true,
                case: format!("cases/{CASE}"),
                decided_time: Some(timestamp(at(10, 1))),
                ..Default::default()
            };
            stage.bench.send(other("escalation.case"), &event).await;
        }
        Heard::LetterPublished => {
            let event = letters::v1::LetterPublished {
                visit,
                school,
                edition: 1,
                published_time: Some(timestamp(at(10, 1))),
                ..Default::default()
            };
            stage.bench.send(other("letters.letter"), &event).await;
        }
    }
}

/// What an event leaves behind: the record, what was said, what was audited as done, the timers.
async fn left_behind(stage: &Stage) -> String {
    let mut shown = stage.record().await;
    shown.update_time = None;
    let said = stage.said().await;
    let audit = stage.durable.audit_page(None, 0).await.expect("audit");
    let done: Vec<_> = audit
        .iter()
        .filter(|row| row.outcome == "done")
        .map(|row| (&row.action, &row.resource, &row.detail))
        .collect();
    let jobs = stage.durable.pending_jobs(&record()).await.expect("jobs");
    let health = stage.durable.health().await.expect("health");
    assert!(health.is_settled(), "{health:?}");
    format!("{shown:?}\n{said:?}\n{done:?}\n{jobs:?}")
}

async fn every_event_heard_twice_is_heard_once(database: Database) {
    for heard in ALL {
        let stage = Stage::ready(database).await;
        let before = left_behind(&stage).await;
        send(&stage, heard).await;
        stage.bench.settle().await;
        let once = left_behind(&stage).await;
        assert_ne!(once, before, "{heard:?} has an effect");
        send(&stage, heard).await;
        stage.bench.settle().await;
        assert_eq!(left_behind(&stage).await, once, "{heard:?}");
    }
}

/// The places are the kit's and the same for every event; a database a place is dear on PostgreSQL,
/// so that one event stands for the rest there.
fn to_cut(database: Database) -> &'static [Heard] {
    match database {
        Database::Sqlite => &ALL,
        Database::Postgres => &[Heard::NfdDecided],
    }
}

async fn every_event_cut_short_at_any_place_is_heard_once(database: Database) {
    for heard in to_cut(database).iter().copied() {
        let whole = Stage::ready(database).await;
        send(&whole, heard).await;
        whole.bench.settle().await;
        let whole = &left_behind(&whole).await;
        at_every_cut(|place| async move {
            let stage = Stage::ready(database).await;
            stage.durable.cuts().after(place);
            send(&stage, heard).await;
            let _ = stage.bench.workers.settle().await;
            let was_cut = !stage.durable.cuts().clear();
            stage.bench.clock.advance(SignedDuration::from_mins(5));
            stage.bench.settle().await;
            assert_eq!(
                &left_behind(&stage).await,
                whole,
                "{heard:?} cut at {place}"
            );
            was_cut
        })
        .await;
    }
}

async fn r17_a_request_cut_short_at_any_place_and_repeated_is_carried_out_once(database: Database) {
    at_every_cut(|place| async move {
        let (stage, discussion, _) = Stage::begun(database).await;
        let mut lead = stage.hmi("HMI-001");
        let request = stage.answers(&discussion, &[("CUR-2", "once")]);
        stage.durable.cuts().after(place);
        let first = answer(lead.record_answers(request.clone()).await);
        let was_cut = !stage.durable.cuts().clear();
        assert_eq!(first.is_err(), was_cut);
        let again = answer(lead.record_answers(request).await).expect("the repeat");
        assert_eq!(again.answers[0].text, "once");
        let shown = stage.record().await;
        assert_eq!((shown.answer_count, shown.etag.as_str()), (2, "\"5\""));
        was_cut
    })
    .await;
}

async fn m11_the_end_of_access_cut_short_at_any_place_comes_once(database: Database) {
    at_every_cut(|place| async move {
        let stage = Stage::complete(database).await;
        stage.hear_letter(1, at(14, 0)).await;
        let due = stage
            .bench
            .workers
            .next_due()
            .await
            .expect("jobs")
            .expect("a timer");
        stage.bench.clock.advance_to(due);
        stage.durable.cuts().after(place);
        let _ = stage.bench.workers.settle().await;
        let was_cut = !stage.durable.cuts().clear();
        stage.bench.clock.advance(SignedDuration::from_mins(5));
        stage.bench.settle().await;
        assert_eq!(ends_of_access(&stage).await, 1, "cut at {place}");
        was_cut
    })
    .await;
}

async fn ends_of_access(stage: &Stage) -> usize {
    stage.bench.settle().await;
    let audit = stage
        .durable
        .audit_page(Some(&record()), 0)
        .await
        .expect("audit");
    audit.iter().filter(|row| row.action == "EndAccess").count()
}

async fn r5_a_lost_timer_is_found_by_the_sweep_and_armed_again(database: Database) {
    let stage = Stage::complete(database).await;
    stage.hear_letter(1, at(14, 0)).await;
    assert_eq!(stage.bench.workers.sweep().await, Ok(0));
    let lose = "UPDATE jobs SET state = 'cancelled' WHERE kind = 'recording.end_access'";
    stage
        .durable
        .reads()
        .execute_unprepared(lose)
        .await
        .expect("lost");
    assert_eq!(stage.bench.workers.sweep().await, Ok(1));
    assert_eq!(stage.bench.workers.sweep().await, Ok(0));
    let due = stage
        .bench
        .workers
        .next_due()
        .await
        .expect("jobs")
        .expect("a timer");
    stage.bench.clock.advance_to(due);
    assert_eq!(ends_of_access(&stage).await, 1);
}

/// Everything in a table, as text.
async fn contents(stage: &Stage, table: &str) -> String {
    let reads = stage.durable.reads();
    let query = match reads.get_database_backend() {
        DbBackend::Postgres => format!("SELECT row_to_json(t)::text AS row FROM {table} t"),
        _ => format!("SELECT * FROM {table}"),
    };
    let statement = Statement::from_string(reads.get_database_backend(), query);
    let rows = JsonValue::find_by_statement(statement)
        .all(reads)
        .await
        .expect("rows");
    format!("{rows:?}")
}

async fn r19_no_word_of_an_answer_is_in_an_event_an_audit_row_or_a_timer(database: Database) {
    let stage = Stage::complete(database).await;
    let mut lead = stage.hmi("HMI-001");
    let discussion = proto::Discussion {
        discussion_id: Uuid::nil().to_string(),
        ..Default::default()
    };
    let too_late = stage.answers(&discussion, &[("CUR-9", MARKER)]);
    answer(lead.record_answers(too_late).await).expect_err("refused, and audited");
    stage.hear_letter(1, at(14, 0)).await;
    let decided = stage.bench.clock.clone();
    stage
        .hear_decision(VISIT, true, visits_core::Clock::now(&decided))
        .await;
    assert!(contents(&stage, "visit_records").await.contains(MARKER));
    for table in [
        "outbox",
        "audit",
        "inbox",
        "jobs",
        "visit_record_members",
        "counters",
    ] {
        let held = contents(&stage, table).await;
        assert!(!held.contains(MARKER), "{table}: {held}");
    }
}

on_every_database!(
    every_event_heard_twice_is_heard_once,
    every_event_cut_short_at_any_place_is_heard_once,
    r17_a_request_cut_short_at_any_place_and_repeated_is_carried_out_once,
    m11_the_end_of_access_cut_short_at_any_place_comes_once,
    r5_a_lost_timer_is_found_by_the_sweep_and_armed_again,
    r19_no_word_of_an_answer_is_in_an_event_an_audit_row_or_a_timer,
);
