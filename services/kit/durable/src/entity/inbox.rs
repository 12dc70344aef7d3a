//! An event that was heard, and how far its handling got.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "inbox")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub serial: i64,
    pub event_id: Uuid,
    pub event_type: String,
    pub aggregate: String,
    pub aggregate_id: Uuid,
    pub aggregate_sequence: i64,
    pub envelope: Json,
    pub state: String,
    pub attempts: i32,
    pub next_attempt_at: i64,
    pub received_at: i64,
    pub handled_at: Option<i64>,
    pub note: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
