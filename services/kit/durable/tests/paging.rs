//! Pages of a table in every order, while rows come in (R-API-3).

use std::collections::BTreeSet;

use async_trait::async_trait;
use uuid::Uuid;
use visits_core::{IdSource as _, Page, Part, SeededIds, SortKey, Timestamp};
use visits_durable::keyset::{self, Sorted};
use visits_durable::sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};
use visits_durable::sea_orm_migration::{MigrationTrait, prelude::*, schema};
use visits_durable::{Cause, Durable, db_fault};
use visits_testkit::{Database, on_every_database, seed};

mod parcels {
    use visits_durable::sea_orm::{self, entity::prelude::*};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "parcels")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub round: i64,
        pub weight: Option<i64>,
        pub day: String,
        pub town: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

struct Tables;

impl MigrationName for Tables {
    fn name(&self) -> &'static str {
        "m1001_parcels"
    }
}

#[async_trait]
impl MigrationTrait for Tables {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("parcels")
            .col(schema::uuid("id").primary_key())
            .col(schema::big_integer("round"))
            .col(schema::big_integer_null("weight"))
            .col(schema::string("day"))
            .col(schema::string_null("town"))
            .to_owned();
        manager.create_table(table).await
    }
}

fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(Tables)]
}

const FIELDS: [&str; 4] = ["weight", "day", "town", "name"];

fn sorted(field: &str) -> Sorted {
    match field {
        "weight" => Sorted::number(parcels::Column::Weight).or_nothing(),
        "day" => Sorted::text(parcels::Column::Day),
        "town" => Sorted::text(parcels::Column::Town).or_nothing(),
        _ => Sorted::id(parcels::Column::Id),
    }
}

fn part(row: &parcels::Model, field: &str) -> Part {
    match field {
        "weight" => Part::number(row.weight),
        "day" => Part::text(&row.day),
        "town" => row.town.as_ref().map_or(Part::Nothing, Part::text),
        _ => Part::text(&row.id),
    }
}

/// Chance from the run's seed.
struct Dice(SeededIds);

impl Dice {
    fn id(&self) -> Uuid {
        let id = self.0.next(Timestamp::UNIX_EPOCH).as_u128();
        Uuid::from_u128(id.rotate_left(64))
    }

    fn below(&self, limit: u64) -> u64 {
        self.id().as_u64_pair().0 % limit
    }

    /// Few values, so that many rows are alike in some field.
    fn parcel(&self, round: i64) -> parcels::Model {
        let weight = self.below(5).cast_signed();
        let town = self.below(4);
        parcels::Model {
            id: self.id(),
            round,
            weight: (weight > 0).then_some(weight - 3),
            day: format!("2020-10-0{}", 1 + self.below(4)),
            town: (town > 0).then(|| format!("{town}")),
        }
    }

    /// Some of the fields in any order, either way; the unique one last, or at its own place.
    fn order(&self) -> Vec<SortKey> {
        let mut order: Vec<SortKey> = Vec::new();
        for _ in 0..=self.below(3) {
            let field = FIELDS[usize::try_from(self.below(4)).unwrap_or(0)];
            if order.iter().all(|key| key.field != field) {
                let descending = self.below(2) == 0;
                order.push(SortKey { field, descending });
            }
        }
        if order.iter().all(|key| key.field != "name") {
            order.push(SortKey::ascending("name"));
        }
        order
    }
}

async fn insert(durable: &Durable, rows: Vec<parcels::Model>) {
    let work = durable.unit_of_work(Cause::System, move |step| {
        Box::pin(async move {
            let rows = rows.into_iter().map(|row| parcels::ActiveModel {
                id: Set(row.id),
                round: Set(row.round),
                weight: Set(row.weight),
                day: Set(row.day),
                town: Set(row.town),
            });
            let insert = parcels::Entity::insert_many(rows);
            let inserted = insert.exec_without_returning(step.tx()).await;
            inserted.map(drop).map_err(db_fault)
        })
    });
    work.await.expect("inserted");
}

async fn read(durable: &Durable, round: i64, page: &Page) -> Vec<parcels::Model> {
    let query = parcels::Entity::find().filter(parcels::Column::Round.eq(round));
    let query = keyset::page(query, page, sorted).expect("a page");
    query.all(durable.reads()).await.expect("read")
}

async fn r_api_3_every_order_pages_without_doubles_or_losses_while_rows_come_in(
    database: Database,
) {
    let bench = database.bench("2020-09-29T09:00:00Z");
    let durable = bench.durable("paging", migrations).await;
    let dice = Dice(SeededIds::new(seed()));
    for round in 0..40 {
        let order = dice.order();
        let said = format!("seed {}, round {round}, {order:?}", seed());
        let count = 1 + dice.below(25);
        let there: Vec<_> = (0..count).map(|_| dice.parcel(round)).collect();
        insert(&durable, there.clone()).await;
        let mut page = Page {
            limit: 1 + dice.below(4),
            order,
            after: None,
        };
        let mut seen = Vec::new();
        loop {
            let mut rows = read(&durable, round, &page).await;
            let limit = usize::try_from(page.limit).expect("small");
            let more = rows.len() > limit;
            rows.truncate(limit);
            seen.extend(rows);
            let (true, Some(last)) = (more, seen.last()) else {
                break;
            };
            page.after = Some(page.place(last, part));
            insert(&durable, vec![dice.parcel(round)]).await;
        }
        let ids: BTreeSet<Uuid> = seen.iter().map(|row| row.id).collect();
        assert_eq!(ids.len(), seen.len(), "one came twice: {said}");
        let lost = there.iter().filter(|row| !ids.contains(&row.id)).count();
        assert_eq!(lost, 0, "{said}");
        let all = Page {
            limit: 1_000,
            after: None,
            ..page
        };
        // What one page in memory would be is what the pages from the database were together.
        assert_eq!(all.of(seen.clone(), part), seen, "{said}");
    }
}

async fn r_api_3_a_forged_place_is_refused_and_reaches_no_database(database: Database) {
    let bench = database.bench("2020-09-29T09:00:00Z");
    let durable = bench.durable("paging", migrations).await;
    let order = vec![SortKey::ascending("day"), SortKey::ascending("name")];
    let place = |day: Part, name: Part| Page {
        limit: 1,
        order: order.clone(),
        after: Some(vec![day, name]),
    };
    let id = || Part::text(&Uuid::nil());
    let right = place(Part::text("2020-10-01"), id());
    assert!(read(&durable, 0, &right).await.is_empty());
    for wrong in [
        place(Part::Number(7), id()),
        place(Part::Nothing, id()),
        place(Part::text("2020-10-01"), Part::text("no identifier")),
        place(Part::text("2020-10-01"), Part::Nothing),
    ] {
        let refused = keyset::page(parcels::Entity::find(), &wrong, sorted);
        let fault = refused.expect_err("forged");
        assert_eq!(fault.violations[0].field, "page_token");
    }
}

on_every_database!(
    r_api_3_every_order_pages_without_doubles_or_losses_while_rows_come_in,
    r_api_3_a_forged_place_is_refused_and_reaches_no_database,
);
