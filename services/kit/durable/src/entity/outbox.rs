//! An event that was said, with its place in the feed once it has one.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub serial: i64,
    pub id: Uuid,
    pub position: Option<i64>,
    pub event_type: String,
    pub subject: String,
    pub aggregate: String,
    pub aggregate_id: Uuid,
    pub aggregate_sequence: i64,
    pub correlation_id: String,
    pub causation_id: Option<Uuid>,
    pub actor: String,
    pub traceparent: Option<String>,
    pub data: Json,
    pub occurred_at: i64,
    pub recorded_at: i64,
    pub published_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
