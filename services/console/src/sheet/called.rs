//! What the fields of a contract are called on a page.

use std::collections::BTreeSet;

use tonic::Status;
use tonic_types::StatusExt as _;

use crate::problem::{Line, Problem};

/// A field of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Called {
    /// As the contract has it; those of its parts begin with it.
    pub(crate) field: &'static str,
    /// Its id on the page.
    pub(crate) id: &'static str,
    /// What is said if it is missing.
    pub(crate) missing: &'static str,
    /// What it is, to be followed by what is wrong with it. Empty for a choice, of which nothing is
    /// wrong but that it is missing.
    pub(crate) name: &'static str,
}

/// What a list can find wrong with its address.
pub(crate) const OF_A_LIST: [Called; 2] = [
    Called {
        field: "filter",
        id: "main",
        missing: "Choose what is to be shown",
        name: "What was asked for can’t be found:",
    },
    Called {
        field: "page_token",
        id: "main",
        missing: "Begin with the first page",
        name: "The address of this page is not right:",
    },
];

/// Why a service refused a form, in the words and under the ids of its page (R-CON-27).
pub(crate) fn explained(status: &Status, called: &[Called]) -> Problem {
    let mut problem = Problem::of(status);
    let details = status.get_error_details();
    let violations = details
        .bad_request()
        .map_or(&[][..], |bad| &bad.field_violations);
    for (line, violation) in problem.lines.iter_mut().zip(violations) {
        let known = called
            .iter()
            .find(|called| violation.field.starts_with(called.field));
        if let Some(called) = known {
            let what = &violation.description;
            *line = Line {
                field: called.id.to_owned(),
                words: if called.name.is_empty() || what.starts_with("is required") {
                    called.missing.to_owned()
                } else {
                    format!("{} {what}", called.name)
                },
            };
        }
    }
    // One thing at a time of each field: what is missing is wrong in no other way.
    let mut said = BTreeSet::new();
    let is_own = |line: &Line| line.field == "main" || said.insert(line.field.clone());
    problem.lines.retain(is_own);
    problem
}

/// A problem of the form alone, found before anybody was asked.
pub(crate) fn found(id: &str, words: &str) -> Problem {
    Problem::found(vec![Line {
        field: id.to_owned(),
        words: words.to_owned(),
    }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use visits_core::{Fault, FieldViolation};
    use visits_runtime::to_status;

    #[test]
    fn r_con_27_a_field_has_the_words_and_the_id_of_its_page() {
        let violations = vec![
            FieldViolation::new("corrections[0].passage", "is required"),
            FieldViolation::new("reason", "has 1001 characters; at most 1000 are allowed"),
            FieldViolation::new("etag", "is required"),
        ];
        let called = [
            Called {
                field: "corrections",
                id: "passage-1",
                missing: "Enter the passage",
                name: "The correction",
            },
            Called {
                field: "reason",
                id: "reason",
                missing: "Enter the reason",
                name: "The reason",
            },
        ];
        let problem = explained(&to_status(Fault::invalid(violations)), &called);
        let lines: Vec<_> = problem
            .lines
            .iter()
            .map(|line| (line.field.as_str(), line.words.as_str()))
            .collect();
        assert_eq!(lines[0], ("passage-1", "Enter the passage"));
        assert_eq!(lines[1].0, "reason");
        assert!(lines[1].1.starts_with("The reason has 1001"));
        assert_eq!(lines[2].0, "main");
    }
}
