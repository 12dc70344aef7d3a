//! Filters of lists, read: which fields there are and what they are compared with.

use visits_core::Fault;
use visits_core::civil::Date;
use visits_proto::scheduling::v1 as proto;
use visits_runtime::filter::{self, Op, Term};

use super::codes;
use crate::domain::visit::VisitState;
use crate::import::OfstedRegion;
use crate::store::search::{WantedSchools, WantedVisits};

/// The fields by which schools are chosen; the previous grade for the sample alone (M5).
const SCHOOL_FIELDS: [&str; 6] = [
    "local_authority_code",
    "ofsted_region",
    "phase",
    "status",
    "idaci_quintile",
    "previous_grade",
];

/// The fields by which visits are chosen.
const VISIT_FIELDS: [&str; 5] = ["state", "visit_date", "school", "region", "flagged"];

pub(super) fn schools(text: &str) -> Result<WantedSchools, Fault> {
    let mut wanted = WantedSchools::default();
    for term in filter::parse(text, &SCHOOL_FIELDS)? {
        let value = term.equal()?.to_owned();
        match term.field.as_str() {
            "local_authority_code" => wanted.local_authority_code = Some(value),
            "ofsted_region" => wanted.region = Some(region(&term, &value)?),
            "phase" => {
                let phase = proto::Phase::from_str_name(&format!("PHASE_{value}"));
                let known = phase.and_then(|phase| codes::phase_from(phase.into()));
                wanted.phase = Some(stored(&term, known)?);
            }
            "status" => {
                let status = proto::school::Status::from_str_name(&format!("STATUS_{value}"));
                let known = status.and_then(|status| codes::status_from(status.into()));
                wanted.status = Some(stored(&term, known)?);
            }
            "idaci_quintile" => {
                let quintile = value.parse().ok().filter(|q| (1..=5).contains(q));
                wanted.idaci_quintile =
                    Some(quintile.ok_or_else(|| term.refuse("must be 1 to 5"))?);
            }
            _ => {
                let name = format!("PREVIOUS_GRADE_{value}");
                let grade = proto::PreviousGrade::from_str_name(&name);
                let known = grade.and_then(|grade| codes::previous_grade_from(grade.into()));
                wanted.previous_grade = Some(stored(&term, known)?);
            }
        }
    }
    Ok(wanted)
}

pub(super) fn visits(text: &str) -> Result<WantedVisits, Fault> {
    let mut wanted = WantedVisits::default();
    for term in filter::parse(text, &VISIT_FIELDS)? {
        if term.field == "visit_date" {
            bound(&term, &mut wanted)?;
            continue;
        }
        let value = term.equal()?.to_owned();
        match term.field.as_str() {
            "state" => {
                let known = VisitState::ALL
                    .into_iter()
                    .any(|state| state.name() == value);
                if !known {
                    return Err(term.refuse("must be a state such as PLANNED"));
                }
                wanted.state = Some(value);
            }
            "school" => {
                let urn = value.strip_prefix("schools/").unwrap_or(&value);
                wanted.urn = Some(urn.to_owned());
            }
            "region" => wanted.region = Some(region(&term, &value)?),
            _ => {
                wanted.flagged = match value.as_str() {
                    "true" => Some(true),
                    "false" => Some(false),
                    _ => return Err(term.refuse("must be true or false")),
                }
            }
        }
    }
    Ok(wanted)
}

fn bound(term: &Term, wanted: &mut WantedVisits) -> Result<(), Fault> {
    let date: Date = term
        .value
        .parse()
        .map_err(|_| term.refuse("must be a date such as 2020-10-13"))?;
    match term.op {
        Op::Equal => wanted.visit_date = Some(date),
        Op::GreaterOrEqual => wanted.from = Some(date),
        Op::LessOrEqual => wanted.until = Some(date),
        _ => return Err(term.refuse("only =, >= and <= are supported")),
    }
    Ok(())
}

/// The region of a filter over inspectors.
pub(super) fn inspectors(text: &str) -> Result<Option<String>, Fault> {
    let mut wanted = None;
    for term in filter::parse(text, &["ofsted_region"])? {
        wanted = Some(region(&term, term.equal()?)?);
    }
    Ok(wanted)
}

fn region(term: &Term, value: &str) -> Result<String, Fault> {
    let region: OfstedRegion = value
        .parse()
        .map_err(|_| term.refuse("must be a region's slug such as south-east"))?;
    Ok(region.slug().to_owned())
}

fn stored(term: &Term, known: Option<impl serde::Serialize>) -> Result<String, Fault> {
    let known = known.ok_or_else(|| term.refuse("is no value of that field"))?;
    match serde_json::to_value(known) {
        Ok(serde_json::Value::String(code)) => Ok(code),
        _ => Err(Fault::fatal("an enumeration that is not text in JSON")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m5_schools_are_chosen_by_their_previous_grade_among_others() {
        let wanted = schools(
            "previous_grade = GOOD AND phase = ALL_THROUGH AND ofsted_region = \"south-east\"",
        )
        .expect("read");
        assert_eq!(wanted.previous_grade.as_deref(), Some("good"));
        assert_eq!(wanted.phase.as_deref(), Some("all_through"));
        assert_eq!(wanted.region.as_deref(), Some("south-east"));
        for wrong in [
            "phase = BIG",
            "idaci_quintile = 6",
            "status > OPEN",
            "complaints = 1",
        ] {
            assert!(schools(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn visits_are_chosen_by_state_and_days() {
        let wanted =
            visits("state = READY AND visit_date >= 2020-10-01 AND flagged = false").expect("read");
        assert_eq!(wanted.state.as_deref(), Some("READY"));
        assert_eq!(wanted.flagged, Some(false));
        assert!(wanted.from.is_some() && wanted.until.is_none());
        for wrong in ["state = ready", "visit_date > 2020-10-01", "flagged = 1"] {
            assert!(visits(wrong).is_err(), "{wrong}");
        }
    }
}
