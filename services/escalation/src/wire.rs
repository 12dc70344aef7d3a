//! The contract's enums and names beside ours.

use visits_proto::common::v1::ConcernArea;
use visits_proto::escalation::v1 as wire;

use crate::domain::area::Area;
use crate::domain::case::{Outcome, State};

/// The contract's word for an area.
#[must_use]
pub const fn area_to_wire(area: Area) -> ConcernArea {
    match area {
        Area::Safeguarding => ConcernArea::Safeguarding,
        Area::LeadershipAndManagement => ConcernArea::LeadershipAndManagement,
    }
}

/// The contract's word for a state.
#[must_use]
pub const fn state_to_wire(state: State) -> wire::case::State {
    match state {
        State::Open => wire::case::State::Open,
        State::WithDutyDesk => wire::case::State::WithDutyDesk,
        State::AwaitingDecision => wire::case::State::AwaitingDecision,
        State::NfdRequired => wire::case::State::NfdRequired,
        State::NfdNotRequired => wire::case::State::NfdNotRequired,
        State::NfdUnderWay => wire::case::State::NfdUnderWay,
        State::NfdComplete => wire::case::State::NfdComplete,
        State::Withdrawn => wire::case::State::Withdrawn,
    }
}

/// The contract's word for a call's outcome.
#[must_use]
pub const fn outcome_to_wire(outcome: Outcome) -> wire::duty_desk_call::Outcome {
    match outcome {
        Outcome::SeekDecision => wire::duty_desk_call::Outcome::SeekDecision,
        Outcome::NotSignificant => wire::duty_desk_call::Outcome::NotSignificant,
    }
}

/// An outcome that a caller said; none for the unspecified and the unknown.
#[must_use]
pub fn outcome_from_wire(outcome: i32) -> Option<Outcome> {
    match wire::duty_desk_call::Outcome::try_from(outcome) {
        Ok(wire::duty_desk_call::Outcome::SeekDecision) => Some(Outcome::SeekDecision),
        Ok(wire::duty_desk_call::Outcome::NotSignificant) => Some(Outcome::NotSignificant),
        _ => None,
    }
}

/// The resource name of an inspector.
#[must_use]
pub fn inspector_name(principal: &str) -> String {
    format!("inspectors/{principal}")
}

/// The resource names of inspectors.
#[must_use]
pub fn inspector_names(principals: &[String]) -> Vec<String> {
    principals.iter().map(|one| inspector_name(one)).collect()
}

/// The principal of an inspector, from the resource name that another service gave.
#[must_use]
pub fn principal_of(inspector: &str) -> String {
    let code = inspector.strip_prefix("inspectors/");
    code.unwrap_or(inspector).to_owned()
}
