//! How a command fails: one exit code a kind, a sentence for people, JSON for programs.

use std::io::Write;

use serde_json::{Value, json};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};
use visits_core::Fault;

use crate::output::Format;

/// Why a command did not do what it was asked to.
#[derive(Debug)]
pub enum Failure {
    /// A service refused, or a part of this process did.
    Refused(Box<Status>),
    /// Nothing answers at the server's address.
    Unreachable {
        /// Where nothing answers.
        server: String,
    },
    /// Nothing that serves answers at the server's address: what a health check asks.
    NotServing {
        /// Where it was asked.
        server: String,
    },
    /// Some of it was done and the rest was not.
    Partial(String),
    /// Whoever read our output has gone: there is nobody to tell.
    ClosedPipe,
    /// Ctrl-C.
    Interrupted,
}

impl Failure {
    /// Something is wrong on our side.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::Refused(Box::new(Status::internal(message)))
    }

    /// What was asked for can't be read.
    pub fn invalid(field: &str, what: impl Into<String>) -> Self {
        let violation = visits_core::FieldViolation::new(field, what);
        Fault::invalid(vec![violation]).into()
    }

    /// The exit code, as `visits --help` lists them.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Refused(status) => match status.code() {
                Code::InvalidArgument | Code::OutOfRange => 3,
                Code::NotFound => 4,
                Code::PermissionDenied | Code::Unauthenticated => 5,
                Code::Aborted | Code::FailedPrecondition | Code::AlreadyExists => 6,
                Code::Unavailable | Code::ResourceExhausted => 7,
                Code::DeadlineExceeded | Code::Cancelled => 8,
                Code::Ok
                | Code::Unknown
                | Code::Unimplemented
                | Code::Internal
                | Code::DataLoss => 1,
            },
            Self::Unreachable { .. } => 7,
            Self::NotServing { .. } => 1,
            Self::Partial(_) => 9,
            Self::ClosedPipe => 0,
            Self::Interrupted => 130,
        }
    }

    /// Says it on stderr: `google.rpc.Status` as JSON where the output is JSON, else in words.
    pub fn print(&self, format: Format, stderr: &mut impl Write) {
        // There is nothing left to do about a failure to report a failure.
        let _ = match format {
            Format::Json | Format::Ndjson => match self.json() {
                Some(status) => writeln!(stderr, "{status}"),
                None => Ok(()),
            },
            Format::Table | Format::Csv => self.words(stderr),
        };
    }

    fn words(&self, stderr: &mut impl Write) -> std::io::Result<()> {
        match self {
            Self::Refused(status) => refused_in_words(status, stderr),
            Self::Unreachable { server } => writeln!(
                stderr,
                "error: nothing answers at {server}; start one with: visits serve"
            ),
            Self::NotServing { server } => writeln!(stderr, "error: nothing serves at {server}"),
            Self::Partial(what) => writeln!(stderr, "error: {what}"),
            Self::ClosedPipe => Ok(()),
            Self::Interrupted => writeln!(stderr, "interrupted"),
        }
    }

    fn json(&self) -> Option<Value> {
        let code = match self {
            Self::Refused(status) => return Some(status_json(status)),
            Self::ClosedPipe => return None,
            Self::Unreachable { .. } | Self::NotServing { .. } => Code::Unavailable,
            Self::Partial(_) => Code::Unknown,
            Self::Interrupted => Code::Cancelled,
        };
        let mut words = Vec::new();
        let _ = self.words(&mut words);
        let words = String::from_utf8_lossy(&words);
        let message = words.trim().trim_start_matches("error: ");
        let metadata = std::collections::HashMap::new();
        let reason = self.reason()?;
        let details = ErrorDetails::with_error_info(reason, visits_runtime::DOMAIN, metadata);
        Some(status_json(&Status::with_error_details(
            code, message, details,
        )))
    }

    // The reason of what no service says.
    const fn reason(&self) -> Option<&'static str> {
        match self {
            Self::Unreachable { .. } => Some("SERVER_UNREACHABLE"),
            Self::NotServing { .. } => Some("NOT_SERVING"),
            Self::Partial(_) => Some("PARTLY_DONE"),
            Self::Interrupted => Some("INTERRUPTED"),
            Self::Refused(_) | Self::ClosedPipe => None,
        }
    }
}

fn refused_in_words(status: &Status, stderr: &mut impl Write) -> std::io::Result<()> {
    let details = status.get_error_details();
    let reason = details.error_info().map_or("", |info| info.reason.as_str());
    if reason.is_empty() {
        writeln!(stderr, "error: {}", status.message())?;
    } else {
        writeln!(stderr, "error: {} ({reason})", status.message())?;
    }
    for violation in details
        .bad_request()
        .map_or(&[][..], |bad| &bad.field_violations)
    {
        let (field, what) = (&violation.field, &violation.description);
        writeln!(stderr, "  {field}: {what}")?;
    }
    if let Some(id) = details
        .error_info()
        .and_then(|info| info.metadata.get("error_id"))
    {
        writeln!(stderr, "  error id for the log: {id}")?;
    }
    if matches!(reason, "TOKEN_MISSING" | "TOKEN_EXPIRED" | "TOKEN_INVALID") {
        writeln!(stderr, "  get a token with: visits token --as ROLE")?;
    }
    Ok(())
}

