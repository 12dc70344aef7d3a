//! The kit's own tables, the same in every service's database.

mod m0001_kit;
mod m0002_open_jobs;
mod m0003_waiting;
mod m0004_audit_found;
mod m0005_kept;
mod m0006_parked_messages;

pub(crate) use m0005_kept::BUSY;
use sea_orm::{DatabaseConnection, DbErr, FromQueryResult, Statement};
use sea_orm_migration::{MigrationName, MigrationTrait, MigratorTraitSelf, SchemaManager};

/// The kit's migrations followed by a service's own. Forward only, and each leaves in place what the
/// build before it uses (B8).
#[must_use]
pub fn all(of_service: fn() -> Vec<Box<dyn MigrationTrait>>) -> Vec<Box<dyn MigrationTrait>> {
    let mut all: Vec<Box<dyn MigrationTrait>> = vec![
        Box::new(m0001_kit::Migration),
        Box::new(m0002_open_jobs::Migration),
        Box::new(m0003_waiting::Migration),
        Box::new(m0004_audit_found::Migration),
        Box::new(m0005_kept::Migration),
        Box::new(m0006_parked_messages::Migration),
    ];
    all.extend(of_service());
    all
}

/// What is to be made of a database.
pub(crate) struct Migrations {
    of_service: fn() -> Vec<Box<dyn MigrationTrait>>,
    /// Those of a newer build that this database has had.
    newer: Vec<String>,
}

impl Migrations {
    /// The migrations for this database. A newer build may have brought its tables further while it
    /// takes the place of this one: then they are left as they are.
    ///
    /// # Errors
    /// If it is another service's database.
    pub(crate) async fn of(
        database: &DatabaseConnection,
        of_service: fn() -> Vec<Box<dyn MigrationTrait>>,
    ) -> Result<Self, DbErr> {
        let mut migrations = Self {
            of_service,
            newer: Vec::new(),
        };
        let known = migrations.migrations();
        let is_known = |name: &String| known.iter().any(|known| known.name() == name.as_str());
        let had = had(database).await?;
        let newer: Vec<_> = had.iter().filter(|name| !is_known(name)).cloned().collect();
        // A newer build of this service has had its first migration too; another service's never has.
        let first = of_service().first().map(|first| first.name().to_owned());
        if !newer.is_empty() && first.is_some_and(|first| !had.contains(&first)) {
            let newer = newer.join(", ");
            return Err(DbErr::Migration(format!(
                "it is another service's: {newer}"
            )));
        }
        migrations.newer = newer;
        Ok(migrations)
    }

    /// The names of those that only a newer build knows.
    pub(crate) fn newer(&self) -> &[String] {
        &self.newer
    }
}

#[derive(FromQueryResult)]
struct Had {
    version: String,
}

/// The migrations that this database has had, by name.
async fn had(database: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    if !SchemaManager::new(database)
        .has_table("seaql_migrations")
        .await?
    {
        return Ok(Vec::new());
    }
    let ask = "SELECT version FROM seaql_migrations ORDER BY version";
    let ask = Statement::from_string(database.get_database_backend(), ask);
    let had = Had::find_by_statement(ask).all(database).await?;
    Ok(had.into_iter().map(|had| had.version).collect())
}

/// Stands for a migration of a newer build: it was made, and there is nothing to do.
struct Newer(String);

impl MigrationName for Newer {
    fn name(&self) -> &str {
        &self.0
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Newer {
    async fn up(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration(format!("{} is a newer build's", self.0)))
    }
}

impl MigratorTraitSelf for Migrations {
    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        let mut all = all(self.of_service);
        let newer = self.newer.iter().cloned();
        all.extend(newer.map(|name| Box::new(Newer(name)) as Box<dyn MigrationTrait>));
        all
    }
}
