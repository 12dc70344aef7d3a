//! The console in a process of its own, with its sessions on PostgreSQL.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use visits_testkit::postgres;

use crate::issuer::{Place, begin_without_console};

const BINARY: &str = env!("CARGO_BIN_EXE_visits-console");

/// What a console by itself is told beside the issuer.
struct Apart {
    environment: Vec<(String, String)>,
}

impl Apart {
    fn of(place: &Place, services: SocketAddr, database: &str) -> Self {
        let mut environment = vec![
            (
                "VISITS_CONFIG".to_owned(),
                place.settings().display().to_string(),
            ),
            (
                "VISITS_DATA".to_owned(),
                format!("{}-console", place.settings().display()),
            ),
            (
                "VISITS__CONSOLE__LISTEN".to_owned(),
                place.console.to_string(),
            ),
            ("VISITS__CONSOLE__SESSION_KEY".to_owned(), "7".repeat(64)),
            ("VISITS__DATABASE__CONSOLE".to_owned(), database.to_owned()),
        ];
        for service in [
            "SCHEDULING",
            "RECORDING",
            "ESCALATION",
            "LETTERS",
            "INSIGHTS",
        ] {
            let key = format!("VISITS__PEERS__{service}");
            environment.push((key, format!("http://{services}")));
        }
        Self { environment }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(BINARY);
        command
            .args(arguments)
            .env_clear()
            .envs(self.environment.iter().map(|(key, value)| (key, value)));
        command
    }

    fn serve(&self) -> Child {
        let mut child = self
            .command(&["serve"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("started");
        let mut lines = BufReader::new(child.stdout.as_mut().expect("its output"));
        let mut line = String::new();
        lines.read_line(&mut line).expect("a line");
        assert!(line.starts_with("console on http://"), "{line:?}");
        child
    }

    /// Whether its own health check finds it.
    fn is_healthy(&self) -> bool {
        let mut health = self.command(&["health"]);
        health
            .stdout(Stdio::null())
            .status()
            .expect("run")
            .success()
    }
}

/// Asks it to stop, and waits until it has.
fn stop(mut child: Child) -> Option<i32> {
    let id = child.id().to_string();
    let asked = Command::new("kill").args(["-TERM", &id]).status();
    assert!(asked.expect("run").success());
    child.wait().expect("ended").code()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_console_by_itself_signs_people_in_and_its_sessions_outlive_it() {
    let (mut place, services) = begin_without_console().await;
    let database = postgres::empty_database("console").await;
    let apart = Apart::of(&place, services, &database);
    let checked = apart.command(&["config", "check"]).output().expect("run");
    assert!(checked.status.success(), "{checked:?}");
    let printed = apart.command(&["config", "print"]).output().expect("run");
    let printed = String::from_utf8_lossy(&printed.stdout).into_owned();
    assert!(printed.contains("console.session_key"), "{printed}");
    assert!(!printed.contains(&"7".repeat(64)), "{printed}");
    assert!(!printed.contains("the secret of the tests"), "{printed}");
    assert!(!apart.is_healthy(), "nothing is served yet");
    let first = apart.serve();
    assert!(apart.is_healthy());
    let mut person = place.signed_in("HMI-001", &["inspector"]).await;
    person.here.page.says("Inspector HMI-001");
    assert_eq!(stop(first), Some(0));
    let second = apart.serve();
    person.here.open("/queue").await.says("Inspector HMI-001");
    person.here.open("/sessions").await.says("this browser");
    person.here.submit("/sign-out-everywhere", &[]).await;
    person
        .here
        .page
        .says("You have signed out of the duty desk");
    assert_eq!(stop(second), Some(0));
    postgres::drop_databases(vec![database]).await;
}

#[test]
fn a_console_by_itself_says_everything_that_it_lacks() {
    let mut check = Command::new(BINARY);
    let checked = check.args(["config", "check"]).env_clear().output();
    let checked = checked.expect("run");
    assert_eq!(checked.status.code(), Some(3));
    let said = String::from_utf8_lossy(&checked.stderr);
    for path in ["identity.issuer", "console.session_key", "peers.escalation"] {
        assert!(said.contains(path), "{path} is not in {said}");
    }
}
