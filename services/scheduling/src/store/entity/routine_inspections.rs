//! That an inspector is assigned to a school's routine inspection: the barrier (M11).

use visits_durable::sea_orm::{self, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "routine_inspections")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub inspector: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub urn: String,
    pub assigned_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
