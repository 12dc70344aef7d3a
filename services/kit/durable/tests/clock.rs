//! The deployment's one clock, PostgreSQL's, over the restarts of those who read it (R20).

use visits_core::{Clock as _, SignedDuration, Timestamp};
use visits_durable::DatabaseClock;
use visits_durable::sea_orm::{ConnectionTrait as _, Database, DatabaseConnection};
use visits_testkit::postgres;

async fn kept(admin: &DatabaseConnection, what: &str) {
    admin.execute_unprepared(what).await.expect("written");
}

#[tokio::test]
async fn r20_the_databases_clock_never_moves_back_over_a_restart() {
    let url = postgres::new_database("clock", Vec::new).await;
    let (first, connection) = DatabaseClock::open(&url).await.expect("opened");
    let before = first.now();
    connection.close().await.expect("closed");

    // As if the server's clock had been an hour ahead until now.
    let admin = Database::connect(&url).await.expect("connected");
    kept(
        &admin,
        "UPDATE counters SET value = value + 3600000000 WHERE name = 'clock'",
    )
    .await;
    let hour_ahead = before + SignedDuration::from_mins(59);
    let (second, connection) = DatabaseClock::open(&url).await.expect("opened");
    let stands: Timestamp = second.now();
    assert!(stands > hour_ahead, "{stands} is back before {hour_ahead}");
    assert_eq!(
        second.now(),
        stands,
        "it stands until the server's time is there again"
    );
    connection.close().await.expect("closed");

    // A process whose reading is earlier leaves what another kept.
    let (third, connection) = DatabaseClock::open(&url).await.expect("opened");
    assert_eq!(third.now(), stands);
    connection.close().await.expect("closed");
    kept(&admin, "DELETE FROM counters WHERE name = 'clock'").await;
    let (fresh, connection) = DatabaseClock::open(&url).await.expect("opened");
    assert!(fresh.now() < hour_ahead, "nothing is remembered elsewhere");
    connection.close().await.expect("closed");
    admin.close().await.expect("closed");
    postgres::drop_databases(vec![url]).await;
}
