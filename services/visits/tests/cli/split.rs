//! One service in a process of its own: its configuration, its health.

use std::process::{Command, Output};

use crate::served::{Served, folder, run, stderr, stdout, visits};

const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// The binary of escalation alone, with nothing of our environment.
fn escalation(folder: &std::path::Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_visits-escalation"));
    command.current_dir(folder).env_clear();
    command
}

fn output(command: &mut Command) -> Output {
    command.output().expect("ran")
}

#[test]
fn a_process_with_fewer_services_is_told_all_that_it_lacks() {
    let folder = folder();
    for mut command in [
        escalation(folder.path()),
        visits(folder.path()),
        visits(folder.path()),
    ]
    .into_iter()
    .zip([
        &["config", "check"][..],
        &["config", "check", "--only", "escalation"],
        &["serve", "--only", "escalation"],
    ])
    .map(|(mut command, arguments)| {
        command.args(arguments);
        command
    }) {
        let output = output(&mut command);
        assert_eq!(output.status.code(), Some(3), "{command:?}");
        let said = stderr(&output);
        for path in [
            "bus.url: must be amqp://",
            "peers.scheduling: must say where it answers",
            "tokens.key: must be given",
            "tokens.resume_key: must be given",
        ] {
            assert!(said.contains(path), "{path} is missing: {said}");
        }
        assert!(!said.contains("peers.letters"), "nobody calls it: {said}");
    }
}

#[test]
fn secrets_may_lie_in_files_and_are_never_printed() {
    let folder = folder();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, format!("{text}\n")).expect("written");
        path
    };
    let configured = |command: &mut Command| {
        let database = file("database", "postgres://escalation:hunter2@db/escalation");
        let output = command
            .env("VISITS__DATABASE__ESCALATION_FILE", database)
            .env("VISITS__BUS__URL_FILE", file("bus", "amqp://v:hunter2@mq"))
            .env("VISITS__TOKENS__KEY_FILE", file("token", KEY))
            .env("VISITS__TOKENS__RESUME_KEY_FILE", file("resume", KEY))
            .env("VISITS__PEERS__SCHEDULING", "http://scheduling:7401")
            .output()
            .expect("ran");
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        stdout(&output)
    };
    configured(escalation(folder.path()).args(["config", "check"]));
    let shown = configured(escalation(folder.path()).args(["config", "print", "-o", "csv"]));
    for hidden in ["hunter2", KEY] {
        assert!(!shown.contains(hidden), "{shown}");
    }
    assert!(shown.contains("postgres://escalation:***@db/escalation"));
    assert!(shown.contains("tokens.key,***,file "), "{shown}");
    assert!(shown.contains("server.services,"), "{shown}");
    assert!(shown.contains("command line"), "{shown}");
}

#[test]
fn one_service_migrates_its_own_database_only() {
    let folder = folder();
    let output = output(escalation(folder.path()).args(["migrate", "--data", "mine"]));
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(folder.path().join("mine/escalation.db").exists());
    assert!(!folder.path().join("mine/letters.db").exists());
}

#[test]
fn health_is_exit_code_0_where_somebody_serves_and_1_elsewhere() {
    let folder = folder();
    let served = Served::start(folder.path(), &[]);
    let asked = run(folder.path(), &["health", "--server", &served.address]);
    assert_eq!(asked.status.code(), Some(0), "{}", stderr(&asked));
    assert!(stdout(&asked).contains("SERVING"));
    let own = |listen: &str| {
        output(
            escalation(folder.path())
                .arg("health")
                .env("VISITS__SERVER__LISTEN", listen),
        )
    };
    let port = served.address.rsplit(':').next().expect("a port");
    assert_eq!(own(&format!("0.0.0.0:{port}")).status.code(), Some(0));
    assert_eq!(served.terminate(), Some(0));
    let nobody = own("127.0.0.1:1");
    assert_eq!(nobody.status.code(), Some(1));
    assert!(stderr(&nobody).contains("nothing serves at http://127.0.0.1:1"));
}
