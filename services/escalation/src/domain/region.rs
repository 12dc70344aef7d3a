//! Ofsted's eight regions. Whose director decides about a school follows from the school's region
//! (M28).

use std::fmt;

use serde::{Deserialize, Serialize};

/// One of Ofsted's regions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Region {
    /// East Midlands.
    EastMidlands,
    /// East of England.
    EastOfEngland,
    /// London.
    London,
    /// North East, Yorkshire and the Humber.
    NorthEastYorkshireAndTheHumber,
    /// North West.
    NorthWest,
    /// South East.
    SouthEast,
    /// South West.
    SouthWest,
    /// West Midlands.
    WestMidlands,
}

impl Region {
    /// All eight, in alphabetical order.
    pub const ALL: [Self; 8] = [
        Self::EastMidlands,
        Self::EastOfEngland,
        Self::London,
        Self::NorthEastYorkshireAndTheHumber,
        Self::NorthWest,
        Self::SouthEast,
        Self::SouthWest,
        Self::WestMidlands,
    ];

    /// The identifier in resource names, `regions/{slug}`.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::EastMidlands => "east-midlands",
            Self::EastOfEngland => "east-of-england",
            Self::London => "london",
            Self::NorthEastYorkshireAndTheHumber => "north-east-yorkshire-and-the-humber",
            Self::NorthWest => "north-west",
            Self::SouthEast => "south-east",
            Self::SouthWest => "south-west",
            Self::WestMidlands => "west-midlands",
        }
    }

    /// The region of this slug, if there is one.
    #[must_use]
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|region| region.slug() == slug)
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.slug())
    }
}
