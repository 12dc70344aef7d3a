//! What a discussion is about, with whom it is held, and how.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a discussion is about (M20). They fall into the two key areas of M9 and what comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Area {
    /// Data, expectations and approaches, barriers.
    AttendanceAndBehaviour,
    /// In the context of Covid-19: risks, actions taken, with the DSL.
    Safeguarding,
    /// SEND, health, care and wellbeing of particular groups.
    ParticularNeeds,
    /// Returning, priorities, reading, remote learning, breadth, assessment, catch-up.
    Curriculum,
    /// Preparing for what comes.
    LookingAhead,
}

impl Area {
    /// Every area, in the order of the guidance.
    pub const ALL: [Self; 5] = [
        Self::AttendanceAndBehaviour,
        Self::Safeguarding,
        Self::ParticularNeeds,
        Self::Curriculum,
        Self::LookingAhead,
    ];

    /// The area's code in forms and filters.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::AttendanceAndBehaviour => "attendance-and-behaviour",
            Self::Safeguarding => "safeguarding",
            Self::ParticularNeeds => "particular-needs",
            Self::Curriculum => "curriculum",
            Self::LookingAhead => "looking-ahead",
        }
    }
}

/// The text names no area of a visit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no area of a visit")]
pub struct UnknownArea(pub String);

impl FromStr for Area {
    type Err = UnknownArea;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|area| area.code() == text)
            .ok_or_else(|| UnknownArea(text.to_owned()))
    }
}

/// Whom the inspectors spoke with: a role in the school. There is no place for a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SpokenTo {
    /// The headteacher or principal.
    Head,
    /// Another senior leader.
    SeniorLeader,
    /// The designated safeguarding lead.
    Dsl,
    /// The special educational needs coordinator.
    Senco,
    /// A leader of the curriculum or of a subject.
    CurriculumLeader,
    /// A leader of attendance, behaviour or pastoral care.
    PastoralLeader,
    /// A governor or trustee.
    Governor,
    /// An executive leader, a trust's chief executive for example (M12).
    ExecutiveLeader,
}

/// How the visit is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// At the school.
    OnSite,
    /// By telephone or video.
    Remote,
}