/// `google.rpc.Status` in proto-JSON, with the reason lifted to the top for `jq -r .reason`.
fn status_json(status: &Status) -> Value {
    let details = status.get_error_details();
    let mut list = Vec::new();
    if let Some(info) = details.error_info() {
        list.push(json!({
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": info.reason, "domain": info.domain, "metadata": info.metadata,
        }));
    }
    if let Some(bad) = details.bad_request() {
        let violations: Vec<Value> = bad
            .field_violations
            .iter()
            .map(|v| json!({"field": v.field, "description": v.description}))
            .collect();
        list.push(json!({
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            "fieldViolations": violations,
        }));
    }
    if let Some(resource) = details.resource_info() {
        list.push(json!({
            "@type": "type.googleapis.com/google.rpc.ResourceInfo",
            "resourceType": resource.resource_type, "resourceName": resource.resource_name,
        }));
    }
    if let Some(failure) = details.precondition_failure() {
        let violations: Vec<Value> = failure
            .violations
            .iter()
            .map(|v| json!({"type": v.r#type, "subject": v.subject, "description": v.description}))
            .collect();
        list.push(json!({
            "@type": "type.googleapis.com/google.rpc.PreconditionFailure",
            "violations": violations,
        }));
    }
    if let Some(delay) = details.retry_info().and_then(|info| info.retry_delay) {
        list.push(json!({
            "@type": "type.googleapis.com/google.rpc.RetryInfo",
            "retryDelay": format!("{}s", delay.as_secs_f64()),
        }));
    }
    if let Some(told) = details.localized_message() {
        list.push(json!({
            "@type": "type.googleapis.com/google.rpc.LocalizedMessage",
            "locale": told.locale, "message": told.message,
        }));
    }
    if let Some(help) = details.help() {
        let links: Vec<Value> = help
            .links
            .iter()
            .map(|link| json!({"description": link.description, "url": link.url}))
            .collect();
        list.push(json!({"@type": "type.googleapis.com/google.rpc.Help", "links": links}));
    }
    json!({
        "code": i32::from(status.code()),
        "message": status.message(),
        "reason": details.error_info().map(|info| info.reason.clone()),
        "details": list,
    })
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut words = Vec::new();
        self.print(Format::Table, &mut words);
        f.write_str(String::from_utf8_lossy(&words).trim_end())
    }
}

impl std::error::Error for Failure {}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        Self::Refused(Box::new(status))
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        // Of this very process, whose operator is who reads this: nothing is to be hidden.
        if fault.kind == visits_core::ErrorKind::Fatal {
            return Self::internal(fault.message);
        }
        visits_runtime::to_status(fault).into()
    }
}

impl From<visits_runtime::settings::Problems> for Failure {
    fn from(problems: visits_runtime::settings::Problems) -> Self {
        Fault::from(problems).into()
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            Self::ClosedPipe
        } else {
            Self::internal(format!("can't write the output: {error}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use visits_core::{ErrorKind, FieldViolation};

    fn said(failure: &Failure, format: Format) -> String {
        let mut stderr = Vec::new();
        failure.print(format, &mut stderr);
        String::from_utf8(stderr).expect("text")
    }

    #[test]
    fn every_kind_of_failure_has_its_documented_exit_code() {
        let code = |kind| Failure::from(Fault::new(kind, "SOME_REASON", "message")).exit_code();
        assert_eq!(code(ErrorKind::InvalidInput), 3);
        assert_eq!(code(ErrorKind::OutOfRange), 3);
        assert_eq!(code(ErrorKind::NotFound), 4);
        assert_eq!(code(ErrorKind::Forbidden), 5);
        assert_eq!(code(ErrorKind::Unauthenticated), 5);
        assert_eq!(code(ErrorKind::WrongState), 6);
        assert_eq!(code(ErrorKind::Conflict), 6);
        assert_eq!(code(ErrorKind::AlreadyExists), 6);
        assert_eq!(code(ErrorKind::Transient), 7);
        assert_eq!(code(ErrorKind::LimitReached), 7);
        assert_eq!(code(ErrorKind::TimedOut), 8);
        assert_eq!(code(ErrorKind::Fatal), 1);
        assert_eq!(Failure::Partial(String::new()).exit_code(), 9);
        assert_eq!(Failure::Interrupted.exit_code(), 130);
        assert_eq!(Failure::ClosedPipe.exit_code(), 0);
    }

    #[test]
    fn an_unreachable_server_is_said_with_what_to_do() {
        let failure = Failure::Unreachable {
            server: "http://127.0.0.1:7400".into(),
        };
        assert_eq!(failure.exit_code(), 7);
        assert_eq!(
            said(&failure, Format::Table),
            "error: nothing answers at http://127.0.0.1:7400; start one with: visits serve\n"
        );
    }

    #[test]
    fn a_refusal_in_json_is_a_status_with_reason_and_every_violation() {
        let fault = Fault::invalid(vec![
            FieldViolation::new("school", "is required"),
            FieldViolation::new("visit_date", "must be a date"),
        ]);
        let text = said(&fault.into(), Format::Json);
        let status: Value = serde_json::from_str(&text).expect("json");
        assert_eq!(status["code"], 3);
        assert_eq!(status["reason"], "FIELDS_INVALID");
        let violations = &status["details"][1]["fieldViolations"];
        assert_eq!(violations[1]["field"], "visit_date");
    }

    #[test]
    fn a_refusal_in_words_names_reason_and_fields() {
        let failure = Failure::invalid("school", "must be of the form schools/{urn}");
        let text = said(&failure, Format::Table);
        assert!(text.contains("(FIELDS_INVALID)"), "{text}");
        assert!(text.contains("  school: must be of the form"), "{text}");
    }
}
