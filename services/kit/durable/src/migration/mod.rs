//! The kit's own tables, the same in every service's database.

mod m0001_kit;
mod m0002_open_jobs;
mod m0003_waiting;
mod m0004_audit_found;
mod m0005_kept;
mod m0006_parked_messages;

use sea_orm_migration::{MigrationTrait, MigratorTraitSelf};

/// The kit's migrations followed by a service's own. Forward only.
pub(crate) struct Migrations {
    of_service: fn() -> Vec<Box<dyn MigrationTrait>>,
}

impl Migrations {
    pub(crate) fn new(of_service: fn() -> Vec<Box<dyn MigrationTrait>>) -> Self {
        Self { of_service }
    }
}

impl MigratorTraitSelf for Migrations {
    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        let mut all: Vec<Box<dyn MigrationTrait>> = vec![
            Box::new(m0001_kit::Migration),
            Box::new(m0002_open_jobs::Migration),
            Box::new(m0003_waiting::Migration),
            Box::new(m0004_audit_found::Migration),
            Box::new(m0005_kept::Migration),
            Box::new(m0006_parked_messages::Migration),
        ];
        all.extend((self.of_service)());
        all
    }
}
