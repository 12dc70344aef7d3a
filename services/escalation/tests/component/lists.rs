//! Lists in the order that a caller asks for (R-API-3).

use uuid::Uuid;
use visits_core::{Fault, Role, SignedDuration, Timestamp};
use visits_durable::sea_orm::sea_query::{InsertStatement, Query};
use visits_durable::sea_orm::{ConnectionTrait as _, JsonValue, Order};
use visits_durable::sea_orm_migration::MigrationTrait;
use visits_durable::{Cause, db_fault};
use visits_escalation::migrations;
use visits_proto::escalation::v1 as wire;
use visits_testkit::{Database, on_every_database};

use super::house::{House, OTHER_VISIT, VISIT, answer, outcome};

fn ordered(order_by: &str) -> wire::ListCasesRequest {
    wire::ListCasesRequest {
        page_size: 1,
        order_by: order_by.into(),
        ..wire::ListCasesRequest::default()
    }
}

async fn visits(house: &House, order_by: &str) -> Vec<String> {
    let mut page = ordered(order_by);
    let mut visits = Vec::new();
    loop {
        let answered = answer(house.desk().list_cases(page.clone()).await);
        visits.extend(answered.cases.into_iter().map(|case| case.visit));
        if answered.next_page_token.is_empty() {
            return visits;
        }
        page.page_token = answered.next_page_token;
    }
}

async fn two_cases(database: Database) -> House {
    let house = House::open(database).await;
    house.nfd_required().await;
    house.bench.clock.advance(SignedDuration::from_mins(1));
    let request = wire::RaiseConcernRequest {
        visit: OTHER_VISIT.into(),
        ..house.raise_request("safeguarding")
    };
    answer(house.hmi("HMI-003").raise_concern(request).await);
    house
}

async fn r_api_3_cases_come_by_their_deadline_and_those_without_one_last(database: Database) {
    let house = two_cases(database).await;
    for order in ["deadline_time", "deadline_time desc"] {
        let both = visits(&house, order).await;
        assert_eq!(both, [VISIT, OTHER_VISIT], "{order}");
    }
    let oldest_first = [VISIT, OTHER_VISIT];
    assert_eq!(visits(&house, "create_time").await, oldest_first);
    assert_eq!(visits(&house, "name").await, oldest_first);
    let newest_first = [OTHER_VISIT, VISIT];
    for order in [
        "",
        "create_time desc",
        "name desc",
        "create_time desc, name",
    ] {
        assert_eq!(visits(&house, order).await, newest_first, "{order}");
    }
}

/// The field at fault and what is said of it.
fn complaint<T: std::fmt::Debug>(outcome: Result<T, Fault>) -> (String, String) {
    let fault = outcome.expect_err("refused");
    let violation = fault.violations.first().expect("a field").clone();
    (violation.field, violation.description)
}

async fn r_api_3_an_order_that_a_list_has_not_is_refused_by_name(database: Database) {
    let house = two_cases(database).await;
    let mut desk = house.desk();
    for wrong in ["region", "name, name desc", "name asc", "name,"] {
        let refused = outcome(desk.list_cases(ordered(wrong)).await);
        let (field, what) = complaint(refused);
        assert_eq!(field, "order_by", "{wrong}");
        assert!(what.contains("name, create_time, deadline_time"), "{what}");
    }
    let first = answer(desk.list_cases(ordered("deadline_time")).await);
    let next = wire::ListCasesRequest {
        page_token: first.next_page_token,
        ..ordered("deadline_time desc")
    };
    let (field, _) = complaint(outcome(desk.list_cases(next).await));
    assert_eq!(field, "page_token");
}

async fn m33_the_order_of_recommendations_says_nothing_of_their_cases(database: Database) {
    let house = House::open(database).await;
    let mut scheduler = house.client("planner-1", Role::Scheduler);
    let request = wire::ListSection5RecommendationsRequest {
        order_by: "name".into(),
        ..wire::ListSection5RecommendationsRequest::default()
    };
    let refused = outcome(scheduler.list_section5_recommendations(request).await);
    let (field, what) = complaint(refused);
    assert_eq!(field, "order_by");
    assert!(what.contains("leave it empty"), "{what}");
}

/// A database of its own: the tests' PostgreSQL keeps one made ready for each service.
const EARLIER: &str = "earlier";

fn before_orders() -> Vec<Box<dyn MigrationTrait>> {
    migrations().into_iter().take(1).collect()
}

fn earlier_case(id: Uuid, body: JsonValue) -> Result<InsertStatement, Fault> {
    let columns = [
        "id",
        "version",
        "visit_id",
        "school_urn",
        "region",
        "state",
        "waiting",
        "body",
    ];
    let values = [
        id.into(),
        1_i64.into(),
        id.into(),
        "123166".into(),
        "south-east".into(),
        "NFD_REQUIRED".into(),
        false.into(),
        body.into(),
    ];
    let mut insert = Query::insert();
    insert.into_table("cases").columns(columns);
    let filled = insert.values(values);
    filled.map_err(|error| Fault::fatal(error.to_string()))?;
    Ok(insert)
}

async fn r_api_3_cases_of_an_earlier_version_get_the_times_they_are_ordered_by(database: Database) {
    let bench = database.bench("2020-10-23T10:20:00Z");
    let durable = bench.durable(EARLIER, before_orders).await;
    let insert = durable.unit_of_work(Cause::System, |step| {
        Box::pin(async move {
            let open = serde_json::json!({"opened_at": "2020-10-23T10:20:00.5Z", "window": null});
            let window = serde_json::json!({"deadline_at": "2020-10-25T10:20:00Z"});
            let decided =
                serde_json::json!({"opened_at": "2020-10-23T10:21:00Z", "window": window});
            for (number, body) in [(1, open), (2, decided)] {
                let insert = earlier_case(Uuid::from_u128(number), body)?;
                step.tx().execute(&insert).await.map_err(db_fault)?;
            }
            Ok(())
        })
    });
    insert.await.expect("two cases");
    drop(durable);
    let durable = bench.durable(EARLIER, migrations).await;
    let mut all = Query::select();
    all.columns(["opened_at", "deadline_at"])
        .from("cases")
        .order_by("id", Order::Asc);
    let rows = durable.reads().query_all(&all).await.expect("read");
    let times: Vec<(i64, Option<i64>)> = rows
        .iter()
        .map(|row| {
            let opened = row.try_get("", "opened_at").expect("a number");
            (
                opened,
                row.try_get("", "deadline_at").expect("a number or none"),
            )
        })
        .collect();
    let micros = |text: &str| {
        let instant: Timestamp = text.parse().expect("an instant");
        instant.as_microsecond()
    };
    let deadline = micros("2020-10-25T10:20:00Z");
    assert_eq!(
        times,
        [
            (micros("2020-10-23T10:20:00.5Z"), None),
            (micros("2020-10-23T10:21:00Z"), Some(deadline)),
        ]
    );
}

on_every_database!(
    r_api_3_cases_come_by_their_deadline_and_those_without_one_last,
    r_api_3_an_order_that_a_list_has_not_is_refused_by_name,
    m33_the_order_of_recommendations_says_nothing_of_their_cases,
    r_api_3_cases_of_an_earlier_version_get_the_times_they_are_ordered_by,
);
