//! Reading a request: every field at fault is reported at once, each with what would be right.
//!
//! A reader takes values out of the message one by one; a value that breaks a rule is noted and a
//! stand-in goes on, so that the reading reaches the end. [`Fields::finish`] then says everything.

use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use uuid::Uuid;

use crate::fault::{Fault, FieldViolation};

/// Collects what is wrong with a request while it is being read.
#[derive(Debug, Default)]
pub struct Fields {
    violations: Vec<FieldViolation>,
}

impl Fields {
    /// A reader that has found nothing wrong yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes that `field` breaks a rule.
    pub fn violate(&mut self, field: impl Into<String>, description: impl Into<String>) {
        self.violations
            .push(FieldViolation::new(field, description));
    }

    /// A text that must be there, trimmed, of at most `max_chars` characters.
    pub fn text(&mut self, field: &str, value: &str, max_chars: usize) -> String {
        let value = self.optional_text(field, value, max_chars);
        if value.is_empty() {
            self.violate(field, "is required");
        }
        value
    }

    /// A text that may be empty, trimmed, of at most `max_chars` characters.
    pub fn optional_text(&mut self, field: &str, value: &str, max_chars: usize) -> String {
        let value = value.trim();
        let length = value.chars().count();
        if length > max_chars {
            self.violate(
                field,
                format!("has {length} characters; at most {max_chars} are allowed"),
            );
        }
        if value
            .chars()
            .any(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r'))
        {
            self.violate(field, "contains control characters");
        }
        value.to_owned()
    }

    /// The `request_id` that every changing request carries (R17).
    pub fn request_id(&mut self, value: &str) -> Uuid {
        Uuid::parse_str(value).unwrap_or_else(|_| {
            self.violate(
                "request_id",
                "must be a UUID, new for each intent and the same for each repeat",
            );
            Uuid::nil()
        })
    }

    /// The identifier after `collection/` in a resource name, as `visits/0192…`.
    pub fn name<I: FromStr + From<Uuid>>(
        &mut self,
        field: &str,
        value: &str,
        collection: &str,
    ) -> I {
        let id = value
            .strip_prefix(collection)
            .and_then(|rest| rest.strip_prefix('/'))
            .and_then(|id| id.parse::<I>().ok());
        id.unwrap_or_else(|| {
            self.violate(field, format!("must be of the form {collection}/{{uuid}}"));
            I::from(Uuid::nil())
        })
    }

    /// The code after `collection/` in a resource name whose identifiers are not UUIDs, as
    /// `inspectors/HMI-001` or `regions/london`.
    pub fn code(&mut self, field: &str, value: &str, collection: &str) -> String {
        let code = value
            .strip_prefix(collection)
            .and_then(|rest| rest.strip_prefix('/'))
            .filter(|code| {
                !code.is_empty()
                    && code.len() <= 63
                    && code
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
            });
        code.map(str::to_owned).unwrap_or_else(|| {
            self.violate(field, format!("must be of the form {collection}/{{code}}"));
            String::new()
        })
    }

    /// The six digits of a school's name, `schools/{urn}`.
    pub fn urn(&mut self, field: &str, value: &str) -> String {
        let urn = value
            .strip_prefix("schools/")
            .filter(|urn| urn.len() == 6 && urn.bytes().all(|b| b.is_ascii_digit()));
        urn.map(str::to_owned).unwrap_or_else(|| {
            self.violate(field, "must be of the form schools/{urn}, six digits");
            String::new()
        })
    }

    /// A civil date, `2020-10-23`.
    pub fn date(&mut self, field: &str, value: &str) -> Date {
        value.parse().unwrap_or_else(|_| {
            self.violate(field, "must be a date such as 2020-10-23");
            Date::ZERO
        })
    }

    /// A wall-clock time in England, `15:10`.
    pub fn time(&mut self, field: &str, value: &str) -> Time {
        value.parse().unwrap_or_else(|_| {
            self.violate(field, "must be a time of day such as 15:10");
            Time::midnight()
        })
    }

    /// A value that the caller has already tried to read; `None` breaks the rule `description`.
    pub fn known<T>(&mut self, field: &str, value: Option<T>, description: &str) -> Option<T> {
        if value.is_none() {
            self.violate(field, description);
        }
        value
    }

    /// An instant given as seconds and nanoseconds, which must be there.
    pub fn instant(&mut self, field: &str, value: Option<(i64, i32)>) -> Timestamp {
        let read = value.and_then(|(seconds, nanos)| Timestamp::new(seconds, nanos).ok());
        read.map_or_else(
            || {
                self.violate(field, "must be an instant such as 2020-10-23T13:30:00Z");
                Timestamp::UNIX_EPOCH
            },
            crate::clock::whole_micros,
        )
    }

    /// Everything that was found wrong, in one fault; nothing if all was right.
    pub fn finish(self) -> Result<(), Fault> {
        if self.violations.is_empty() {
            Ok(())
        } else {
            Err(Fault::invalid(self.violations))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_at_fault_is_named_in_one_answer() {
        let mut fields = Fields::new();
        fields.urn("school", "schools/12");
        fields.date("visit_date", "soon");
        fields.request_id("once");
        fields.text("reason", "  ", 10);
        let fault = fields.finish().expect_err("four violations");
        let named: Vec<_> = fault.violations.iter().map(|v| v.field.as_str()).collect();
        assert_eq!(named, ["school", "visit_date", "request_id", "reason"]);
    }

    #[test]
    fn a_request_without_fault_passes() {
        let mut fields = Fields::new();
        assert_eq!(fields.urn("school", "schools/123166"), "123166");
        assert_eq!(
            fields.code("inspector", "inspectors/HMI-001", "inspectors"),
            "HMI-001"
        );
        assert_eq!(fields.text("reason", " ill ", 10), "ill");
        assert!(fields.finish().is_ok());
    }
}
