//! What escalation tells a collector (R-OPS-6). A file of its own: the figure is one of the process,
//! which other tests would set too.

#[path = "component/house.rs"]
#[expect(
    dead_code,
    reason = "most of the house is for the tests of the component"
)]
mod house;
#[path = "component/paged.rs"]
#[expect(dead_code, reason = "as above")]
mod paged;
#[path = "component/says.rs"]
#[expect(dead_code, reason = "as above")]
mod says;

use visits_core::SignedDuration;
use visits_escalation::CASES_UNWATCHED;
use visits_proto::escalation::v1::ReportConsoleRequest;
use visits_proto::escalation::v1::duty_desk_call::Outcome;
use visits_testkit::Database;

use crate::house::{House, answer};

#[tokio::test]
async fn r_ops_6_a_case_that_waits_while_nobody_watches_is_a_figure_to_alert_by() {
    let house = House::open(Database::Sqlite).await;
    let figure = async || {
        house.bench.workers.sweep().await.expect("swept");
        CASES_UNWATCHED.last()
    };
    assert_eq!(figure().await, 0, "nothing waits");
    let case = house.raise().await;
    assert_eq!(figure().await, 1, "nobody is on duty");
    house.on_duty("desk-1").await;
    assert_eq!(figure().await, 1, "on duty, and without a console");
    let request = ReportConsoleRequest {
        console: uuid::Uuid::from_u128(7).to_string(),
        live: true,
        audible: true,
        ..ReportConsoleRequest::default()
    };
    answer(house.desk().report_console(request).await);
    assert_eq!(figure().await, 0, "somebody would hear it");
    house.bench.clock.advance(SignedDuration::from_secs(46));
    assert_eq!(figure().await, 1, "a console that fell silent is none");
    let case = house.acknowledge(&case).await;
    assert_eq!(figure().await, 1, "taken on, and its call still to come");
    house.call(&case, Outcome::SeekDecision).await;
    assert_eq!(figure().await, 0, "it waits for the director");
}
