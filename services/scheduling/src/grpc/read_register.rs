//! Requests about inspectors and calendars, read.

use uuid::Uuid;
use visits_core::civil::Date;
use visits_core::{Fault, Fields};
use visits_proto::scheduling::v1 as proto;

use super::codes;
use crate::domain::calendar::{CalendarEntry, EntryKind, Scope};
use crate::domain::inspector::{Conflict, ConflictKind, InspectorCommand, Leave};
use crate::import::OfstedRegion;

/// More closures than a calendar of many years has.
const CLOSURES_MAX: usize = 2_000;

/// A request to change an inspector, read.
pub(super) struct InspectorChange {
    /// The caller's mark for this intent (R17).
    pub request_id: Uuid,
    /// The inspector's code.
    pub code: String,
    /// The etag as read; empty = don't check.
    pub etag: String,
    /// What is asked.
    pub command: InspectorCommand,
}

fn change(
    mut fields: Fields,
    about: (&str, &str, &str),
    command: InspectorCommand,
) -> Result<InspectorChange, Fault> {
    let (name, etag, request_id) = about;
    let code = fields.code("name", name, "inspectors");
    let request_id = fields.request_id(request_id);
    fields.finish()?;
    Ok(InspectorChange {
        request_id,
        code,
        etag: etag.to_owned(),
        command,
    })
}

pub(super) fn create(asked: &proto::CreateInspectorRequest) -> Result<InspectorChange, Fault> {
    let mut fields = Fields::new();
    let code = fields.code(
        "inspector_id",
        &format!("inspectors/{}", asked.inspector_id),
        "inspectors",
    );
    let region = fields.known(
        "ofsted_region",
        asked.ofsted_region.parse::<OfstedRegion>().ok(),
        "must be a region's slug such as south-east",
    );
    let request_id = fields.request_id(&asked.request_id);
    fields.finish()?;
    Ok(InspectorChange {
        request_id,
        command: InspectorCommand::Create {
            code: code.clone(),
            region: region.unwrap_or(OfstedRegion::London),
        },
        code,
        etag: String::new(),
    })
}

fn span(fields: &mut Fields, at: &str, first: &str, last: &str) -> (Date, Date) {
    let first = fields.date(&format!("{at}first_date"), first);
    let last = fields.date(&format!("{at}last_date"), last);
    if last < first {
        fields.violate(format!("{at}last_date"), "must not be before first_date");
    }
    (first, last)
}

pub(super) fn leave(asked: &proto::AddLeaveRequest) -> Result<InspectorChange, Fault> {
    let mut fields = Fields::new();
    let (first, last) = span(&mut fields, "", &asked.first_date, &asked.last_date);
    let about = (&*asked.name, &*asked.etag, &*asked.request_id);
    let command = InspectorCommand::AddLeave(Leave { first, last });
    change(fields, about, command)
}

pub(super) fn conflict(asked: &proto::DeclareConflictRequest) -> Result<InspectorChange, Fault> {
    let mut fields = Fields::new();
    let urn = fields.urn("school", &asked.school);
    let read = codes::conflict_kind_from(asked.kind);
    let kind = fields.known("kind", read, "must say what connects them");
    let about = (&*asked.name, &*asked.etag, &*asked.request_id);
    let command = InspectorCommand::DeclareConflict(Conflict {
        urn,
        kind: kind.unwrap_or(ConflictKind::Other),
    });
    change(fields, about, command)
}

pub(super) fn routine_inspection(
    asked: &proto::AssignRoutineInspectionRequest,
) -> Result<InspectorChange, Fault> {
    let mut fields = Fields::new();
    let command = InspectorCommand::AssignRoutineInspection {
        urn: fields.urn("school", &asked.school),
        start_date: fields.date("start_date", &asked.start_date),
    };
    let about = (&*asked.name, &*asked.etag, &*asked.request_id);
    change(fields, about, command)
}

/// A request to set a calendar, read.
pub(super) struct CalendarImport {
    /// The caller's mark for this intent (R17).
    pub request_id: Uuid,
    /// Whose calendar.
    pub scope: Scope,
    /// Its closures.
    pub entries: Vec<CalendarEntry>,
}

pub(super) fn calendar(asked: &proto::ImportCalendarRequest) -> Result<CalendarImport, Fault> {
    let mut fields = Fields::new();
    let scope = fields.known(
        "name",
        scope(&asked.name),
        "must be calendars/schools-{urn}, calendars/local-authorities-{code} or calendars/england",
    );
    let scope = scope.unwrap_or(Scope::England);
    if asked.closures.len() > CLOSURES_MAX {
        fields.violate("closures", "must be at most 2,000");
    }
    let mut entries = Vec::new();
    for (at, closure) in asked.closures.iter().take(CLOSURES_MAX).enumerate() {
        let path = format!("closures[{at}].");
        let (from, to) = span(&mut fields, &path, &closure.first_date, &closure.last_date);
        let read = codes::closure_kind_from(closure.kind);
        let kind = fields.known(&format!("{path}kind"), read, "must say why it is closed");
        entries.push(CalendarEntry {
            scope: scope.clone(),
            from,
            to,
            kind: kind.unwrap_or(EntryKind::Closure),
        });
    }
    let request_id = fields.request_id(&asked.request_id);
    fields.finish()?;
    Ok(CalendarImport {
        request_id,
        scope,
        entries,
    })
}

fn scope(name: &str) -> Option<Scope> {
    let id = name.strip_prefix("calendars/")?;
    let text = match id.rsplit_once('-') {
        None => id.to_owned(),
        Some(("schools", urn)) => format!("schools/{urn}"),
        Some(("local-authorities", code)) => format!("localAuthorities/{code}"),
        Some(_) => return None,
    };
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_calendars_name_says_whose_it_is() {
        assert_eq!(scope("calendars/england"), Some(Scope::England));
        assert_eq!(
            scope("calendars/schools-123166"),
            Some(Scope::School("123166".into()))
        );
        assert_eq!(
            scope("calendars/local-authorities-931"),
            Some(Scope::LocalAuthority("931".into()))
        );
        for name in [
            "england",
            "calendars/wales",
            "calendars/schools-12",
            "calendars/x-931",
        ] {
            assert_eq!(scope(name), None, "{name}");
        }
    }
}
