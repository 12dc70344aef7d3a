//! The stand-in for scheduling: every visit exists, is ready today at one school, and nobody is
//! barred. So any number of concerns can be raised, each on a visit of its own.

use tonic::transport::Server;
use visits_core::{Clock as _, SystemClock, london};
use visits_proto::scheduling::v1 as pb;
use visits_testkit::FakePeers;

use crate::command::SchedulingArgs;

/// Who is on every visit.
pub const TEAM: [&str; 2] = ["HMI-001", "HMI-002"];
/// The region of the school.
pub const REGION: &str = "south-east";

/// Serves until it is killed.
pub async fn serve(args: &SchedulingArgs) -> anyhow::Result<()> {
    let peers = FakePeers::new()
        .answer(
            "ofsted.visits.scheduling.v1.SchedulingService/GetVisit",
            |asked: pb::GetVisitRequest| {
                Ok(pb::Visit {
                    name: asked.name,
                    school: "schools/900001".to_owned(),
                    visit_date: london::date(SystemClock::new().now()).to_string(),
                    state: i32::from(pb::visit::State::Ready),
                    lead: format!("inspectors/{}", TEAM[0]),
                    inspectors: TEAM.map(|code| format!("inspectors/{code}")).to_vec(),
                    ..pb::Visit::default()
                })
            },
        )
        .answer(
            "ofsted.visits.scheduling.v1.SchedulingService/CheckBarrier",
            |_: pb::CheckBarrierRequest| Ok(pb::CheckBarrierResponse::default()),
        )
        .answer(
            "ofsted.visits.scheduling.v1.SchedulingService/GetSchool",
            |asked: pb::GetSchoolRequest| {
                Ok(pb::School {
                    urn: asked.name.trim_start_matches("schools/").to_owned(),
                    name: asked.name,
                    display_name: "An invented school".to_owned(),
                    ofsted_region: REGION.to_owned(),
                    ..pb::School::default()
                })
            },
        )
        .answer(
            "ofsted.visits.scheduling.v1.SchedulingService/GetSchoolDays",
            |_: pb::GetSchoolDaysRequest| Ok(pb::GetSchoolDaysResponse::default()),
        );
    Server::builder()
        .tcp_nodelay(true)
        .add_routes(peers.routes())
        .serve(args.listen)
        .await?;
    Ok(())
}
