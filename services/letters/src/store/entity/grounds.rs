//! What was heard about a visit.

use visits_durable::sea_orm::{self, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "letter_grounds")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub visit: Uuid,
    pub version: i64,
    pub body: Json,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
