//! The case before and the case after, in the order of the queue (R-CON-15).

use visits_components::{PageStep, Pagination};
use visits_proto::escalation::v1 as pb;

use super::open_cases;
use crate::session::Session;
use crate::state::App;
use crate::words::code;

/// Leads to the neighbours of the case `id`, if it is among the open ones. Without them the page is
/// still whole.
pub(crate) async fn neighbours(app: &App, session: &Session, id: &str) -> Option<Pagination> {
    of(&open_cases(app, session).await.ok()?, id)
}

fn of(cases: &[pb::Case], id: &str) -> Option<Pagination> {
    let place = cases.iter().position(|case| code(&case.name) == id)?;
    let previous = place.checked_sub(1).and_then(|place| cases.get(place));
    let previous = previous.map(|case| step(case, "Previous case"));
    let next = cases.get(place + 1).map(|case| step(case, "Next case"));
    (previous.is_some() || next.is_some()).then(|| Pagination {
        previous,
        next,
        landmark_label: "Cases before and after".to_owned(),
        ..Pagination::default()
    })
}

fn step(case: &pb::Case, words: &str) -> PageStep {
    PageStep {
        text: words.into(),
        label_text: case.school_display_name.clone(),
        ..PageStep::to(format!("/{}", case.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r_con_15_a_case_leads_to_the_one_before_and_the_one_after_in_the_order_of_the_queue() {
        let cases = ["a", "b", "c"].map(|id| pb::Case {
            name: format!("cases/{id}"),
            school_display_name: format!("School {id}"),
            ..pb::Case::default()
        });
        let to = |step: Option<PageStep>| step.map_or_else(String::new, |step| step.href);
        let leads = |id: &str| {
            let found = of(&cases, id).expect("among them");
            (to(found.previous), to(found.next))
        };
        assert_eq!(leads("a"), (String::new(), "/cases/b".to_owned()));
        assert_eq!(leads("b"), ("/cases/a".to_owned(), "/cases/c".to_owned()));
        assert_eq!(leads("c"), ("/cases/b".to_owned(), String::new()));
        assert!(of(&cases, "closed").is_none());
        assert!(of(&cases[..1], "a").is_none(), "nothing to lead to");
    }
}
