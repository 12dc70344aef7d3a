//! A case. `current_for_visit` is the visit while a further concern would join this case, so that a
//! visit has one such case at most.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cases")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub version: i64,
    pub visit_id: Uuid,
    pub current_for_visit: Option<Uuid>,
    pub school_urn: String,
    pub region: String,
    pub state: String,
    pub waiting: bool,
    pub section5: Option<String>,
    pub opened_at: i64,
    pub deadline_at: Option<i64>,
    pub holder: Option<String>,
    pub body: Json,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
