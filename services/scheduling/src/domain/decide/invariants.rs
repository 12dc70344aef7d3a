//! Whatever is said in whatever order, these hold.

use std::collections::BTreeSet;

use proptest::prelude::*;
use visits_core::SignedDuration;

use super::sample::{CALL_DAY, at, command, run_at};
use crate::domain::call::CallState;
use crate::domain::decision::Decision;
use crate::domain::event::Event;
use crate::domain::policy::Policy;
use crate::domain::timer::{Timer, TimerKind, needed};
use crate::domain::visit::{Visit, VisitState};

const NAMES: [&str; 27] = [
    "plan",
    "reschedule",
    "change_team",
    "change_mode",
    "cancel",
    "raise_flag",
    "solve_flag",
    "rearrange_call",
    "start_call",
    "record_attempt",
    "record_steps",
    "record_controls",
    "record_home_time",
    "request_executive",
    "plan_executive",
    "complete_call",
    "request_deferral",
    "grant_deferral",
    "refuse_deferral",
    "timer_call_due",
    "timer_next_attempt",
    "timer_duty_desk",
    "timer_closed",
    "timer_overdue",
    "hear_started",
    "hear_completed",
    "hear_converted",
];

fn check(visit: &Visit, armed: &BTreeSet<TimerKind>) -> Result<(), TestCaseError> {
    let called = !matches!(visit.state, VisitState::Planned | VisitState::Cancelled);
    prop_assert_eq!(
        called,
        called && visit.call.state == CallState::Done,
        "called about"
    );
    let begins = matches!(visit.state, VisitState::Ready);
    prop_assert!(!begins || visit.controls_stand(), "M6");
    let begun = matches!(visit.state, VisitState::InProgress | VisitState::Completed);
    prop_assert!(!begun || visit.controls.is_some(), "M6");
    let made = matches!(visit.call.state, CallState::InProgress | CallState::Done);
    prop_assert_eq!(
        made,
        visit.context_pack.is_some(),
        "M18: frozen with the call"
    );
    prop_assert_eq!(made, visit.call.script_version.is_some(), "M8, M14");
    prop_assert!((1..=3).contains(&visit.team.members().len()), "M4");
    prop_assert!(visit.call.date < visit.visit_date, "M13");
    prop_assert_eq!(
        visit.home_time.is_some(),
        visit.planned_departure.is_some(),
        "M25"
    );
    let needs: BTreeSet<_> = needed(visit, &Policy::default())
        .into_iter()
        .map(|(kind, _)| kind)
        .collect();
    prop_assert_eq!(&needs, armed, "what is armed is what is needed");
    prop_assert!(
        visit.state.is_ahead() || needs.is_empty(),
        "nothing waits for a visit that is over"
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn whatever_is_said_in_whatever_order_the_invariants_hold(
        said in prop::collection::vec((0..NAMES.len(), 0_i64..90), 1..50)
    ) {
        let mut now = at(CALL_DAY) - SignedDuration::from_hours(2);
        let planned = run_at(None, &command("plan"), now).expect("planned");
        let (mut visit, mut armed, mut over) = (None::<Visit>, BTreeSet::new(), false);
        let mut take = |decision: Decision<Visit, Event>, visit: &mut Option<Visit>| {
            if let Decision::Changed { next, jobs, .. } = decision {
                for job in jobs {
                    match job {
                        Timer::Arm(kind, _) => { armed.insert(kind); }
                        Timer::Cancel(kind) => { armed.remove(&kind); }
                    }
                }
                *visit = Some(*next);
            }
            check(visit.as_ref().expect("a visit"), &armed)
        };
        take(planned, &mut visit)?;
        for (which, minutes) in said {
            now += SignedDuration::from_mins(minutes / 9);
            if let Ok(decision) = run_at(visit.as_ref(), &command(NAMES[which]), now) {
                take(decision, &mut visit)?;
            }
            let state = visit.as_ref().expect("a visit").state;
            prop_assert!(!over || state == VisitState::Cancelled || state == VisitState::Converted);
            over |= matches!(state, VisitState::Cancelled | VisitState::Converted);
        }
    }
}
