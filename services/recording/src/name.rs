//! Resource names of the contracts.

use uuid::Uuid;
use visits_core::Fault;

use crate::domain::VisitId;

/// `visitRecords/{visit}`
#[must_use]
pub fn record(visit: VisitId) -> String {
    format!("visitRecords/{visit}")
}

/// `visits/{visit}`
#[must_use]
pub fn visit(visit: VisitId) -> String {
    format!("visits/{visit}")
}

/// `schools/{urn}`
#[must_use]
pub fn school(urn: &str) -> String {
    format!("schools/{urn}")
}

/// `inspectors/{code}`
#[must_use]
pub fn inspector(code: &str) -> String {
    format!("inspectors/{code}")
}

/// `visitForms/{version}`
#[must_use]
pub fn form(version: &str) -> String {
    format!("visitForms/{version}")
}

/// `visitRecords/{visit}/answers/{answer}`
#[must_use]
pub fn answer(visit: VisitId, answer: Uuid) -> String {
    format!("visitRecords/{visit}/answers/{answer}")
}

/// The identifier after `collection/` in what another service said; its fault if there is none.
pub fn after<'n>(collection: &str, name: &'n str) -> Result<&'n str, Fault> {
    name.strip_prefix(collection)
        .and_then(|rest| rest.strip_prefix('/'))
        .filter(|rest| !rest.is_empty())
        .ok_or_else(|| malformed(collection, name))
}

/// The visit that another service's `visits/{uuid}` names.
pub fn visit_id(name: &str) -> Result<VisitId, Fault> {
    after("visits", name)?
        .parse()
        .map_err(|_| malformed("visits", name))
}

fn malformed(collection: &str, name: &str) -> Fault {
    Fault::new(
        visits_core::ErrorKind::InvalidInput,
        "NAME_MALFORMED",
        format!("`{name}` is not of the form {collection}/{{id}}"),
    )
}

/// The visit that our own `visitRecords/{uuid}` names.
pub fn record_id(name: &str) -> Result<VisitId, Fault> {
    after("visitRecords", name)?
        .parse()
        .map_err(|_| malformed("visitRecords", name))
}
