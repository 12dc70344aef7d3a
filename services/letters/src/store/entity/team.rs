//! One inspector of a letter's team.

use visits_durable::sea_orm::{self, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "letter_team")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub letter: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub inspector: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
