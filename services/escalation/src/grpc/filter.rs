//! The filters of lists and watches: terms joined by AND, each with `=`.

use visits_core::Fault;
use visits_runtime::filter::{Term, parse};

use crate::domain::case::State;
use crate::domain::region::Region;
use crate::store::cases::CaseFilter;

/// `state = AWAITING_DECISION AND region = "south-east"`; also `school` and `visit`.
pub(super) fn of_cases(text: &str) -> Result<CaseFilter, Fault> {
    let mut filter = CaseFilter::default();
    for term in parse(text, &["state", "open", "region", "school", "visit"])? {
        let value = term.equal()?;
        match term.field.as_str() {
            "state" => filter.state = Some(state(&term, value)?),
            "open" => {
                let open = value
                    .parse()
                    .map_err(|_| term.refuse("must be true or false"));
                filter.open = Some(open?);
            }
            "region" => filter.region = Some(region(&term, value)?),
            "school" => {
                let urn = value.strip_prefix("schools/").unwrap_or(value);
                filter.school_urn = Some(urn.to_owned());
            }
            _ => {
                let id = value.strip_prefix("visits/").unwrap_or(value);
                let id = id
                    .parse()
                    .map_err(|_| term.refuse("must be visits/{uuid}"))?;
                filter.visit = Some(id);
            }
        }
    }
    Ok(filter)
}

/// `region = "south-east"`, or nothing.
pub(super) fn of_directors(text: &str) -> Result<Option<Region>, Fault> {
    let mut wanted = None;
    for term in parse(text, &["region"])? {
        wanted = Some(region(&term, term.equal()?)?);
    }
    Ok(wanted)
}

/// `school = "schools/123166"`, or nothing: the URN of the school wanted.
pub(super) fn of_recommendations(text: &str) -> Result<Option<String>, Fault> {
    let mut wanted = None;
    for term in parse(text, &["school"])? {
        let name = term.equal()?;
        wanted = Some(name.strip_prefix("schools/").unwrap_or(name).to_owned());
    }
    Ok(wanted)
}

/// `state = ON_DUTY`, or nothing: whether only shifts that last are wanted.
pub(super) fn of_shifts(text: &str) -> Result<bool, Fault> {
    let terms = parse(text, &["state"])?;
    for term in &terms {
        if term.equal()? != "ON_DUTY" {
            return Err(term.refuse("must be ON_DUTY"));
        }
    }
    Ok(!terms.is_empty())
}

fn state(term: &Term, value: &str) -> Result<State, Fault> {
    let name = value.strip_prefix("STATE_").unwrap_or(value);
    let found = State::ALL.into_iter().find(|state| state.name() == name);
    found.ok_or_else(|| {
        let names: Vec<&str> = State::ALL.iter().map(|state| state.name()).collect();
        term.refuse(&format!("must be one of {}", names.join(", ")))
    })
}

fn region(term: &Term, value: &str) -> Result<Region, Fault> {
    let slug = value.strip_prefix("regions/").unwrap_or(value);
    Region::from_slug(slug).ok_or_else(|| {
        let slugs: Vec<&str> = Region::ALL.iter().map(|region| region.slug()).collect();
        term.refuse(&format!("must be one of {}", slugs.join(", ")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_names_what_it_wants_with_or_without_prefixes() {
        let filter = of_cases("state = AWAITING_DECISION AND region = \"south-east\"");
        let expected = CaseFilter {
            state: Some(State::AwaitingDecision),
            region: Some(Region::SouthEast),
            ..CaseFilter::default()
        };
        assert_eq!(filter, Ok(expected.clone()));
        let long = of_cases("state = STATE_AWAITING_DECISION AND region = regions/south-east");
        assert_eq!(long, Ok(expected));
    }

    #[test]
    fn an_unknown_field_state_region_or_operator_is_refused() {
        for text in [
            "colour = red",
            "state = CLOSED",
            "open = perhaps",
            "region = mercia",
            "visit = 7",
            "state != OPEN",
        ] {
            let fault = of_cases(text).expect_err(text);
            assert_eq!(fault.violations[0].field, "filter", "{text}");
        }
    }
}
