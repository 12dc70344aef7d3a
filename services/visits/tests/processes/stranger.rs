//! A stranger who knows the exchange, the CloudEvents SDK and docs/asyncapi.json, and nothing else.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context as _, ensure};
use serde_json::Value;
use visits::demo::answered::Answered as _;
use visits::demo::stage::at;
use visits::demo::steps::record_of;
use visits_durable::sea_orm::{ConnectionTrait as _, Database, DbBackend, Statement};
use visits_proto::recording::v1 as record;
use visits_proto::timestamp;

use crate::deployment::{Calls as _, Deployment, SERVICES, binary};
use crate::outages::everything_is_sent;
use crate::play::{self, MARKER, WORDS};

const LEAD: &str = "HMI-001";
const SCRIPT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../tests/strangers/listen.py"
);
const ASYNCAPI: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/asyncapi.json");

/// The stranger's program.
struct Stranger {
    program: Child,
    lines: BufReader<ChildStdout>,
}

impl Stranger {
    fn listen(bus: &str) -> anyhow::Result<Self> {
        let python = std::env::var("VISITS_STRANGER")
            .context("VISITS_STRANGER names a Python; use tests/strangers/run")?;
        let mut program = Command::new(python)
            .args([SCRIPT, "--url", bus, "--asyncapi", ASYNCAPI])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut input = program.stdin.as_ref().context("stdin is piped")?;
        writeln!(input, "{}", serde_json::to_string(&WORDS)?)?;
        let output = program.stdout.take().context("stdout is piped")?;
        let mut stranger = Self {
            program,
            lines: BufReader::new(output),
        };
        ensure!(stranger.line()? == "listening\n", "the stranger can't hear");
        Ok(stranger)
    }

    fn line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        self.lines.read_line(&mut line)?;
        Ok(line)
    }

    /// What it heard, once it is told that nothing more will come.
    fn report(mut self) -> anyhow::Result<Value> {
        drop(self.program.stdin.take());
        let report = serde_json::from_str(&self.line()?)?;
        ensure!(
            self.program.wait()?.success(),
            "the stranger found something"
        );
        Ok(report)
    }
}

/// How many events all services have said.
async fn said(all: &Deployment) -> anyhow::Result<i64> {
    let mut count = 0;
    for service in SERVICES {
        let connection = Database::connect(all.database(service)).await?;
        let ask = "SELECT count(*) AS said FROM outbox";
        let ask = Statement::from_string(DbBackend::Postgres, ask);
        let row = connection.query_one_raw(ask).await?.context("a row")?;
        connection.close().await?;
        count += row.try_get::<i64>("", "said")?;
    }
    Ok(count)
}

/// The inspectors write down an answer.
async fn answered(all: &Deployment, visit: &str) -> anyhow::Result<()> {
    let mut recording = all.caller(LEAD, "recording")?.recording();
    let request = record::OpenDiscussionRequest {
        name: record_of(visit),
        request_id: all.request_id(),
        area: i32::from(record::Area::AttendanceAndBehaviour),
        spoken_to: vec![i32::from(record::SpokenTo::Head)],
        opened_time: Some(timestamp(all.now())),
        ..record::OpenDiscussionRequest::default()
    };
    let opened = recording.open_discussion(request).await.granted()?;
    let request = record::RecordAnswersRequest {
        name: record_of(visit),
        request_id: all.request_id(),
        discussion_id: opened.discussion_id,
        answers: vec![record::NewAnswer {
            question_code: "ATT-1".to_owned(),
            text: format!("{MARKER}: Hepzibah has counted them all."),
            ..record::NewAnswer::default()
        }],
        ..record::RecordAnswersRequest::default()
    };
    recording.record_answers(request).await.granted()?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs Python's pika and cloudevents: tests/strangers/run, which tests/run runs"]
async fn r19_a_stranger_hears_every_event_of_a_visit_and_finds_no_word_of_it() -> anyhow::Result<()>
{
    let all = Deployment::new(at(10, 12, 9, 0), binary).await?;
    let processes = all.start(&SERVICES)?;
    let stranger = tokio::task::block_in_place(|| Stranger::listen(all.bus()))?;
    play::registers(&all).await?;
    let visit = play::planned(&all, "schools/900001", [LEAD, "HMI-002"]).await?;
    all.go_to(at(10, 19, 10, 0))?;
    play::called(&all, &visit, LEAD).await?;
    all.go_to(at(10, 20, 10, 0))?;
    play::arrived(&all, &visit, LEAD).await?;
    answered(&all, &visit).await?;
    let lead = all.caller(LEAD, "escalation")?;
    let concern = play::raised(&all, &lead, &visit).await?;
    let address = processes[2].address.clone();
    let decided = play::decided(&all, &address, &concern, LEAD).await?;
    play::recording_stopped(&all, &visit, LEAD).await?;
    play::inspected(&all, &decided, LEAD).await?;

    for service in SERVICES {
        everything_is_sent(&all, service).await?;
    }
    let before = said(&all).await?;
    let report = tokio::task::block_in_place(|| stranger.report())?;
    println!("{report}");
    let heard = report["events"].as_i64().context("a number")?;
    // Something more may have been said while the stranger came to its end.
    let expected = before..=said(&all).await?;
    assert!(expected.contains(&heard), "{heard} of {expected:?} heard");
    let types = report["types"].as_array().context("types")?;
    let heard = |name: &str| types.contains(&Value::from(format!("ofsted.visits.{name}")));
    for name in ["scheduling.v1.VisitReady", "recording.v1.VisitStopped"] {
        assert!(heard(name), "{name} in {report}");
    }
    for name in ["ConcernRaised", "NfdDecided", "NfdCompleted"] {
        assert!(
            heard(&format!("escalation.v1.{name}")),
            "{name} in {report}"
        );
    }
    Ok(())
}
