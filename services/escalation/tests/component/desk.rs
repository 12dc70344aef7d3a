//! The desk's people: on duty and off, who holds a case, who looks at it, and nobody watching.

use visits_core::{ErrorKind, Role, SignedDuration};
use visits_escalation::domain::case::Unwatched;
use visits_proto::escalation::v1 as wire;
use visits_testkit::{Database, on_every_database};

use crate::house::{Client, House, VISIT, answer, refusal};

const CONSOLE: &str = "00000000-0000-4000-8000-00000000000c";

fn off(house: &House, shift: &wire::DutyShift) -> wire::GoOffDutyRequest {
    wire::GoOffDutyRequest {
        name: shift.name.clone(),
        request_id: house.request_id(),
        ..wire::GoOffDutyRequest::default()
    }
}

fn console(case: &str, audible: bool) -> wire::ReportConsoleRequest {
    wire::ReportConsoleRequest {
        console: CONSOLE.into(),
        live: true,
        audible,
        case: case.into(),
    }
}

async fn report(
    mut client: Client,
    request: wire::ReportConsoleRequest,
) -> wire::ReportConsoleResponse {
    answer(client.report_console(request).await)
}

async fn wait(house: &House, time: SignedDuration) {
    let until = house.now() + time;
    house.bench.run_until(&until.to_string()).await;
}

async fn r_con_7_an_operator_goes_on_and_off_duty_with_a_word_while_a_case_waits(
    database: Database,
) {
    let house = House::open(database).await;
    house.raise().await;
    let shift = house.on_duty("desk-1").await;
    assert!(shift.sound_tested);
    let silent = refusal(house.desk().go_off_duty(off(&house, &shift)).await);
    assert_eq!(silent, (ErrorKind::WrongState, "HANDOVER_NOTE_MISSING"));
    let with_a_word = wire::GoOffDutyRequest {
        handover_note: "desk-2 has it".into(),
        ..off(&house, &shift)
    };
    let ended = answer(house.desk().go_off_duty(with_a_word).await);
    assert_eq!(ended.state(), wire::duty_shift::State::Ended);
    let all = wire::ListDutyShiftsRequest::default();
    let listed = answer(house.desk().list_duty_shifts(all).await);
    assert_eq!(listed.duty_shifts.len(), 1);
}

async fn r_con_13_going_off_duty_hands_over_or_releases_each_open_case(database: Database) {
    let house = House::open(database).await;
    let first = house.on_duty("desk-1").await;
    let case = house.acknowledge(&house.raise().await).await;
    assert_eq!(case.holder, "desk-1");
    let held = house.desk().go_off_duty(off(&house, &first)).await;
    let fault = crate::house::outcome(held).expect_err("one is held");
    assert_eq!(fault.reason, "OPEN_ITEMS_HELD");
    let id = case.name.trim_start_matches("cases/").to_owned();
    assert_eq!(fault.metadata.get("cases"), Some(&id));
    let to = |taker: &str| wire::GoOffDutyRequest {
        handover_note: "the lead rings back".into(),
        handovers: vec![wire::Handover {
            case: case.name.clone(),
            taker: taker.into(),
        }],
        ..off(&house, &first)
    };
    let empty = refusal(house.desk().go_off_duty(to("desk-2")).await);
    assert_eq!(empty, (ErrorKind::WrongState, "TAKER_NOT_ON_DUTY"));
    let second = house.on_duty("desk-2").await;
    let ended = answer(house.desk().go_off_duty(to("desk-2")).await);
    assert_eq!(ended.handed_over[0].taker, "desk-2");
    assert_eq!(house.count_said("CaseAssigned").await, 1);
    let case = house.get(house.desk(), &case).await.expect("the case");
    assert_eq!(case.holder, "desk-2");
    assert_eq!(case.assignments[0].operator, "desk-2");
    assert_eq!(case.assignments[0].assigned_by, "desk-1");
    let released = wire::GoOffDutyRequest {
        handover_note: "nobody is here".into(),
        handovers: vec![wire::Handover {
            case: case.name.clone(),
            taker: String::new(),
        }],
        ..off(&house, &second)
    };
    let mut desk_2 = house.client("desk-2", Role::DutyDesk);
    answer(desk_2.go_off_duty(released).await);
    let case = house.get(house.desk(), &case).await.expect("the case");
    assert_eq!(case.holder, "");
    house.assert_at_rest().await;
}

async fn r_con_13_a_released_case_is_taken_by_whoever_is_on_duty(database: Database) {
    let house = House::open(database).await;
    let case = house.acknowledge(&house.raise().await).await;
    let assign = |operator: &str| wire::AssignCaseRequest {
        name: case.name.clone(),
        request_id: house.request_id(),
        operator: operator.into(),
        ..wire::AssignCaseRequest::default()
    };
    let absent = refusal(house.desk().assign_case(assign("desk-2")).await);
    assert_eq!(absent, (ErrorKind::WrongState, "TAKER_NOT_ON_DUTY"));
    house.on_duty("desk-2").await;
    let taken = answer(house.desk().assign_case(assign("desk-2")).await);
    assert_eq!(taken.holder, "desk-2");
}

