//! What a refusal says, and the two that a caller gives itself: nobody answers, time is over.

use std::collections::HashMap;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

/// The `domain` of every `ErrorInfo` of the services.
pub const DOMAIN: &str = "visits.ofsted.example";

/// Why a call was refused: the stable code of its `ErrorInfo`, as docs/errors.md lists them. Match
/// on this and never on the message.
#[must_use]
pub fn reason(status: &Status) -> Option<String> {
    let info = status.get_details_error_info()?;
    (info.domain == DOMAIN).then_some(info.reason)
}

/// Nobody answers.
pub(crate) fn unavailable(message: String) -> Status {
    with_reason(Code::Unavailable, "TEMPORARILY_UNAVAILABLE", message)
}

/// The deadline passed on our side.
pub(crate) fn too_late() -> Status {
    let message = "the deadline passed before the answer was there; \
                   the change may have been made: repeat with the same request_id";
    with_reason(Code::DeadlineExceeded, "DEADLINE_EXCEEDED", message.into())
}

fn with_reason(code: Code, reason: &'static str, message: String) -> Status {
    let details = ErrorDetails::with_error_info(reason, DOMAIN, HashMap::new());
    Status::with_error_details(code, message, details)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_read_from_error_info_of_our_domain_only() {
        assert_eq!(reason(&too_late()).as_deref(), Some("DEADLINE_EXCEEDED"));
        assert_eq!(reason(&Status::aborted("DEADLINE_EXCEEDED")), None);
        let details = ErrorDetails::with_error_info("QUOTA", "elsewhere.example", HashMap::new());
        let elsewhere = Status::with_error_details(Code::Aborted, "no", details);
        assert_eq!(reason(&elsewhere), None);
    }
}
