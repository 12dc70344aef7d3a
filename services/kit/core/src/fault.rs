//! One vocabulary of failure, from the rule that refuses to the status on the wire.
//!
//! A rule refuses with a *refusal*: a closed enum of its own that implements [`Refusal`]. At the
//! edge of the step it becomes a [`Fault`], which knows its kind, its stable reason and what the
//! caller can do. `kit/runtime` turns a fault into a gRPC status, in one function.

use std::collections::BTreeMap;
use std::fmt;

use jiff::SignedDuration;

/// What sort of failure this is. Each kind has one gRPC code and one way in which consumers and
/// jobs treat it (docs/architecture.md has the table).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorKind {
    /// The request can't be understood or breaks a rule of form: INVALID_ARGUMENT.
    InvalidInput,
    /// No valid token: UNAUTHENTICATED.
    Unauthenticated,
    /// The caller may not do this: PERMISSION_DENIED.
    Forbidden,
    /// Absent, or not the caller's to know: NOT_FOUND.
    NotFound,
    /// It is there already, with other content: ALREADY_EXISTS.
    AlreadyExists,
    /// The life cycle doesn't allow it now: FAILED_PRECONDITION.
    WrongState,
    /// Somebody else changed it meanwhile: ABORTED.
    Conflict,
    /// A named limit is reached: RESOURCE_EXHAUSTED.
    LimitReached,
    /// A position in the feed that is no longer kept: OUT_OF_RANGE.
    OutOfRange,
    /// It may work in a moment: UNAVAILABLE.
    Transient,
    /// The deadline passed: DEADLINE_EXCEEDED.
    TimedOut,
    /// A fault of ours: INTERNAL, with an error id.
    Fatal,
}

/// A refusal of the pure core: what rule said no, in words for a person and in a stable reason
/// for a program.
pub trait Refusal: fmt::Display {
    /// The kind, which decides the gRPC code.
    fn kind(&self) -> ErrorKind {
        ErrorKind::WrongState
    }
    /// The stable reason, `[A-Z][A-Z0-9_]+[A-Z0-9]`, that clients match on.
    fn reason(&self) -> &'static str;
    /// The values that the message mentions, for programs.
    fn metadata(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

/// One field of a request that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldViolation {
    /// The path of the field, as in the proto: `visit.team[1].inspector`.
    pub field: String,
    /// What is wrong and what would be right.
    pub description: String,
}

impl FieldViolation {
    /// A violation of `field`.
    pub fn new(field: impl Into<String>, description: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            description: description.into(),
        }
    }
}

/// A failure on its way out: decided where it is born, never guessed from a driver's error.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Fault {
    /// What sort of failure.
    pub kind: ErrorKind,
    /// The stable reason that clients match on.
    pub reason: &'static str,
    /// For a person: lower case, what failed and what to do about it.
    pub message: String,
    /// The dynamic values of the message.
    pub metadata: BTreeMap<String, String>,
    /// Every field at fault, for [`ErrorKind::InvalidInput`].
    pub violations: Vec<FieldViolation>,
    /// When to try again, for [`ErrorKind::Transient`] and [`ErrorKind::LimitReached`].
    pub retry_after: Option<SignedDuration>,
}

impl Fault {
    /// A fault of `kind` with a stable `reason`.
    pub fn new(kind: ErrorKind, reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            kind,
            reason,
            message: message.into(),
            metadata: BTreeMap::new(),
            violations: Vec::new(),
            retry_after: None,
        }
    }

    /// A request with fields at fault: all of them at once.
    #[must_use]
    pub fn invalid(violations: Vec<FieldViolation>) -> Self {
        let named: Vec<&str> = violations.iter().map(|v| v.field.as_str()).collect();
        let message = format!("the request has fields at fault: {}", named.join(", "));
        Self {
            violations,
            ..Self::new(ErrorKind::InvalidInput, "FIELDS_INVALID", message)
        }
    }

    /// Nothing of that name, or not the caller's to know: the two read the same (E3).
    #[must_use]
    pub fn not_found(resource: impl fmt::Display) -> Self {
        Self::new(
            ErrorKind::NotFound,
            "NOT_FOUND",
            format!("there is no {resource} that you may read"),
        )
        .with("resource", resource)
    }

    /// The caller's rights do not cover `action`.
    #[must_use]
    pub fn forbidden(action: &str) -> Self {
        Self::new(
            ErrorKind::Forbidden,
            "ACTION_NOT_PERMITTED",
            format!("your rights do not cover {action}"),
        )
        .with("action", action)
    }

    /// Somebody changed it between the caller's reading and now.
    #[must_use]
    pub fn conflict(resource: impl fmt::Display) -> Self {
        Self::new(
            ErrorKind::Conflict,
            "CHANGED_MEANWHILE",
            format!("{resource} was changed meanwhile; read it again and repeat"),
        )
        .with("resource", resource)
    }

    /// It may work in a moment.
    pub fn transient(message: impl Into<String>) -> Self {
        Self {
            retry_after: Some(SignedDuration::from_secs(1)),
            ..Self::new(ErrorKind::Transient, "TEMPORARILY_UNAVAILABLE", message)
        }
    }

    /// A fault of ours; the message is for the log and never reaches a caller.
    pub fn fatal(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Fatal, "INTERNAL", message)
    }

    /// Adds a value of the message for programs to read.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl fmt::Display) -> Self {
        self.metadata.insert(key.to_owned(), value.to_string());
        self
    }

    /// Whether a later try may succeed without anybody doing anything.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(
            self.kind,
            ErrorKind::Transient
                | ErrorKind::TimedOut
                | ErrorKind::Conflict
                | ErrorKind::LimitReached
                | ErrorKind::NotFound
        )
    }
}

impl<R: Refusal> From<R> for Fault {
    fn from(refusal: R) -> Self {
        let mut fault = Self::new(refusal.kind(), refusal.reason(), refusal.to_string());
        for (key, value) in refusal.metadata() {
            fault = fault.with(key, value);
        }
        fault
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct TooEarly;
    impl fmt::Display for TooEarly {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("the inspector has not left the site")
        }
    }
    impl Refusal for TooEarly {
        fn reason(&self) -> &'static str {
            "LETTER_BEFORE_DEPARTURE"
        }
        fn metadata(&self) -> Vec<(&'static str, String)> {
            vec![("visit", "visits/1".into())]
        }
    }

    #[test]
    fn a_refusal_keeps_its_reason_and_its_values() {
        let fault: Fault = TooEarly.into();
        assert_eq!(fault.kind, ErrorKind::WrongState);
        assert_eq!(fault.reason, "LETTER_BEFORE_DEPARTURE");
        assert_eq!(fault.metadata["visit"], "visits/1");
    }

    #[test]
    fn an_invalid_request_names_every_field_at_once() {
        let fault = Fault::invalid(vec![
            FieldViolation::new("urn", "is required"),
            FieldViolation::new("visit_date", "must be a date"),
        ]);
        assert!(fault.message.contains("urn, visit_date"));
    }
}
