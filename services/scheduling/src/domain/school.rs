//! A school of the register, and the context pack that an inspector gets of it (M18).
//!
//! There is no field for a complaint (M17), and none for anything that a visit gathered (M11).

use serde::{Deserialize, Serialize};
use visits_core::Timestamp;

use crate::import::{
    InspectionRow, OfstedRegion, OverallEffectiveness, Phase, SchoolRow, SchoolStatus,
};

/// A school as the register has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct School {
    /// The unique reference number, six digits.
    pub urn: String,
    /// The school's name.
    pub name: String,
    /// The local authority's three-digit code.
    pub local_authority_code: Option<String>,
    /// The local authority's name.
    pub local_authority: Option<String>,
    /// The Ofsted region; schools outside England have none.
    pub region: Option<OfstedRegion>,
    /// The phase of education.
    pub phase: Phase,
    /// The type of establishment in the register's words.
    pub school_type: Option<String>,
    /// Whether the school is open.
    pub status: SchoolStatus,
    /// Pupils on roll.
    pub pupils_on_roll: Option<u32>,
    /// IDACI quintile, 1 = least deprived.
    pub idaci_quintile: Option<u8>,
    /// The previous inspection's grade (M5, M18).
    pub previous_grade: OverallEffectiveness,
    /// Where the previous inspection's report is published.
    pub previous_report_uri: Option<String>,
    /// When it was first imported.
    pub created_at: Timestamp,
    /// When an import last changed it.
    pub updated_at: Timestamp,
}

/// What the inspector knows of the school before the visit: exactly this (M18).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContextPack {
    /// The previous inspection's grade.
    pub previous_grade: OverallEffectiveness,
    /// Where the previous inspection's report is published.
    pub previous_report_uri: Option<String>,
    /// IDACI quintile, 1 = least deprived.
    pub idaci_quintile: Option<u8>,
    /// The type of establishment.
    pub school_type: Option<String>,
    /// The phase of education.
    pub phase: Phase,
    /// Pupils on roll.
    pub pupils_on_roll: Option<u32>,
}

impl School {
    /// A school that the register did not have: its grade and quintile are not known until
    /// Ofsted's management information says.
    #[must_use]
    pub fn entered(row: &SchoolRow, now: Timestamp) -> Self {
        Self {
            urn: row.urn.clone(),
            name: row.name.clone(),
            local_authority_code: row.local_authority_code.clone(),
            local_authority: row.local_authority.clone(),
            region: row.ofsted_region,
            phase: row.phase,
            school_type: row.type_name.clone(),
            status: row.status,
            pupils_on_roll: row.pupils_on_roll,
            idaci_quintile: None,
            previous_grade: OverallEffectiveness::NotKnown,
            previous_report_uri: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// The school as a newer extract of the register says; `None` if it says the same.
    #[must_use]
    pub fn amended(&self, row: &SchoolRow, now: Timestamp) -> Option<Self> {
        let next = Self {
            idaci_quintile: self.idaci_quintile,
            previous_grade: self.previous_grade,
            previous_report_uri: self.previous_report_uri.clone(),
            created_at: self.created_at,
            updated_at: self.updated_at,
            ..Self::entered(row, now)
        };
        self.if_changed(next, now)
    }

    /// The school as management information says; `None` if it says the same. What it doesn't
    /// know takes nothing away.
    #[must_use]
    pub fn inspected(&self, row: &InspectionRow, now: Timestamp) -> Option<Self> {
        let mut next = self.clone();
        if row.overall_effectiveness != OverallEffectiveness::NotKnown {
            next.previous_grade = row.overall_effectiveness;
        }
        if row.idaci_quintile.is_some() {
            next.idaci_quintile = row.idaci_quintile;
        }
        if row.report_uri.is_some() {
            next.previous_report_uri.clone_from(&row.report_uri);
        }
        self.if_changed(next, now)
    }

    fn if_changed(&self, mut next: Self, now: Timestamp) -> Option<Self> {
        if next == *self {
            return None;
        }
        next.updated_at = now;
        Some(next)
    }

    /// The context pack: the whole of M18 and nothing besides.
    #[must_use]
    pub fn context_pack(&self) -> ContextPack {
        ContextPack {
            previous_grade: self.previous_grade,
            previous_report_uri: self.previous_report_uri.clone(),
            idaci_quintile: self.idaci_quintile,
            school_type: self.school_type.clone(),
            phase: self.phase,
            pupils_on_roll: self.pupils_on_roll,
        }
    }
}
