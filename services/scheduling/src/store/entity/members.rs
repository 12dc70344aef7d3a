//! One inspector of a visit's team.

use visits_durable::sea_orm::{self, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "visit_members")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub visit: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub inspector: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
