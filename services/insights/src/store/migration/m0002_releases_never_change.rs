//! The database itself refuses to change or to remove a release or a coding frame (M2): a mistake
//! in a later version of this service can't either.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0002_releases_never_change"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        let db = manager.get_connection();
        if backend == DbBackend::Postgres {
            db.execute_unprepared(REFUSE).await?;
        }
        for table in ["releases", "frames"] {
            for act in ["UPDATE", "DELETE"] {
                db.execute_unprepared(&trigger(backend, table, act)).await?;
            }
        }
        Ok(())
    }
}

const REFUSE: &str = "CREATE FUNCTION never_change() RETURNS trigger LANGUAGE plpgsql AS \
    $$ BEGIN RAISE EXCEPTION 'rows of % never change', TG_TABLE_NAME; END $$";

fn trigger(backend: DbBackend, table: &str, act: &str) -> String {
    let name = format!("{table}_no_{}", act.to_lowercase());
    let body = if backend == DbBackend::Postgres {
        "FOR EACH ROW EXECUTE FUNCTION never_change()".to_owned()
    } else {
        format!("BEGIN SELECT RAISE(ABORT, 'rows of {table} never change'); END")
    };
    format!("CREATE TRIGGER {name} BEFORE {act} ON {table} {body}")
}
