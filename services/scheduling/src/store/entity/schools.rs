//! A school of the register: plain columns, none of them for a complaint (M17).

use visits_durable::sea_orm::{self, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "schools")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub urn: String,
    pub version: i64,
    pub name: String,
    pub local_authority_code: Option<String>,
    pub local_authority: Option<String>,
    pub region: Option<String>,
    pub phase: String,
    pub school_type: Option<String>,
    pub status: String,
    pub pupils_on_roll: Option<i32>,
    pub idaci_quintile: Option<i32>,
    pub previous_grade: String,
    pub previous_report_uri: Option<String>,
    pub created_at: i64,
    pub updated_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
