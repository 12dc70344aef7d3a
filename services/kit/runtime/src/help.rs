//! What a person is told about a fault: a sentence that an operator can be shown, and where to
//! read more (R-API-8).

use std::sync::OnceLock;

use visits_core::{ErrorKind, Fault};

/// The language of everything that people read here.
pub const LOCALE: &str = "en-GB";

/// Where the list of reasons is read when the process has said nothing.
const ELSEWHERE: &str = "https://visits.ofsted.example/errors";

static PAGE: OnceLock<String> = OnceLock::new();

/// Says where this process' callers find the list of reasons, a page with one anchor for each.
/// The first word stands: one process has one such page.
pub fn page_at(address: impl Into<String>) {
    let _ = PAGE.set(address.into());
}

/// Where `reason` is explained.
#[must_use]
pub fn link(reason: &str) -> String {
    let page = PAGE.get().map_or(ELSEWHERE, String::as_str);
    format!("{page}#{reason}")
}

/// What an operator is shown: what failed, each field at fault, and what to do next.
#[must_use]
pub fn sentence(fault: &Fault) -> String {
    let mut said = if fault.violations.is_empty() {
        capital(&fault.message)
    } else {
        "Some of what was entered can't be used".to_owned()
    };
    for (at, violation) in fault.violations.iter().enumerate() {
        said.push_str(if at == 0 { ": " } else { "; " });
        said.push_str(&format!("{} {}", violation.field, violation.description));
    }
    if !said.ends_with(['.', '?', '!']) {
        said.push('.');
    }
    if let Some(next) = next(fault) {
        said.push(' ');
        said.push_str(&next);
    }
    said
}

fn next(fault: &Fault) -> Option<String> {
    let next = match fault.kind {
        ErrorKind::Unauthenticated => "Sign in again.",
        ErrorKind::Forbidden => "Ask somebody whose role covers it.",
        ErrorKind::LimitReached | ErrorKind::Transient => {
            "Nothing was lost: try again in a moment."
        }
        ErrorKind::TimedOut => "Look whether it was done before you do it again.",
        ErrorKind::Fatal => {
            let id = fault.metadata.get("error_id")?;
            return Some(format!("Report it and give the error id {id}."));
        }
        ErrorKind::InvalidInput
        | ErrorKind::NotFound
        | ErrorKind::AlreadyExists
        | ErrorKind::Conflict
        | ErrorKind::WrongState
        | ErrorKind::OutOfRange => return None,
    };
    Some(next.to_owned())
}

fn capital(message: &str) -> String {
    let mut letters = message.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

#[cfg(test)]
mod tests {
    use visits_core::FieldViolation;

    use super::*;

    #[test]
    fn an_operator_reads_what_failed_and_what_to_do_next() {
        let told = [
            (
                Fault::new(ErrorKind::WrongState, "CASE_CLOSED", "the case is closed"),
                "The case is closed.",
            ),
            (
                Fault::invalid(vec![
                    FieldViolation::new("rationale", "is required"),
                    FieldViolation::new("etag", "is required"),
                ]),
                "Some of what was entered can't be used: rationale is required; etag is required.",
            ),
            (
                Fault::new(
                    ErrorKind::Transient,
                    "PEER_UNAVAILABLE",
                    "scheduling is away",
                ),
                "Scheduling is away. Nothing was lost: try again in a moment.",
            ),
            (
                Fault::new(ErrorKind::Fatal, "INTERNAL", "internal error").with("error_id", "0f"),
                "Internal error. Report it and give the error id 0f.",
            ),
        ];
        for (fault, sentence_of_it) in told {
            assert_eq!(sentence(&fault), sentence_of_it);
        }
    }
}
