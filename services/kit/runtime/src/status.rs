//! The one place where a fault becomes a gRPC status, and the way back for clients of peers.
//!
//! Every status carries exactly one `ErrorInfo`; clients match on its `reason` and never on the
//! message. A fault of ours says nothing but an error id: its message is for the log.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Mutex;
use std::time::Duration;

use rand::RngCore as _;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation as WireViolation, StatusExt as _};
use visits_core::{ErrorKind, Fault, FieldViolation, SignedDuration};

use crate::help;

pub use visits_client::DOMAIN;

/// The gRPC code of a kind of failure (docs/architecture.md).
#[must_use]
pub const fn code(kind: ErrorKind) -> Code {
    match kind {
        ErrorKind::InvalidInput => Code::InvalidArgument,
        ErrorKind::Unauthenticated => Code::Unauthenticated,
        ErrorKind::Forbidden => Code::PermissionDenied,
        ErrorKind::NotFound => Code::NotFound,
        ErrorKind::AlreadyExists => Code::AlreadyExists,
        ErrorKind::WrongState => Code::FailedPrecondition,
        ErrorKind::Conflict => Code::Aborted,
        ErrorKind::LimitReached => Code::ResourceExhausted,
        ErrorKind::OutOfRange => Code::OutOfRange,
        ErrorKind::Transient => Code::Unavailable,
        ErrorKind::TimedOut => Code::DeadlineExceeded,
        ErrorKind::Fatal => Code::Internal,
    }
}

/// The status that tells a caller about `fault`.
#[must_use]
pub fn to_status(fault: Fault) -> Status {
    let fault = if fault.kind == ErrorKind::Fatal {
        hide(&fault)
    } else {
        fault
    };
    let details = details(&fault);
    Status::with_error_details(code(fault.kind), fault.message, details)
}

/// Logs what went wrong with us, once, and leaves the caller an id to quote.
fn hide(fault: &Fault) -> Fault {
    let mut chance = [0; 8];
    rand::rng().fill_bytes(&mut chance);
    let error_id = hex::encode(chance);
    tracing::error!(error_id, reason = fault.reason, cause = %fault.message, "internal error");
    Fault::new(ErrorKind::Fatal, "INTERNAL", "internal error").with("error_id", error_id)
}

fn details(fault: &Fault) -> ErrorDetails {
    let metadata: HashMap<String, String> = fault.metadata.clone().into_iter().collect();
    let mut details = ErrorDetails::with_error_info(fault.reason, DOMAIN, metadata);
    details.set_localized_message(help::LOCALE, help::sentence(fault));
    details.add_help_link("what this reason means", help::link(fault.reason));
    if !fault.violations.is_empty() {
        let violations: Vec<WireViolation> = fault
            .violations
            .iter()
            .map(|violation| WireViolation::new(&violation.field, &violation.description))
            .collect();
        details.set_bad_request(violations);
    }
    if let Some(delay) = fault.retry_after {
        let delay = Duration::try_from(delay).unwrap_or_default();
        details.set_retry_info(Some(delay));
    }
    let resource = fault.metadata.get("resource").map_or("", String::as_str);
    match fault.kind {
        ErrorKind::NotFound => {
            let kind = resource.split('/').next().unwrap_or_default();
            details.set_resource_info(kind, resource, "", &fault.message);
        }
        ErrorKind::WrongState => {
            details.add_precondition_failure_violation(fault.reason, resource, &fault.message);
        }
        _ => {}
    }
    details
}

/// What another service's status says, as a fault of ours.
///
/// A token that was too old or too young there was our own, signed for this one call while the
/// clocks disagreed: the next call has a new one. It is no fault of whoever called us.
#[must_use]
pub fn from_status(status: &Status) -> Fault {
    let details = status.get_error_details();
    let said = details.error_info().map(|info| info.reason.as_str());
    if let Some("TOKEN_EXPIRED" | "TOKEN_NOT_YET_VALID") = said {
        let message = "another service's clock is not the one that our token was signed by";
        return Fault::new(ErrorKind::Transient, "PEER_UNAVAILABLE", message);
    }
    let (reason, metadata) = details.error_info().map_or_else(
        || (stand_in(kind(status)), BTreeMap::new()),
        |info| {
            (
                stable(&info.reason),
                info.metadata.clone().into_iter().collect(),
            )
        },
    );
    let violations = details.bad_request().map_or_else(Vec::new, |bad| {
        bad.field_violations
            .iter()
            .map(|violation| FieldViolation::new(&violation.field, &violation.description))
            .collect()
    });
    let retry_after = details
        .retry_info()
        .and_then(|info| info.retry_delay)
        .and_then(|delay| SignedDuration::try_from(delay).ok());
    Fault {
        kind: kind(status),
        reason,
        message: status.message().to_owned(),
        metadata,
        violations,
        retry_after,
    }
}

fn kind(status: &Status) -> ErrorKind {
    match status.code() {
        Code::InvalidArgument => ErrorKind::InvalidInput,
        Code::Unauthenticated => ErrorKind::Unauthenticated,
        Code::PermissionDenied => ErrorKind::Forbidden,
        Code::NotFound => ErrorKind::NotFound,
        Code::AlreadyExists => ErrorKind::AlreadyExists,
        Code::FailedPrecondition => ErrorKind::WrongState,
        Code::Aborted => ErrorKind::Conflict,
        Code::ResourceExhausted => ErrorKind::LimitReached,
        Code::OutOfRange => ErrorKind::OutOfRange,
        Code::Unavailable => ErrorKind::Transient,
        // tonic's own client says "cancelled" when the time that it sent runs out (R13).
        Code::DeadlineExceeded | Code::Cancelled => ErrorKind::TimedOut,
        // A connection that breaks under a call reads as UNKNOWN without details.
        Code::Unknown if status.details().is_empty() => ErrorKind::Transient,
        Code::Ok | Code::Unknown | Code::Unimplemented | Code::Internal | Code::DataLoss => {
            ErrorKind::Fatal
        }
    }
}

