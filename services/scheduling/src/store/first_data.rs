//! The reference data that the service ships with, so that a new database can plan: GOV.UK's bank
//! holidays, England's calendar of autumn 2020, and the first version of the call's script. What is
//! newer is imported by command.

use visits_core::{Fault, Timestamp};
use visits_durable::sea_orm_migration::prelude::*;

use super::reference;
use crate::domain::calendar::Scope;
use crate::domain::script::CallScript;
use crate::import::{bank_holidays, calendar};

/// When the shipped data was made: a migration has no clock.
const MADE_AT: Timestamp = Timestamp::constant(1_598_918_400, 0);

pub(crate) struct FirstData;

impl MigrationName for FirstData {
    fn name(&self) -> &'static str {
        "m1002_first_data"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for FirstData {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        fill(manager)
            .await
            .map_err(|fault| DbErr::Migration(fault.to_string()))
    }
}

async fn fill(manager: &SchemaManager<'_>) -> Result<(), Fault> {
    let db = manager.get_connection();
    reference::save_bank_holidays(db, &bank_holidays::shipped()?).await?;
    reference::save_calendar(db, Scope::England, calendar::shipped()?, MADE_AT).await?;
    let script = CallScript::read(crate::FIRST_CALL_SCRIPT, MADE_AT)?;
    reference::save_script(db, &script).await
}
