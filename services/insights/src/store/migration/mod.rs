//! The tables of insights, forward only.

mod m0001_insights;
mod m0002_releases_never_change;

use sea_orm_migration::MigrationTrait;

/// Every migration of this service, in order.
#[must_use]
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m0001_insights::Migration),
        Box::new(m0002_releases_never_change::Migration),
    ]
}
