//! A message that was given up before it was an event, and what became of it.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "parked_messages")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub sent_as: String,
    pub sha256: String,
    pub size: i64,
    pub body: Option<Vec<u8>>,
    pub state: String,
    pub times: i32,
    pub received_at: i64,
    pub parked_at: i64,
    pub closed_at: Option<i64>,
    pub note: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
