//! An operator and a parked item, from the command line.

use std::path::Path;
use std::process::Output;
use std::sync::Arc;

use serde_json::Value;
use uuid::Uuid;
use visits_bus::{Envelope, EventBus as _, GivenUp, LocalBus};
use visits_core::{Clock as _, RandomIds, SystemClock};
use visits_durable::{Durable, ServiceParts, Settings, Workers};
use visits_proto::recording::v1::VisitCompleted;
use visits_testkit::events::{Of, envelope};

use crate::served::{Served, folder, run, stderr, stdout};

/// Refuses everything.
struct Broken;

#[tonic::async_trait]
impl visits_durable::Consumer for Broken {
    fn name(&self) -> &'static str {
        "recording.visit_completed"
    }
    fn event_type(&self) -> String {
        <VisitCompleted as prost::Name>::full_name()
    }
    async fn handle(&self, _: Arc<Envelope>) -> Result<(), visits_core::Fault> {
        Err(visits_core::Fault::fatal("can't be swallowed"))
    }
}

/// Leaves parked events of two visits in the database of letters, each with one that waits, and a
/// message that nobody can read.
fn leave_parked(folder: &Path) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let data = folder.join("visits-data");
        std::fs::create_dir(&data).expect("made");
        let clock = Arc::new(SystemClock::new());
        let url = format!("sqlite://{}", data.join("letters.db").display());
        let settings = Settings::new("letters", url);
        let migrations = visits_letters::migrations;
        let durable = Durable::open(settings, migrations, clock.clone(), Arc::new(RandomIds)).await;
        let durable = durable.expect("a database");
        let (bus, mut workers) = (Arc::new(LocalBus::new()), Workers::new());
        let parts = ServiceParts {
            durable: durable.clone(),
            consumes: vec!["recording.record"],
            consumers: vec![Arc::new(Broken)],
            jobs: vec![],
            sweeps: vec![],
        };
        workers.add(parts, bus.clone()).await.expect("added");
        for (visit, sequence) in [(1, 1), (1, 2), (1_000, 1), (1_000, 2)] {
            let of = Of {
                aggregate: "recording.record",
                id: Uuid::from_u128(visit),
                sequence,
            };
            // No service hears of it, so that the server that runs later has nothing to do for it.
            let mut envelope = envelope(of, &VisitCompleted::default(), clock.now());
            if sequence > 1 {
                envelope.event_type = "ofsted.visits.recording.v1.Unheard".to_owned();
            }
            bus.publish(&envelope).await.expect("received");
        }
        workers.settle().await.expect("settled");
        let message = GivenUp {
            sent_as: "ofsted.visits.recording.v1.VisitStopped".to_owned(),
            body: b"Jane Roe".to_vec(),
            why: Envelope::read(b"Jane Roe").expect_err("no event"),
        };
        let put = durable.receiver().put_aside(message).await;
        put.expect("put aside");
        durable.close().await.expect("closed");
    });
}

#[test]
fn an_operator_lists_shows_retries_and_discards_with_a_note() {
    let folder = folder();
    leave_parked(folder.path());
    let served = Served::start(folder.path(), &[]);
    let try_run = |arguments: &[&str]| -> Output {
        let server = ["--server", &served.address];
        run(folder.path(), &[arguments, &server].concat())
    };
    let json = |arguments: &[&str]| -> Value {
        let output = try_run(&[arguments, &["--output", "json"]].concat());
        assert!(output.status.success(), "{}", stderr(&output));
        serde_json::from_str(&stdout(&output)).expect("json")
    };
    let listed = json(&["parked", "list", "--as", "auditor"]);
    let items = listed["parkedItems"].as_array().expect("items");
    assert_eq!(items.len(), 3);
    let name = |item: &Value| item["name"].as_str().expect("a name").to_owned();
    let (first, second) = (name(&items[0]), name(&items[1]));
    let table = stdout(&try_run(&["parked", "list", "--service", "letters"]));
    assert!(table.starts_with("ITEM"), "{table}");
    assert!(
        table.contains("EVENT") && table.contains("INTERNAL"),
        "{table}"
    );
    let shown = stdout(&try_run(&["parked", "show", &first]));
    assert!(
        shown.contains("MESSAGE       can't be swallowed"),
        "{shown}"
    );
    assert!(shown.contains("WAITING EVENT"), "{shown}");

    let short = second.replace("services/", "").replace("parkedItems/", "");
    let silent = try_run(&["parked", "discard", &short]);
    assert_eq!(silent.status.code(), Some(2), "a note is required");
    let denied = try_run(&["parked", "retry", &first, "--as", "auditor"]);
    assert_eq!(denied.status.code(), Some(5), "{}", stderr(&denied));
    let note = ["--note", "left by a test"];
    let discarded = json(&[&["parked", "discard", &short][..], &note].concat());
    assert_eq!(discarded["state"], "STATE_DISCARDED");
    let again = try_run(&[&["parked", "discard", &short][..], &note].concat());
    assert_eq!(again.status.code(), Some(6));
    assert!(
        stderr(&again).contains("PARKED_ITEM_GONE"),
        "{}",
        stderr(&again)
    );
    let retried = json(&["parked", "retry", &first]);
    assert_eq!(retried["state"], "STATE_RETRIED");
    let absent = try_run(&[
        "parked",
        "show",
        "letters/0192f0c1-0000-7000-8000-00000000000a",
    ]);
    assert_eq!(absent.status.code(), Some(4));
    let unnamed = try_run(&["parked", "show", "7"]);
    assert_eq!(unnamed.status.code(), Some(3));
    let token = try_run(&["token", "--as", "operator"]);
    assert_eq!(token.status.code(), Some(0), "{}", stderr(&token));
}

#[test]
fn an_operator_is_shown_a_message_that_nobody_can_read_and_nothing_of_what_it_says() {
    let folder = folder();
    leave_parked(folder.path());
    let served = Served::start(folder.path(), &[]);
    let parked = |arguments: &[&str]| -> Output {
        let server = ["--server", &served.address];
        run(folder.path(), &[&["parked"], arguments, &server].concat())
    };
    let listed = stdout(&parked(&["list", "--output", "csv"]));
    let line = listed.lines().find(|line| line.contains("MESSAGE"));
    let name = line.and_then(|line| line.split(',').next());
    let name = name.unwrap_or_else(|| panic!("{listed}"));
    let shown = stdout(&parked(&["show", name]));
    assert!(shown.contains("8 bytes, sha256:"), "{shown}");
    assert!(!(shown + &listed).contains("Jane"));
    let refused = parked(&["retry", name]);
    assert_eq!(refused.status.code(), Some(6), "{}", stderr(&refused));
    assert!(stderr(&refused).contains("EVENT_UNREADABLE"));
    let given_up = parked(&["discard", name, "--note", "left by a test"]);
    assert_eq!(given_up.status.code(), Some(0), "{}", stderr(&given_up));
    let left = stdout(&parked(&["list", "--output", "csv"]));
    assert!(!left.contains("MESSAGE"), "{left}");
}
