//! Who has a routine inspection of a school (M11).

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "barriers")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub inspector: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub school_urn: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
