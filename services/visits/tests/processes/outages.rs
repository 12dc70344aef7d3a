//! A database that is not there and a broker that is not there: the one stops a service, the other
//! only holds up its events.

use tempfile::TempDir;
use tonic::Code;
use tonic::transport::Endpoint;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use visits::demo::answered::Answered as _;
use visits::demo::cast::{DESK, SCHEDULER};
use visits::demo::stage::at;
use visits::demo::watch::Watch;
use visits_durable::sea_orm::{ConnectionTrait as _, Database, DbBackend, Statement};
use visits_proto::escalation::v1::case_event::Event;
use visits_proto::escalation::v1::{ListCasesRequest, escalation_service_client};
use visits_testkit::postgres;
use visits_testkit::rabbit::Broker;

use crate::deployment::{Calls as _, Deployment, Process, binary, eventually};
use crate::play;

const ESCALATION: &str = "ofsted.visits.escalation.v1.EscalationService";

/// What health says of a service: 1 it serves, 2 it doesn't; nothing if nobody answers.
async fn health(process: &Process, service: &str) -> anyhow::Result<Option<i32>> {
    let channel = Endpoint::from_shared(process.address.clone())?.connect_lazy();
    let request = HealthCheckRequest {
        service: service.to_owned(),
    };
    let answer = HealthClient::new(channel).check(request).await;
    Ok(answer.ok().map(|answer| answer.into_inner().status))
}

async fn until_health_is(process: &Process, wanted: i32) -> anyhow::Result<()> {
    for service in ["", ESCALATION] {
        eventually("health changes", async || {
            let status = health(process, service).await?;
            Ok((status == Some(wanted)).then_some(()))
        })
        .await?;
    }
    assert_eq!(process.is_healthy()?, wanted == 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_is_ready_while_its_database_answers_and_only_then() -> anyhow::Result<()> {
    let all = Deployment::on_bus(at(10, 20, 9, 0), binary, "amqp://127.0.0.1:1".to_owned()).await?;
    let database = all.database("escalation");
    postgres::admit(database, false).await;
    let mut escalation = all.start_unready("escalation")?;
    until_health_is(&escalation, 2).await?;
    let channel = Endpoint::from_shared(escalation.address.clone())?.connect_lazy();
    let refused = escalation_service_client::EscalationServiceClient::new(channel)
        .list_cases(ListCasesRequest::default())
        .await
        .expect_err("nothing is ready");
    assert_eq!(refused.code(), Code::Unavailable, "{refused}");

    // There is no broker either: that holds nothing up.
    postgres::admit(database, true).await;
    escalation.listens()?;
    until_health_is(&escalation, 1).await?;
    postgres::admit(database, false).await;
    until_health_is(&escalation, 2).await?;
    postgres::admit(database, true).await;
    until_health_is(&escalation, 1).await?;
    assert_eq!(escalation.terminate()?.code(), Some(0));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_waits_for_its_database_ends_when_told_to() -> anyhow::Result<()> {
    let all = Deployment::on_bus(at(10, 20, 9, 0), binary, "amqp://127.0.0.1:1".to_owned()).await?;
    postgres::admit(all.database("escalation"), false).await;
    let mut escalation = all.start_unready("escalation")?;
    until_health_is(&escalation, 2).await?;
    assert_eq!(escalation.terminate()?.code(), Some(0));
    Ok(())
}

/// Waits until the broker has confirmed all that a service said.
pub async fn everything_is_sent(all: &Deployment, service: &str) -> anyhow::Result<()> {
    let connection = Database::connect(all.database(service)).await?;
    let ask = "SELECT 1 FROM outbox WHERE published_at IS NULL LIMIT 1";
    eventually("the broker confirms everything", async || {
        let waiting = Statement::from_string(DbBackend::Postgres, ask);
        let waiting = connection.query_one_raw(waiting).await?;
        Ok(waiting.is_none().then_some(()))
    })
    .await?;
    Ok(connection.close().await?)
}

/// A broker of the test's own, which it may kill; stopped when dropped.
struct OwnBroker {
    broker: Broker,
    _folder: TempDir,
}

impl OwnBroker {
    fn start() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        Ok(Self {
            broker: Broker::start(folder.path()),
            _folder: folder,
        })
    }
}

impl Drop for OwnBroker {
    fn drop(&mut self) {
        let _ = self.broker.control(&["stop"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_broker_the_desk_sees_concerns_and_afterwards_the_others_hear()
-> anyhow::Result<()> {
    let own = tokio::task::spawn_blocking(OwnBroker::start).await??;
    let all = Deployment::on_bus(at(10, 12, 9, 0), binary, own.broker.url()).await?;
    let processes = all.start(&["scheduling", "recording", "escalation"])?;
    play::registers(&all).await?;
    let visit = play::planned(&all, "schools/900001", ["HMI-001", "HMI-002"]).await?;
    all.go_to(at(10, 19, 10, 0))?;
    play::called(&all, &visit, "HMI-001").await?;
    all.go_to(at(10, 20, 10, 0))?;
    play::arrived(&all, &visit, "HMI-001").await?;
    let lead = all.caller("HMI-001", "escalation")?;
    let mut watch = Watch::begin(all.caller(DESK, "escalation")?).await?;

    for service in ["scheduling", "recording"] {
        everything_is_sent(&all, service).await?;
    }
    tokio::task::block_in_place(|| own.broker.kill());
    let concern = play::raised(&all, &lead, &visit).await?;
    watch
        .until(|event| matches!(event, Event::ConcernRaised(_)))
        .await?;
    let address = &processes[2].address;
    play::decided(&all, address, &concern, "HMI-001").await?;
    for process in &processes {
        assert!(process.is_healthy()?, "{} goes on", process.address);
    }
    let mut cases = all.caller_at(SCHEDULER, address)?.escalation();
    let refused = cases.list_cases(ListCasesRequest::default()).await;
    assert!(
        refused.refused("ACTION_NOT_PERMITTED").is_ok(),
        "rights are as ever"
    );

    tokio::task::block_in_place(|| own.broker.restart());
    play::recording_stopped(&all, &visit, "HMI-001").await
}
