//! Schools: read one by one, written in chunks.

use std::collections::HashMap;

use visits_core::{Fault, clock::from_micros};
use visits_durable::db_fault;
use visits_durable::sea_orm::sea_query::OnConflict;
use visits_durable::sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
};

use super::entity::schools;
use super::{from_code, to_code};
use crate::domain::school::School;

/// A school with how often it was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The school.
    pub school: School,
    /// 1 after the first import.
    pub version: i64,
}

/// A school, if the register has it.
pub async fn load(db: &impl ConnectionTrait, urn: &str) -> Result<Option<Stored>, Fault> {
    let row = schools::Entity::find_by_id(urn.to_owned())
        .one(db)
        .await
        .map_err(db_fault)?;
    row.map(read).transpose()
}

/// The schools of these URNs, those that the register has.
pub async fn load_all(
    db: &impl ConnectionTrait,
    urns: Vec<String>,
) -> Result<HashMap<String, Stored>, Fault> {
    let rows = schools::Entity::find()
        .filter(schools::Column::Urn.is_in(urns))
        .all(db)
        .await
        .map_err(db_fault)?;
    rows.into_iter()
        .map(|row| read(row).map(|stored| (stored.school.urn.clone(), stored)))
        .collect()
}

/// Saves a chunk of schools, new ones and amended ones alike.
pub async fn save_all(db: &impl ConnectionTrait, chunk: &[Stored]) -> Result<(), Fault> {
    if chunk.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = chunk.iter().map(write).collect::<Result<_, Fault>>()?;
    let replaced = [
        schools::Column::Version,
        schools::Column::Name,
        schools::Column::LocalAuthorityCode,
        schools::Column::LocalAuthority,
        schools::Column::Region,
        schools::Column::Phase,
        schools::Column::SchoolType,
        schools::Column::Status,
        schools::Column::PupilsOnRoll,
        schools::Column::IdaciQuintile,
        schools::Column::PreviousGrade,
        schools::Column::PreviousReportUri,
        schools::Column::UpdatedAt,
    ];
    schools::Entity::insert_many(rows)
        .on_conflict(
            OnConflict::column(schools::Column::Urn)
                .update_columns(replaced)
                .to_owned(),
        )
        .exec_without_returning(db)
        .await
        .map_err(db_fault)?;
    Ok(())
}

fn write(stored: &Stored) -> Result<schools::ActiveModel, Fault> {
    let school = &stored.school;
    Ok(schools::ActiveModel {
        urn: Set(school.urn.clone()),
        version: Set(stored.version),
        name: Set(school.name.clone()),
        local_authority_code: Set(school.local_authority_code.clone()),
        local_authority: Set(school.local_authority.clone()),
        region: Set(school.region.map(|region| region.slug().to_owned())),
        phase: Set(to_code(&school.phase)?),
        school_type: Set(school.school_type.clone()),
        status: Set(to_code(&school.status)?),
        pupils_on_roll: Set(school.pupils_on_roll.and_then(|n| i32::try_from(n).ok())),
        idaci_quintile: Set(school.idaci_quintile.map(i32::from)),
        previous_grade: Set(to_code(&school.previous_grade)?),
        previous_report_uri: Set(school.previous_report_uri.clone()),
        created_at: Set(school.created_at.as_microsecond()),
        updated_at: Set(school.updated_at.as_microsecond()),
    })
}

pub(super) fn read(row: schools::Model) -> Result<Stored, Fault> {
    Ok(Stored {
        version: row.version,
        school: School {
            urn: row.urn,
            name: row.name,
            local_authority_code: row.local_authority_code,
            local_authority: row.local_authority,
            region: row.region.as_deref().map(from_code).transpose()?,
            phase: from_code(&row.phase)?,
            school_type: row.school_type,
            status: from_code(&row.status)?,
            pupils_on_roll: row.pupils_on_roll.and_then(|n| u32::try_from(n).ok()),
            idaci_quintile: row.idaci_quintile.and_then(|n| u8::try_from(n).ok()),
            previous_grade: from_code(&row.previous_grade)?,
            previous_report_uri: row.previous_report_uri,
            created_at: from_micros(row.created_at),
            updated_at: from_micros(row.updated_at),
        },
    })
}
