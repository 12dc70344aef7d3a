//! A visit to Fosse Lane Academy on the Friday before the clocks go back, and the people around it.

use std::net::SocketAddr;

use tempfile::TempDir;
use tokio::net::TcpListener;
use visits::config;
use visits::demo::answered::Answered as _;
use visits::demo::cast::CLOCK_CHANGE;
use visits::demo::data::Extract;
use visits::demo::stage::{Stage, at};
use visits::demo::steps;
use visits::demo::stories::{clock_change, registers};
use visits::demo::teller::Audience;
use visits_console::Config;
use visits_proto::escalation::v1::{AcknowledgeCaseRequest, Case, RaiseConcernRequest};

use crate::browser::Browser;

pub const SCHOOL: &str = "Fosse Lane Academy";
pub const SEEN: &str = "Nobody could say who runs the school this week.";

pub struct Scene {
    pub stage: Stage,
    pub console: SocketAddr,
    pub visit: String,
    _place: TempDir,
}

/// The section `console`, as it is embedded.
pub fn console_config() -> Config {
    let settings = config::embedded().expect("settings");
    settings.section(Config::SECTION).expect("the console's")
}

/// Friday 23 October 2020, 11:50: the inspectors are at the school.
pub async fn begin() -> Scene {
    let place = tempfile::tempdir().expect("a temporary folder");
    let folder = place.path().join("scene");
    let mut stage = Stage::open(&folder, 7, Audience::Nobody)
        .await
        .expect("opens");
    registers::play(&mut stage, Extract::Sample)
        .await
        .expect("imported");
    let visit = clock_change::prepare(&mut stage).await.expect("planned");
    stage.go_to(at(10, 22, 10, 0)).await.expect("time moves");
    clock_change::call(&stage, &visit).await.expect("called");
    stage.go_to(at(10, 23, 10, 15)).await.expect("time moves");
    steps::arrive(&stage, &visit, CLOCK_CHANGE[0], at(10, 23, 10, 5))
        .await
        .expect("arrived");
    stage.go_to(at(10, 23, 11, 50)).await.expect("time moves");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("port");
    let console = listener.local_addr().expect("address");
    stage
        .host()
        .listen_console(listener, console_config())
        .await
        .expect("console");
    Scene {
        stage,
        console,
        visit,
        _place: place,
    }
}

impl Scene {
    /// The lead raises a concern, by gRPC.
    pub async fn raise(&self) -> Case {
        let request = RaiseConcernRequest {
            visit: self.visit.clone(),
            request_id: self.stage.request_id(),
            area: "leadership-and-management".to_owned(),
            what_was_seen: SEEN.to_owned(),
        };
        let mut escalation = self.stage.caller(CLOCK_CHANGE[0]).escalation();
        let case = escalation
            .raise_concern(request)
            .await
            .granted()
            .expect("raised");
        self.stage.settle().await.expect("settled");
        case
    }

    /// The desk takes the case on, by gRPC.
    pub async fn acknowledge(&self, case: &Case) {
        let request = AcknowledgeCaseRequest {
            name: case.name.clone(),
            request_id: self.stage.request_id(),
            ..AcknowledgeCaseRequest::default()
        };
        let mut escalation = self.stage.caller("duty-desk").escalation();
        escalation
            .acknowledge_case(request)
            .await
            .granted()
            .expect("acknowledged");
        self.stage.settle().await.expect("settled");
    }

    pub async fn go_to(&self, day: i8, hour: i8, minute: i8) {
        self.stage
            .go_to(at(10, day, hour, minute))
            .await
            .expect("time moves");
    }

    /// Somebody signs in, in a browser of their own.
    pub async fn sign_in(&self, fields: &[(&str, &str)]) -> Browser {
        let mut browser = Browser::new(self.console);
        browser.open("/").await.says("Sign in to the duty desk");
        browser.submit("/sign-in", fields).await;
        assert_eq!(browser.page.status, 200, "{}", browser.page.text());
        browser
    }

    pub async fn desk(&self, code: &str) -> Browser {
        self.sign_in(&[("role", "duty-desk"), ("desk_code", code)])
            .await
    }

    pub async fn director(&self, region: &str) -> Browser {
        self.sign_in(&[("role", "regional-director"), ("region", region)])
            .await
    }

    /// Somebody whose role needs no code: `publisher`, `auditor`.
    pub async fn somebody(&self, role: &str) -> Browser {
        self.sign_in(&[("role", role)]).await
    }

    pub async fn inspector(&self, code: &str) -> Browser {
        self.sign_in(&[("role", "hmi"), ("inspector_code", code)])
            .await
    }
}

/// The address of a case's page.
pub fn page_of(case: &Case) -> String {
    format!("/{}", case.name)
}

/// A call at 12:20 that seeks a decision.
pub const CALL: [(&str, &str); 5] = [
    ("inspector", "HMI-007"),
    ("called_time", "12:20pm"),
    ("grounds", "one-of-the-two"),
    ("summary", "No leader on site; trustees not reached."),
    ("outcome", "seek-decision"),
];
