//! The contract's enums and ours.

use visits_proto::common::v1 as common;
use visits_proto::recording::v1 as proto;

use crate::domain::{Area, Mark, Mode, SpokenTo, Stage};

/// The area, if the contract's value is one.
pub(super) fn area(value: i32) -> Option<Area> {
    match proto::Area::try_from(value).ok()? {
        proto::Area::Unspecified => None,
        proto::Area::AttendanceAndBehaviour => Some(Area::AttendanceAndBehaviour),
        proto::Area::Safeguarding => Some(Area::Safeguarding),
        proto::Area::ParticularNeeds => Some(Area::ParticularNeeds),
        proto::Area::Curriculum => Some(Area::Curriculum),
        proto::Area::LookingAhead => Some(Area::LookingAhead),
    }
}

pub(super) fn from_area(area: Area) -> proto::Area {
    match area {
        Area::AttendanceAndBehaviour => proto::Area::AttendanceAndBehaviour,
        Area::Safeguarding => proto::Area::Safeguarding,
        Area::ParticularNeeds => proto::Area::ParticularNeeds,
        Area::Curriculum => proto::Area::Curriculum,
        Area::LookingAhead => proto::Area::LookingAhead,
    }
}

/// The role spoken to, if the contract's value is one.
pub(super) fn spoken_to(value: i32) -> Option<SpokenTo> {
    match proto::SpokenTo::try_from(value).ok()? {
        proto::SpokenTo::Unspecified => None,
        proto::SpokenTo::Head => Some(SpokenTo::Head),
        proto::SpokenTo::SeniorLeader => Some(SpokenTo::SeniorLeader),
        proto::SpokenTo::Dsl => Some(SpokenTo::Dsl),
        proto::SpokenTo::Senco => Some(SpokenTo::Senco),
        proto::SpokenTo::CurriculumLeader => Some(SpokenTo::CurriculumLeader),
        proto::SpokenTo::PastoralLeader => Some(SpokenTo::PastoralLeader),
        proto::SpokenTo::Governor => Some(SpokenTo::Governor),
        proto::SpokenTo::ExecutiveLeader => Some(SpokenTo::ExecutiveLeader),
    }
}

pub(super) fn from_spoken_to(role: SpokenTo) -> proto::SpokenTo {
    match role {
        SpokenTo::Head => proto::SpokenTo::Head,
        SpokenTo::SeniorLeader => proto::SpokenTo::SeniorLeader,
        SpokenTo::Dsl => proto::SpokenTo::Dsl,
        SpokenTo::Senco => proto::SpokenTo::Senco,
        SpokenTo::CurriculumLeader => proto::SpokenTo::CurriculumLeader,
        SpokenTo::PastoralLeader => proto::SpokenTo::PastoralLeader,
        SpokenTo::Governor => proto::SpokenTo::Governor,
        SpokenTo::ExecutiveLeader => proto::SpokenTo::ExecutiveLeader,
    }
}

pub(super) fn from_mark(mark: Option<Mark>) -> proto::AnswerMark {
    match mark {
        None => proto::AnswerMark::Unspecified,
        Some(Mark::GivenAfterStop) => proto::AnswerMark::GivenAfterStop,
        Some(Mark::ReceivedAfterStop) => proto::AnswerMark::ReceivedAfterStop,
    }
}

pub(super) fn from_mode(mode: Mode) -> common::Mode {
    match mode {
        Mode::OnSite => common::Mode::OnSite,
        Mode::Remote => common::Mode::Remote,
    }
}

pub(super) fn from_stage(stage: Stage) -> proto::visit_record::State {
    use proto::visit_record::State;
    match stage {
        Stage::AwaitingArrival => State::AwaitingArrival,
        Stage::OnVisit => State::OnVisit,
        Stage::Departed => State::Departed,
        Stage::Complete => State::Complete,
        Stage::Stopped => State::Stopped,
    }
}

/// The stage that a filter names, `ON_VISIT` or `STATE_ON_VISIT`.
pub(super) fn stage_named(text: &str) -> Option<Stage> {
    let short = text.strip_prefix("STATE_").unwrap_or(text);
    Stage::ALL
        .into_iter()
        .find(|stage| stage.name().to_uppercase() == short)
}

/// The area that a filter names, `CURRICULUM` or `AREA_CURRICULUM`.
pub(super) fn area_named(text: &str) -> Option<Area> {
    let short = text.strip_prefix("AREA_").unwrap_or(text);
    Area::ALL
        .into_iter()
        .find(|area| area.code().replace('-', "_").to_uppercase() == short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_area_and_role_reads_back() {
        for known in Area::ALL {
            assert_eq!(area(from_area(known) as i32), Some(known));
            let full = from_area(known).as_str_name();
            assert_eq!(area_named(full), Some(known), "{full}");
        }
        for value in 1..=8 {
            let role = spoken_to(value).expect("a role");
            assert_eq!(from_spoken_to(role) as i32, value);
        }
        assert_eq!((area(0), spoken_to(0), area(99)), (None, None, None));
    }

    #[test]
    fn every_stage_is_named_as_in_the_contract() {
        for stage in Stage::ALL {
            let full = from_stage(stage).as_str_name();
            assert_eq!(stage_named(full), Some(stage), "{full}");
        }
        assert_eq!(stage_named("ON_HOLIDAY"), None);
    }
}
