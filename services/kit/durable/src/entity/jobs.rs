//! A timer or an effect.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "jobs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: String,
    pub subject: String,
    pub generation: i64,
    pub state: String,
    pub due_at: i64,
    pub next_attempt_at: i64,
    pub attempts: i32,
    pub token: Option<Uuid>,
    pub lease_until: Option<i64>,
    pub payload: Json,
    pub created_at: i64,
    pub finished_at: Option<i64>,
    pub note: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
