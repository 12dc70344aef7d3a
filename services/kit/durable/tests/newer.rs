//! B8: a build starts on tables that a newer one has brought further, and leaves them as they are.

mod tally;

use tally::{count, count_up, migrations, request, start};
use visits_durable::sea_orm::{ConnectionTrait as _, DbErr};
use visits_durable::sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};
use visits_durable::{Durable, Settings};
use visits_testkit::{Database, on_every_database};

/// What the next build will bring.
struct Next;

impl MigrationName for Next {
    fn name(&self) -> &'static str {
        "m9999_next"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Next {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for change in [
            "ALTER TABLE tallies ADD COLUMN next integer",
            "ALTER TABLE outbox ADD COLUMN next integer",
            "CREATE TABLE next (id integer)",
        ] {
            manager.get_connection().execute_unprepared(change).await?;
        }
        Ok(())
    }
}

fn of_the_next_build() -> Vec<Box<dyn MigrationTrait>> {
    let mut all = migrations();
    all.push(Box::new(Next));
    all
}

async fn goes_on(durable: &Durable, number: u128) {
    let counted = count_up(durable, request(number, "a"), true).await;
    counted.expect("counted");
}

async fn b8_the_build_before_works_and_starts_on_tables_that_a_newer_one_has_changed(
    database: Database,
) {
    let mut bench = database.bench("2020-10-23T09:00:00Z");
    let before = start(&mut bench, "said", false).await;
    goes_on(&before, 1).await;
    let next = bench.durable("said", of_the_next_build).await;
    // Both at once, and the one before is started again.
    goes_on(&before, 2).await;
    goes_on(&next, 3).await;
    let again = bench.durable("said", migrations).await;
    goes_on(&again, 4).await;
    bench.settle().await;
    assert_eq!(count(&next).await, 4);
    let filled = next
        .reads()
        .execute_unprepared("SELECT next FROM tallies")
        .await;
    filled.expect("what the newer build brought is there");
    // And the newer one finds its own done.
    let next = bench.durable("said", of_the_next_build).await;
    goes_on(&next, 5).await;
    assert_eq!(count(&before).await, 5);
}

struct OfAnother;

impl MigrationName for OfAnother {
    fn name(&self) -> &'static str {
        "m0001_another"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for OfAnother {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let change = "CREATE TABLE another (id integer)";
        manager.get_connection().execute_unprepared(change).await?;
        Ok(())
    }
}

fn of_another() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(OfAnother)]
}

async fn b8_the_database_of_another_service_is_not_taken_for_that_of_a_newer_build(
    database: Database,
) {
    let bench = database.bench("2020-10-23T09:00:00Z");
    let said = bench.durable("said", migrations).await;
    let settings = Settings::new("another", bench.url_of("said"));
    let (clock, ids) = (bench.shared_clock(), bench.shared_ids());
    let opened = Durable::open(settings, of_another, clock, ids).await;
    let fault = opened.expect_err("it is another's");
    let words = &fault.message;
    assert!(words.contains("it is another service's"), "{words}");
    let made = said.reads().execute_unprepared("SELECT id FROM another");
    made.await.expect_err("nothing was made");
}

on_every_database!(
    b8_the_build_before_works_and_starts_on_tables_that_a_newer_one_has_changed,
    b8_the_database_of_another_service_is_not_taken_for_that_of_a_newer_build,
);