const fn stand_in(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Transient => "PEER_UNAVAILABLE",
        ErrorKind::TimedOut => "DEADLINE_EXCEEDED",
        _ => "PEER_FAULT",
    }
}

/// Reasons are a closed set that each service declares, but the set of a peer is not known here:
/// each is kept once for the life of the process, up to a bound far above their number.
fn stable(reason: &str) -> &'static str {
    const MOST: usize = 1024;
    static KNOWN: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let well_formed = reason.len() <= 63
        && reason
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    let mut known = KNOWN
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(kept) = known.get(reason) {
        return kept;
    }
    if !well_formed || known.len() >= MOST {
        return "PEER_FAULT";
    }
    let kept: &'static str = Box::leak(reason.to_owned().into_boxed_str());
    known.insert(kept);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [ErrorKind; 12] = [
        ErrorKind::InvalidInput,
        ErrorKind::Unauthenticated,
        ErrorKind::Forbidden,
        ErrorKind::NotFound,
        ErrorKind::AlreadyExists,
        ErrorKind::WrongState,
        ErrorKind::Conflict,
        ErrorKind::LimitReached,
        ErrorKind::OutOfRange,
        ErrorKind::Transient,
        ErrorKind::TimedOut,
        ErrorKind::Fatal,
    ];

    #[test]
    fn every_kind_of_failure_keeps_its_kind_over_the_wire_and_carries_one_error_info() {
        for kind in KINDS {
            let status = to_status(Fault::new(kind, "SOME_REASON", "some message"));
            let infos = status
                .get_error_details_vec()
                .into_iter()
                .filter(|detail| matches!(detail, tonic_types::ErrorDetail::ErrorInfo(_)))
                .count();
            assert_eq!(infos, 1, "{kind:?}");
            let details = status.get_error_details();
            let told = details.localized_message().expect("a message for people");
            assert_eq!(told.locale, "en-GB");
            assert!(told.message.starts_with(char::is_uppercase), "{told:?}");
            let help = details.help().expect("help");
            let reason = &details.error_info().expect("error info").reason;
            assert!(
                help.links[0].url.ends_with(&format!("#{reason}")),
                "{help:?}"
            );
            assert_eq!(from_status(&status).kind, kind);
        }
    }

    #[test]
    fn a_fault_survives_the_way_through_a_status() {
        let fault = Fault {
            retry_after: Some(SignedDuration::from_secs(2)),
            ..Fault::invalid(vec![
                FieldViolation::new("urn", "is required"),
                FieldViolation::new("visit_date", "must be a date"),
            ])
        }
        .with("school", "schools/123166");
        assert_eq!(from_status(&to_status(fault.clone())), fault);
    }

    #[test]
    fn a_fault_of_ours_tells_the_caller_an_error_id_and_nothing_else() {
        let status = to_status(
            Fault::fatal("relation concerns: column text").with("row", "an inspector's words"),
        );
        assert_eq!(status.code(), Code::Internal);
        assert_eq!(status.message(), "internal error");
        let details = status.get_error_details();
        let info = details.error_info().expect("error info");
        assert_eq!(info.domain, DOMAIN);
        assert_eq!(info.metadata.len(), 1);
        assert_eq!(info.metadata["error_id"].len(), 16);
    }

    #[test]
    fn not_found_names_the_resource_and_wrong_state_the_precondition() {
        let details = to_status(Fault::not_found("cases/1")).get_error_details();
        let resource = details.resource_info().expect("resource info");
        assert_eq!(
            (
                resource.resource_type.as_str(),
                resource.resource_name.as_str()
            ),
            ("cases", "cases/1")
        );
        let refused = Fault::new(ErrorKind::WrongState, "CASE_CLOSED", "the case is closed")
            .with("resource", "cases/1");
        let details = to_status(refused).get_error_details();
        let failure = details.precondition_failure().expect("precondition");
        assert_eq!(failure.violations[0].r#type, "CASE_CLOSED");
        assert_eq!(failure.violations[0].subject, "cases/1");
    }

    #[test]
    fn a_peer_that_finds_our_token_too_old_is_asked_again_and_nothing_is_parked() {
        for reason in ["TOKEN_EXPIRED", "TOKEN_NOT_YET_VALID"] {
            let refused = Fault::new(ErrorKind::Unauthenticated, reason, "get a new one");
            let heard = from_status(&to_status(refused));
            assert_eq!(
                (heard.kind, heard.reason),
                (ErrorKind::Transient, "PEER_UNAVAILABLE")
            );
        }
        let forged = Fault::new(ErrorKind::Unauthenticated, "TOKEN_INVALID", "get a new one");
        assert_eq!(
            from_status(&to_status(forged)).kind,
            ErrorKind::Unauthenticated
        );
    }

    #[test]
    fn a_status_without_details_still_says_whether_to_try_again() {
        let lost = from_status(&Status::unknown("transport error"));
        assert_eq!(
            (lost.kind, lost.reason),
            (ErrorKind::Transient, "PEER_UNAVAILABLE")
        );
        let late = from_status(&Status::cancelled("Timeout expired"));
        assert_eq!(
            (late.kind, late.reason),
            (ErrorKind::TimedOut, "DEADLINE_EXCEEDED")
        );
        let odd = from_status(&Status::internal("h2 protocol error"));
        assert_eq!((odd.kind, odd.reason), (ErrorKind::Fatal, "PEER_FAULT"));
    }
}
