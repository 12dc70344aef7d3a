//! The two areas in which a significant concern can be raised, and there is no third (M26).

use serde::{Deserialize, Serialize};

/// One of the two areas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Area {
    /// Safeguarding.
    Safeguarding,
    /// A breakdown in leadership and management.
    LeadershipAndManagement,
}

impl Area {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Safeguarding, Self::LeadershipAndManagement];

    /// The code in requests.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Safeguarding => "safeguarding",
            Self::LeadershipAndManagement => "leadership-and-management",
        }
    }

    /// The area of this code, if it is one of the two.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|area| area.code() == code)
    }
}
