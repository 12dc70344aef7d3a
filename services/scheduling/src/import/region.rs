//! The eight regions of Ofsted: the nine government regions, with North East and Yorkshire and the
//! Humber in one. A Regional Director answers for an *Ofsted* region.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One of Ofsted's regions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OfstedRegion {
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

impl OfstedRegion {
    /// Every region, by name.
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

    /// The name as Ofsted writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::EastMidlands => "East Midlands",
            Self::EastOfEngland => "East of England",
            Self::London => "London",
            Self::NorthEastYorkshireAndTheHumber => "North East, Yorkshire and the Humber",
            Self::NorthWest => "North West",
            Self::SouthEast => "South East",
            Self::SouthWest => "South West",
            Self::WestMidlands => "West Midlands",
        }
    }

    /// The region of a government office region's code in GIAS. Wales and "not applicable" have
    /// none: Ofsted doesn't inspect there.
    #[must_use]
    pub fn from_gor_code(code: &str) -> Option<Self> {
        match code {
            "A" | "D" => Some(Self::NorthEastYorkshireAndTheHumber),
            "B" => Some(Self::NorthWest),
            "E" => Some(Self::EastMidlands),
            "F" => Some(Self::WestMidlands),
            "G" => Some(Self::EastOfEngland),
            "H" => Some(Self::London),
            "J" => Some(Self::SouthEast),
            "K" => Some(Self::SouthWest),
            _ => None,
        }
    }

    /// The region of a government region's or an Ofsted region's name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.trim().to_lowercase();
        match name.as_str() {
            "north east" | "yorkshire and the humber" => Some(Self::NorthEastYorkshireAndTheHumber),
            "inner london" | "outer london" => Some(Self::London),
            _ => Self::ALL
                .into_iter()
                .find(|region| region.name().to_lowercase() == name),
        }
    }
}

impl fmt::Display for OfstedRegion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.slug())
    }
}

/// The text is no region's slug.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no Ofsted region `{0}`")]
pub struct UnknownRegion(pub String);

impl FromStr for OfstedRegion {
    type Err = UnknownRegion;

    fn from_str(slug: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|region| region.slug() == slug)
            .ok_or_else(|| UnknownRegion(slug.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_region_reads_back_from_its_slug_and_its_name() {
        for region in OfstedRegion::ALL {
            assert_eq!(region.slug().parse(), Ok(region));
            assert_eq!(OfstedRegion::from_name(region.name()), Some(region));
            let json = serde_json::to_value(region).expect("json");
            assert_eq!(json, region.slug());
        }
        assert!("wales".parse::<OfstedRegion>().is_err());
    }

    #[test]
    fn m28_nine_government_regions_are_eight_of_ofsteds() {
        let codes = ["A", "B", "D", "E", "F", "G", "H", "J", "K"];
        let regions: std::collections::BTreeSet<_> = codes
            .into_iter()
            .map(|code| OfstedRegion::from_gor_code(code).expect(code))
            .collect();
        assert_eq!(regions.len(), 8);
        assert_eq!(
            OfstedRegion::from_gor_code("A"),
            OfstedRegion::from_gor_code("D")
        );
        assert_eq!(OfstedRegion::from_gor_code("W"), None);
        assert_eq!(OfstedRegion::from_gor_code("Z"), None);
    }
}
