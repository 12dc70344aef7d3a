//! The rules of planning that a cell of the table is too small for.

use visits_core::Refusal as _;
use visits_core::civil::date;

use super::sample::{
    CALL_DAY, after, at, command, facts, inspector, plan, reason, run_at, school, situation,
};
use crate::domain::call::CallState;
use crate::domain::command::Command;
use crate::domain::decision::Decision;
use crate::domain::inspector::{Conflict, ConflictKind, Leave};
use crate::domain::timer::{Timer, TimerKind};
use crate::domain::visit::{Engagement, FlagCode, VisitId};

#[test]
fn m13_a_plan_arms_the_call_at_ten_on_the_school_day_before() {
    let planned = run_at(None, &plan(facts()), at("2020-10-01T08:00:00Z")).expect("planned");
    let Decision::Changed { next, jobs, .. } = planned else {
        panic!("unchanged");
    };
    assert_eq!(next.call.date, date(2020, 10, 12));
    assert_eq!(
        (next.call.time.hour(), next.call.zone.as_str()),
        (10, "Europe/London")
    );
    assert_eq!(
        jobs,
        [
            Timer::Arm(TimerKind::CallDue, at("2020-10-12T09:00:00Z")),
            Timer::Arm(TimerKind::DutyDeskTold, at("2020-10-12T11:00:00Z")),
            Timer::Arm(TimerKind::CallWindowClosed, at("2020-10-12T15:00:00Z")),
        ]
    );
}

#[test]
fn m13_the_call_for_the_monday_after_half_term_is_before_it_across_the_clock_change() {
    let Command::Plan(mut wanted) = plan(facts()) else {
        panic!("a plan");
    };
    wanted.visit_date = date(2020, 11, 2);
    let visit = after(None, &Command::Plan(wanted), at("2020-10-01T08:00:00Z"));
    assert_eq!(visit.call.date, date(2020, 10, 23));
    assert_eq!(visit.call.due_at, at("2020-10-23T09:00:00Z"), "10:00 BST");
    assert_eq!(
        visit.call.skipped.len(),
        9,
        "half term between two weekends"
    );
}

#[test]
fn m13_a_plan_without_bank_holidays_of_its_year_is_refused() {
    let Command::Plan(mut wanted) = plan(facts()) else {
        panic!("a plan");
    };
    wanted.visit_date = date(2040, 10, 16);
    let command = Command::Plan(wanted);
    assert_eq!(
        reason(None, &command, "2020-10-01T08:00:00Z"),
        "BANK_HOLIDAYS_UNKNOWN"
    );
}

#[test]
fn m13_a_plan_made_on_the_call_day_is_called_about_at_once_and_never_after_16_00() {
    let visit = after(None, &plan(facts()), at("2020-10-12T12:03:00Z"));
    assert_eq!(visit.call.due_at, at("2020-10-12T12:10:00Z"));
    let late = reason(None, &plan(facts()), "2020-10-12T14:55:00Z");
    assert_eq!(late, "CALL_DAY_PASSED");
}

#[test]
fn m13_no_call_before_half_past_nine() {
    let visit = situation("scheduled");
    let call = command("start_call");
    assert_eq!(
        reason(Some(&visit), &call, "2020-10-12T08:29:59Z"),
        "CALL_TOO_EARLY"
    );
    let begun = after(Some(&visit), &call, at("2020-10-12T08:30:00Z"));
    assert_eq!(begun.call.state, CallState::InProgress);
}

#[test]
fn m4_the_lead_is_on_no_other_visit_on_the_call_day_and_nobody_on_the_visits_day() {
    let engaged = |code: &str, day| {
        let mut facts = facts();
        facts.diary.push(Engagement {
            inspector: code.into(),
            date: date(2020, 10, day),
            visit: VisitId::from(uuid::Uuid::from_u128(8)),
        });
        run_at(None, &plan(facts), at("2020-10-01T08:00:00Z"))
            .map_err(|refusal| refusal.reason())
            .is_err_and(|reason| reason == "INSPECTOR_ENGAGED")
    };
    assert!(engaged("HMI-001", 12) && engaged("HMI-001", 13) && engaged("HMI-002", 13));
    assert!(!engaged("HMI-002", 12), "only the lead makes the call");
}