async fn r_con_9_r_con_10_the_desk_is_alerted_again_until_the_call_over_a_restart(
    database: Database,
) {
    let house = House::open(database).await;
    let case = house.acknowledge(&house.raise().await).await;
    wait(&house, SignedDuration::from_mins(15)).await;
    assert_eq!(house.count_said("NextStepOverdue").await, 1);
    let set = wire::SetNextStepAlertRequest {
        name: case.name.clone(),
        request_id: house.request_id(),
        after_minutes: 60,
        reason: "MARKER the lead is in class".into(),
        ..wire::SetNextStepAlertRequest::default()
    };
    let case = answer(house.desk().set_next_step_alert(set).await);
    let alert = case.next_step_alert.clone().expect("an alert");
    assert_eq!((alert.after_minutes, alert.alerts), (60, 1));
    assert_eq!(alert.set_by, "desk-1");
    let house = house.restart().await;
    wait(&house, SignedDuration::from_mins(59)).await;
    assert_eq!(house.count_said("NextStepOverdue").await, 1);
    wait(&house, SignedDuration::from_mins(1)).await;
    assert_eq!(house.count_said("NextStepOverdue").await, 2);
    let outcome = wire::duty_desk_call::Outcome::SeekDecision;
    let case = house.call(&case, outcome).await;
    assert!(case.next_step_alert.is_some_and(|a| a.next_time.is_none()));
    wait(&house, SignedDuration::from_hours(30)).await;
    assert_eq!(house.count_said("NextStepOverdue").await, 2);
    house.assert_at_rest().await;
}

async fn r_con_14_a_note_is_seen_by_every_reader_and_leaves_no_word_on_the_bus(database: Database) {
    let house = House::open(database).await;
    let case = house.raise().await;
    let note = |note: &str| wire::AddCaseNoteRequest {
        name: case.name.clone(),
        request_id: house.request_id(),
        note: note.into(),
    };
    let noted = answer(house.desk().add_case_note(note("MARKER rings back")).await);
    assert_eq!(noted.notes[0].note, "MARKER rings back");
    answer(house.director().add_case_note(note("MARKER seen")).await);
    let mut elsewhere = house.client("RD-LONDON", Role::RegionalDirector);
    let not_theirs = refusal(elsewhere.add_case_note(note("x")).await);
    assert_eq!(not_theirs, (ErrorKind::NotFound, "NOT_FOUND"));
    let seen = house.get(house.lead(), &case).await.expect("the case");
    assert_eq!(seen.notes.len(), 2);
    for entry in house.said().await {
        assert!(!entry.data.to_string().contains("MARKER"), "{entry:?}");
    }
    assert_eq!(house.count_said("CaseNoted").await, 2);
}

async fn r_con_16_who_else_looks_at_a_case_is_shown_for_as_long_as_they_look(database: Database) {
    let house = House::open(database).await;
    let case = house.raise().await.name;
    let alone = report(house.desk(), console(&case, true)).await;
    assert_eq!(alone.viewers, [""; 0]);
    let director = report(house.director(), console(&case, false)).await;
    assert_eq!(director.viewers, ["desk-1"]);
    let both = report(house.desk(), console(&case, true)).await;
    assert_eq!(both.viewers, ["RD-SOUTH-EAST"]);
    house.bench.clock.advance(SignedDuration::from_secs(46));
    let gone = report(house.desk(), console(&case, true)).await;
    assert_eq!(gone.viewers, [""; 0]);
    let elsewhere = report(house.director(), console("", false)).await;
    assert_eq!(elsewhere.viewers, [""; 0]);
}

async fn m11_who_may_not_read_a_case_neither_sees_nor_shows_who_looks_at_it(database: Database) {
    let house = House::open(database).await;
    let case = house.raise().await.name;
    let mut stranger = house.hmi("HMI-010");
    let refused = refusal(stranger.report_console(console(&case, true)).await);
    assert_eq!(refused, (ErrorKind::NotFound, "NOT_FOUND"));
    assert_eq!(
        report(house.desk(), console(&case, true)).await.viewers,
        [""; 0]
    );
    let lead = report(house.lead(), console(&case, true)).await;
    assert_eq!(lead.viewers, ["desk-1"]);
    assert!(!lead.desk_watched, "an inspector is not told");
}

