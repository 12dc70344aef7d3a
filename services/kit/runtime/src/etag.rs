//! Freshness: the quoted version of a resource (R-API-6).

use visits_core::{ErrorKind, Fault, FieldViolation};

/// The etag of a resource at `version`, quoted as RFC 7232 has it.
#[must_use]
pub fn of(version: i64) -> String {
    format!("\"{version}\"")
}

/// Whether what the caller read is still what there is; an empty etag asks for no check.
///
/// # Errors
/// `Conflict` if the resource was changed meanwhile.
pub fn check(given: &str, version: i64) -> Result<(), Fault> {
    let current = of(version);
    if given.is_empty() || given == current {
        return Ok(());
    }
    Err(Fault::new(
        ErrorKind::Conflict,
        "ETAG_MISMATCH",
        "the resource was changed meanwhile; read it again and repeat",
    )
    .with("etag", current))
}

/// As [`check`], where acting on a stale reading must be impossible: the etag is required.
///
/// # Errors
/// `InvalidInput` if no etag is given, `Conflict` as in [`check`].
pub fn require(given: &str, version: i64) -> Result<(), Fault> {
    if given.is_empty() {
        return Err(Fault::invalid(vec![FieldViolation::new(
            "etag",
            "is required: the etag of the resource as you read it",
        )]));
    }
    check(given, version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_etag_of_another_version_is_a_conflict_and_none_is_no_check() {
        assert_eq!(of(7), "\"7\"");
        assert!(check("\"7\"", 7).is_ok());
        assert!(check("", 7).is_ok());
        let stale = check("\"6\"", 7).expect_err("stale");
        assert_eq!(
            (stale.kind, stale.reason),
            (ErrorKind::Conflict, "ETAG_MISMATCH")
        );
    }

    #[test]
    fn where_freshness_matters_an_etag_is_required() {
        let missing = require("", 7).expect_err("missing");
        assert_eq!(missing.kind, ErrorKind::InvalidInput);
        assert_eq!(missing.violations[0].field, "etag");
        assert!(require("\"7\"", 7).is_ok());
    }
}