#[test]
fn m11_nobody_assigned_to_the_routine_inspection_is_planned_in() {
    let mut facts = facts();
    facts.inspectors[1]
        .routine_inspections
        .push(crate::domain::inspector::RoutineInspection {
            urn: "123166".into(),
            start_date: date(2021, 2, 1),
            assigned_at: at("2020-09-02T08:00:00Z"),
        });
    let refused = reason(None, &plan(facts), "2020-10-01T08:00:00Z");
    assert_eq!(refused, "INSPECTOR_BARRED");
}

#[test]
fn a_closed_school_and_a_school_with_a_visit_get_none() {
    let now = "2020-10-01T08:00:00Z";
    let mut closed = facts();
    closed.school.status = crate::import::SchoolStatus::Closed;
    assert_eq!(reason(None, &plan(closed), now), "SCHOOL_NOT_OPEN");
    let mut welsh = facts();
    welsh.school.region = None;
    assert_eq!(reason(None, &plan(welsh), now), "SCHOOL_WITHOUT_REGION");
    let mut visited = facts();
    visited.other_visit = Some(VisitId::from(uuid::Uuid::from_u128(8)));
    assert_eq!(reason(None, &plan(visited), now), "SCHOOL_HAS_VISIT");
    let Command::Plan(mut half_term) = plan(facts()) else {
        panic!("a plan");
    };
    half_term.visit_date = date(2020, 10, 28);
    assert_eq!(
        reason(None, &Command::Plan(half_term), now),
        "SCHOOL_CLOSED"
    );
    let mut unknown = facts();
    unknown.inspectors = vec![inspector("HMI-001")];
    assert_eq!(reason(None, &plan(unknown), now), "INSPECTOR_UNKNOWN");
}

#[test]
fn m18_the_context_pack_holds_exactly_six_things() {
    let pack = serde_json::to_value(school().context_pack()).expect("json");
    let keys: Vec<_> = pack
        .as_object()
        .expect("an object")
        .keys()
        .cloned()
        .collect();
    assert_eq!(
        keys.join(" "),
        "idaci_quintile phase previous_grade previous_report_uri pupils_on_roll school_type"
    );
}

#[test]
fn a_barred_inspector_is_no_matter_of_words() {
    let flagged = after(
        Some(&situation("scheduled")),
        &Command::RaiseFlag {
            code: FlagCode::InspectorBarred,
            subject: "inspectors/HMI-002".into(),
        },
        at(CALL_DAY),
    );
    let words = Command::SolveFlag {
        code: FlagCode::InspectorBarred,
        subject: "inspectors/HMI-002".into(),
        resolution: "it will be fine".into(),
    };
    assert_eq!(
        reason(Some(&flagged), &words, CALL_DAY),
        "FLAG_NEEDS_CHANGE"
    );
    let changed = after(Some(&flagged), &command("change_team"), at(CALL_DAY));
    assert!(changed.flags.is_empty());
}

#[test]
fn nobody_who_is_away_or_in_conflict_is_planned_in() {
    let now = "2020-10-01T08:00:00Z";
    let away = |code: &str, day| {
        let mut facts = facts();
        for inspector in &mut facts.inspectors {
            if inspector.code == code {
                let (first, last) = (date(2020, 10, day), date(2020, 10, day));
                inspector.leaves.push(Leave { first, last });
            }
        }
        run_at(None, &plan(facts), at(now))
            .err()
            .map(|r| r.reason())
    };
    assert_eq!(
        away("HMI-001", 12),
        Some("INSPECTOR_AWAY"),
        "the lead's call day"
    );
    assert_eq!(away("HMI-002", 13), Some("INSPECTOR_AWAY"));
    assert_eq!(away("HMI-002", 12), None);
    let mut conflict = facts();
    conflict.inspectors[1].conflicts.push(Conflict {
        urn: "123166".into(),
        kind: ConflictKind::Family,
    });
    assert_eq!(reason(None, &plan(conflict), now), "INSPECTOR_CONFLICT");
}