async fn a_case_that_waits_with_nobody_watching_is_an_alarm_and_a_page(database: Database) {
    let house = House::open(database).await;
    let case = house.raise().await;
    wait(&house, SignedDuration::from_mins(5)).await;
    assert_eq!(house.count_said("DeskUnwatched").await, 1);
    assert_eq!(house.pages.all()[0].why, Unwatched::NobodyOnDuty);
    // On duty is not enough: their console must be live and heard.
    house.on_duty("desk-1").await;
    report(house.desk(), console("", false)).await;
    wait(&house, SignedDuration::from_mins(5)).await;
    assert_eq!(house.count_said("DeskUnwatched").await, 2);
    assert_eq!(house.pages.all()[1].why, Unwatched::NoConsoleWatches);
    // Nor is a console that watches without somebody on duty.
    let other = house.client("desk-2", Role::DutyDesk);
    assert!(!report(other, console("", true)).await.desk_watched);
    assert!(report(house.desk(), console("", true)).await.desk_watched);
    let until = house.now() + SignedDuration::from_mins(5);
    house.bench.clock.advance(SignedDuration::from_secs(270));
    assert!(report(house.desk(), console("", true)).await.desk_watched);
    house.bench.run_until(&until.to_string()).await;
    assert_eq!(house.count_said("DeskUnwatched").await, 2);
    wait(&house, SignedDuration::from_mins(5)).await;
    assert_eq!(house.count_said("DeskUnwatched").await, 3, "silent again");
    house.acknowledge(&case).await;
    house.assert_at_rest().await;
    let words = house.pages.all()[0].words();
    assert!(words.contains(&case.name) && !words.contains("Larkmead"));
}

async fn an_operator_has_so_many_windows_and_no_more(database: Database) {
    let house = House::open(database).await;
    for window in 0..32_u128 {
        let request = wire::ReportConsoleRequest {
            console: uuid::Uuid::from_u128(window).to_string(),
            ..console("", true)
        };
        report(house.desk(), request).await;
    }
    let refused = refusal(house.desk().report_console(console("", true)).await);
    assert_eq!(refused, (ErrorKind::LimitReached, "CONSOLE_LIMIT_REACHED"));
    house.bench.clock.advance(SignedDuration::from_secs(46));
    report(house.desk(), console("", true)).await;
}

async fn the_desks_methods_are_the_desks(database: Database) {
    let house = House::open(database).await;
    let case = house.acknowledge(&house.raise().await).await;
    let shift = house.on_duty("desk-1").await;
    for (principal, role) in [
        ("HMI-001", Role::Hmi),
        ("RD-SOUTH-EAST", Role::RegionalDirector),
        ("planner-1", Role::Scheduler),
        ("researcher-1", Role::Researcher),
        ("auditor-1", Role::Auditor),
        ("publisher-1", Role::Publisher),
    ] {
        let mut client = house.client(principal, role);
        let assign = wire::AssignCaseRequest {
            name: case.name.clone(),
            request_id: house.request_id(),
            ..wire::AssignCaseRequest::default()
        };
        let set = wire::SetNextStepAlertRequest {
            name: case.name.clone(),
            request_id: house.request_id(),
            after_minutes: 30,
            reason: "because".into(),
            ..wire::SetNextStepAlertRequest::default()
        };
        let denied = (ErrorKind::Forbidden, "ACTION_NOT_PERMITTED");
        assert_eq!(
            refusal(client.assign_case(assign).await),
            denied,
            "{role:?}"
        );
        assert_eq!(
            refusal(client.set_next_step_alert(set).await),
            denied,
            "{role:?}"
        );
        assert_eq!(
            refusal(client.go_off_duty(off(&house, &shift)).await),
            denied,
            "{role:?}"
        );
        let reads = matches!(role, Role::Hmi | Role::RegionalDirector);
        let reported = client.report_console(console("", true)).await;
        assert_eq!(reported.is_ok(), reads, "{role:?}");
        let note = wire::AddCaseNoteRequest {
            name: case.name.clone(),
            request_id: house.request_id(),
            note: "x".into(),
        };
        let noted = client.add_case_note(note).await;
        assert_eq!(noted.is_ok(), role == Role::RegionalDirector, "{role:?}");
    }
}

async fn open_and_closed_cases_are_listed_apart(database: Database) {
    let house = House::open(database).await;
    let case = house.awaiting_decision().await;
    let list = async |filter: &str| {
        let request = wire::ListCasesRequest {
            filter: filter.into(),
            ..wire::ListCasesRequest::default()
        };
        answer(house.desk().list_cases(request).await).cases.len()
    };
    assert_eq!(list("open = true").await, 1);
    assert_eq!(list("open = false").await, 0);
    house.decide(&case, false).await;
    assert_eq!(list("open = true").await, 0);
    let closed = format!("open = false AND visit = \"{VISIT}\"");
    assert_eq!(list(&closed).await, 1);
}

on_every_database!(
    r_con_7_an_operator_goes_on_and_off_duty_with_a_word_while_a_case_waits,
    r_con_13_going_off_duty_hands_over_or_releases_each_open_case,
    r_con_13_a_released_case_is_taken_by_whoever_is_on_duty,
    r_con_9_r_con_10_the_desk_is_alerted_again_until_the_call_over_a_restart,
    r_con_14_a_note_is_seen_by_every_reader_and_leaves_no_word_on_the_bus,
    r_con_16_who_else_looks_at_a_case_is_shown_for_as_long_as_they_look,
    m11_who_may_not_read_a_case_neither_sees_nor_shows_who_looks_at_it,
    a_case_that_waits_with_nobody_watching_is_an_alarm_and_a_page,
    an_operator_has_so_many_windows_and_no_more,
    the_desks_methods_are_the_desks,
    open_and_closed_cases_are_listed_apart,
);
