//! The four steps of an escalation, each with how far it is (a task list).

use visits_components::{Content, Tag, Task, TaskList, TaskStatus};
use visits_core::Timestamp;
use visits_proto::escalation::v1 as pb;
use visits_proto::escalation::v1::case::State;
use visits_proto::instant;

use crate::deadline::{Band, Deadline};
use crate::page::decider;
use crate::words::{code, moment};

/// A step of the life of a case.
struct Step {
    title: &'static str,
    /// Whose turn it is.
    whose: String,
    /// When it was done, and by whom.
    done: Option<String>,
}

/// The steps of `case`; where it is its reader's turn, with a link to the form.
pub(super) fn of(case: &pb::Case, is_offered: bool, now: Timestamp) -> TaskList {
    let mut is_next = !is_over(case.state());
    let mut items = Vec::new();
    for step in steps(case) {
        let hint = step.done.clone().unwrap_or_else(|| step.whose.clone());
        let mut task = Task {
            title: step.title.into(),
            hint: Content::from(hint),
            ..Task::default()
        };
        if step.done.is_some() {
            task.status.text = "Completed".into();
        } else if is_next {
            is_next = false;
            task.status.tag = Some(turn(case, now));
            if is_offered {
                task.href = "#act".to_owned();
            }
        } else {
            task.status = waiting(case.state());
        }
        items.push(task);
    }
    TaskList {
        items,
        id_prefix: "step".to_owned(),
        ..TaskList::default()
    }
}

const fn is_over(state: State) -> bool {
    matches!(state, State::NfdNotRequired | State::Withdrawn)
}

fn steps(case: &pb::Case) -> [Step; 4] {
    let acknowledged = case.acknowledgement.as_ref();
    let called = case.calls.last();
    let decided = case.decision.as_ref();
    let nfd = case.nfd.as_ref();
    [
        Step {
            title: "Acknowledge the concern",
            whose: "Duty desk".to_owned(),
            done: acknowledged
                .and_then(|given| done(given.acknowledged_time.as_ref(), &given.acknowledged_by)),
        },
        Step {
            title: "Take and log the inspector’s call",
            whose: "Duty desk, with the inspector".to_owned(),
            done: called.and_then(|call| done(call.called_time.as_ref(), &call.logged_by)),
        },
        Step {
            title: "Decide whether an NFD is necessary",
            whose: decider(&case.region),
            done: decided
                .and_then(|decision| done(decision.decided_time.as_ref(), &decision.decided_by)),
        },
        Step {
            title: "Start the NFD within 48 hours",
            whose: "Inspectors".to_owned(),
            done: nfd.and_then(|nfd| done(nfd.started_time.as_ref(), "")),
        },
    ]
}

fn done(at: Option<&pbjson_types::Timestamp>, by: &str) -> Option<String> {
    let when = moment(instant(at)?);
    Some(if by.is_empty() {
        when
    } else {
        format!("{when}, by {}", code(by))
    })
}

fn turn(case: &pb::Case, now: Timestamp) -> Tag {
    let deadline = Deadline::of(case, now);
    if deadline.is_some_and(|deadline| deadline.band == Band::Overdue) {
        Tag::new("Overdue", "govuk-tag--red")
    } else {
        Tag::new("To do", "govuk-tag--blue")
    }
}

fn waiting(state: State) -> TaskStatus {
    let words = if is_over(state) {
        "Not needed"
    } else {
        "Cannot start yet"
    };
    TaskStatus {
        text: words.into(),
        classes: "govuk-task-list__status--cannot-start-yet".to_owned(),
        ..TaskStatus::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statuses(state: State) -> Vec<String> {
        let case = pb::Case {
            state: i32::from(state),
            ..pb::Case::default()
        };
        let list = of(&case, true, Timestamp::UNIX_EPOCH);
        let said = list.items.iter().map(|task| match &task.status.tag {
            Some(tag) => tag.text.to_string(),
            None => task.status.text.to_string(),
        });
        said.collect()
    }

    #[test]
    fn one_step_is_to_do_now_and_those_after_it_cannot_start_yet() {
        let wait = "Cannot start yet";
        assert_eq!(statuses(State::Open), ["To do", wait, wait, wait]);
    }

    #[test]
    fn a_withdrawn_case_has_nothing_to_do() {
        assert_eq!(statuses(State::Withdrawn), ["Not needed"; 4]);
    }
}
