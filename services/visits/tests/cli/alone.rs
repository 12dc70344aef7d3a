//! What the command line does by itself: usage, configuration, tokens, a server's start and stop.

use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;

use serde_json::Value;

use crate::served::{Served, folder, run, stderr, stdout, visits};

#[test]
fn wrong_usage_is_exit_code_2() {
    let folder = folder();
    for arguments in [&["fly"][..], &["visit", "plan"], &["token", "--as", "king"]] {
        assert_eq!(
            run(folder.path(), arguments).status.code(),
            Some(2),
            "{arguments:?}"
        );
    }
}

#[test]
fn a_server_that_is_not_there_is_exit_code_7_and_says_what_to_start() {
    let folder = folder();
    let nobody = [
        "case",
        "list",
        "--token",
        "x",
        "--server",
        "http://127.0.0.1:1",
    ];
    let output = run(folder.path(), &nobody);
    assert_eq!(output.status.code(), Some(7));
    assert_eq!(
        stderr(&output),
        "error: nothing answers at http://127.0.0.1:1; start one with: visits serve\n"
    );
    assert_eq!(stdout(&output), "");
    let output = run(folder.path(), &[&nobody[..], &["-o", "json"]].concat());
    let status: Value = serde_json::from_str(&stderr(&output)).expect("json");
    assert_eq!(status["code"], 14);
    assert_eq!(status["reason"], "SERVER_UNREACHABLE");
}

#[test]
fn a_token_is_one_line_on_stdout_and_its_key_is_its_owners_only() {
    let folder = folder();
    let output = run(folder.path(), &["token", "--as", "hmi", "--id", "HMI-001"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let token = stdout(&output);
    assert_eq!(token.lines().count(), 1);
    assert_eq!(token.trim().split('.').count(), 3);
    let key = folder.path().join("visits-data/token.key");
    let mode = std::fs::metadata(key).expect("key").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_token_for_an_inspector_needs_a_code() {
    let folder = folder();
    let output = run(folder.path(), &["token", "--as", "hmi"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("--id: is required"));
}

#[test]
fn every_problem_of_the_configuration_is_said_at_once() {
    let folder = folder();
    let output = visits(folder.path())
        .args(["config", "check"])
        .env("VISITS__SERVER__CALL_SECONDS", "0")
        .env("VISITS__SERVER__LISTEN", "nowhere")
        .output()
        .expect("ran");
    assert_eq!(output.status.code(), Some(3));
    let said = stderr(&output);
    assert!(
        said.contains("server.call_seconds: must be from 1 to 300"),
        "{said}"
    );
    assert!(said.contains("server.listen: must be an address"), "{said}");
    assert_eq!(
        run(folder.path(), &["config", "check"]).status.code(),
        Some(0)
    );
}

#[test]
fn config_print_says_where_a_value_comes_from() {
    let folder = folder();
    let output = visits(folder.path())
        .args(["config", "print", "--output", "csv"])
        .env("VISITS__SERVER__CALL_SECONDS", "20")
        .output()
        .expect("ran");
    let lines = stdout(&output);
    assert!(lines.starts_with("PATH,VALUE,SOURCE\n"), "{lines}");
    assert!(
        lines.contains("\nserver.call_seconds,20,environment\n"),
        "{lines}"
    );
    assert!(
        lines.contains("\nserver.reflection,true,default\n"),
        "{lines}"
    );
}

#[test]
fn a_closed_pipe_ends_a_command_without_a_panic() {
    let folder = folder();
    let mut child = visits(folder.path())
        .args(["config", "print", "--output", "ndjson"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    drop(child.stdout.take());
    let mut said = String::new();
    let mut errors = child.stderr.take().expect("stderr");
    errors.read_to_string(&mut said).expect("read");
    assert_eq!(child.wait().expect("ended").code(), Some(0));
    assert_eq!(said, "");
}

#[test]
fn nothing_is_written_outside_the_data_folder() {
    let folder = folder();
    let output = run(folder.path(), &["migrate", "--data", "mine"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let names: Vec<_> = std::fs::read_dir(folder.path())
        .expect("folder")
        .map(|entry| entry.expect("entry").file_name())
        .collect();
    assert_eq!(names, ["mine"]);
}

#[test]
fn one_process_at_a_time_uses_a_folder_and_sigterm_ends_it_in_order() {
    let folder = folder();
    let served = Served::start(folder.path(), &[]);
    let second = run(folder.path(), &["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(second.status.code(), Some(6));
    assert!(
        stderr(&second).contains("DATA_FOLDER_IN_USE"),
        "{}",
        stderr(&second)
    );
    assert_eq!(served.terminate(), Some(0));
    let again = Served::start(folder.path(), &[]);
    assert_eq!(again.terminate(), Some(0));
}

#[test]
fn a_server_refuses_who_brings_no_token_of_its_folder() {
    let folder = folder();
    let served = Served::start(folder.path(), &[]);
    let ask = [
        "case",
        "list",
        "--server",
        &served.address,
        "--token",
        "a.b.c",
    ];
    let output = run(folder.path(), &ask);
    assert_eq!(output.status.code(), Some(5));
    assert!(
        stderr(&output).contains("TOKEN_INVALID"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_refusal_tells_an_operator_what_to_do_and_links_to_its_row_on_the_servers_own_page() {
    let folder = folder();
    let served = Served::start(folder.path(), &[]);
    let ask = ["school", "show", "schools/123166", "--output", "json"];
    let refused = run(
        folder.path(),
        &[&ask[..], &["--server", &served.address]].concat(),
    );
    let status: Value = serde_json::from_str(&stderr(&refused)).expect("json");
    let reason = status["reason"].as_str().expect("a reason");
    let detail = |kind: &str| {
        let details = status["details"].as_array().expect("details");
        let wanted = format!("type.googleapis.com/google.rpc.{kind}");
        details
            .iter()
            .find(|d| d["@type"] == wanted.as_str())
            .expect(kind)
    };
    assert_eq!(detail("LocalizedMessage")["locale"], "en-GB");
    let link = detail("Help")["links"][0]["url"].as_str().expect("a link");
    assert_eq!(link, format!("{}/errors#{reason}", served.address));
    assert!(page(&served.address, "/errors").contains(&format!("id=\"{reason}\"")));
}

fn page(address: &str, path: &str) -> String {
    let host = address.strip_prefix("http://").expect("http");
    let mut connection = std::net::TcpStream::connect(host).expect("connected");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    connection.read_to_string(&mut answer).expect("text");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    answer
}
