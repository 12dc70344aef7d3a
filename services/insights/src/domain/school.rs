//! The public facts about a school that the composition of the sample counts.

use serde::{Deserialize, Serialize};

/// A dimension of the composition tables: a closed list of values, each with the name that
/// contracts and files use and the label that tables show. The last value is "not known".
pub trait Dimension: Copy + Eq + 'static {
    /// Every value, in the order of tables.
    const ALL: &'static [Self];
    /// The name of the dimension in a CSV header.
    const HEADER: &'static str;
    /// The name of the value in contracts and files.
    fn slug(self) -> &'static str;
    /// The words of the value in tables.
    fn label(self) -> &'static str;

    /// The value of that slug or label, if it is one.
    #[must_use]
    fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        Self::ALL.iter().copied().find(|value| {
            value.slug().eq_ignore_ascii_case(text) || value.label().eq_ignore_ascii_case(text)
        })
    }
}

macro_rules! dimension {
    ($(#[$doc:meta])* $name:ident, $header:literal, { $($(#[$vdoc:meta])* $value:ident = $slug:literal, $label:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name {
            $($(#[$vdoc])* $value,)*
        }

        impl Dimension for $name {
            const ALL: &'static [Self] = &[$(Self::$value,)*];
            const HEADER: &'static str = $header;

            fn slug(self) -> &'static str {
                match self { $(Self::$value => $slug,)* }
            }

            fn label(self) -> &'static str {
                match self { $(Self::$value => $label,)* }
            }
        }
    };
}

dimension! {
    /// What ages and pupils a school is for.
    Phase, "education_phase", {
        /// A nursery school.
        Nursery = "nursery", "Nursery";
        /// A primary school, or a middle school deemed primary.
        Primary = "primary", "Primary";
        /// A secondary school, or a middle school deemed secondary.
        Secondary = "secondary", "Secondary";
        /// A school for all ages.
        AllThrough = "all-through", "All-through";
        /// A college or school for pupils over 16.
        SixteenPlus = "16-plus", "16 plus";
        /// A special school.
        Special = "special", "Special";
        /// A pupil referral unit or another alternative provision.
        PupilReferralUnit = "pupil-referral-unit", "Pupil referral unit";
        /// The register doesn't say.
        NotKnown = "not-known", "Not known";
    }
}

dimension! {
    /// One of Ofsted's eight regions, which are not the regions of the national statistics.
    Region, "ofsted_region", {
        /// East Midlands.
        EastMidlands = "east-midlands", "East Midlands";
        /// East of England.
        EastOfEngland = "east-of-england", "East of England";
        /// London.
        London = "london", "London";
        /// North East, Yorkshire and the Humber.
        NorthEastYorkshireAndTheHumber = "north-east-yorkshire-and-the-humber", "North East, Yorkshire and the Humber";
        /// North West.
        NorthWest = "north-west", "North West";
        /// South East.
        SouthEast = "south-east", "South East";
        /// South West.
        SouthWest = "south-west", "South West";
        /// West Midlands.
        WestMidlands = "west-midlands", "West Midlands";
        /// The register doesn't say.
        NotKnown = "not-known", "Not known";
    }
}

dimension! {
    /// The grade of the school's previous inspection, which is public. It is here for the
    /// composition of the sample and for nothing else (M5).
    PreviousGrade, "previous_grade", {
        /// Outstanding.
        Outstanding = "outstanding", "Outstanding";
        /// Good.
        Good = "good", "Good";
        /// Requires improvement.
        RequiresImprovement = "requires-improvement", "Requires improvement";
        /// Inadequate.
        Inadequate = "inadequate", "Inadequate";
        /// Never inspected, or the register doesn't say.
        NotKnown = "not-known", "Not known";
    }
}

/// What the composition tables count a school by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchoolFacts {
    /// What ages and pupils it is for.
    pub phase: Phase,
    /// Ofsted's region.
    pub region: Region,
    /// The previous inspection's grade (M5: the composition tables only).
    pub previous_grade: PreviousGrade,
}

impl SchoolFacts {
    /// A school about which the register says nothing.
    pub const UNKNOWN: Self = Self {
        phase: Phase::NotKnown,
        region: Region::NotKnown,
        previous_grade: PreviousGrade::NotKnown,
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_reads_back_from_its_slug_and_from_its_label() {
        fn all<D: Dimension + std::fmt::Debug>() {
            for value in D::ALL {
                assert_eq!(D::read(value.slug()), Some(*value));
                assert_eq!(D::read(&value.label().to_uppercase()), Some(*value));
            }
            assert_eq!(D::read("elsewhere"), None);
            assert_eq!(D::ALL.last().map(|value| value.slug()), Some("not-known"));
        }
        all::<Phase>();
        all::<Region>();
        all::<PreviousGrade>();
    }
}
