//! How far the events of one aggregate have been handled here.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "inbox_progress")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub aggregate: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub aggregate_id: Uuid,
    pub last_sequence: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
