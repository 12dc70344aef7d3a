//! An operator's day against a running server, on a driven clock in October 2020.

use std::path::Path;
use std::process::Output;

use crate::served::{Running, Served, folder, run, stderr, stdout};

const SCHOOLS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../scheduling/data/gias/gias-layout-2020-09-26_england_21567rows.csv.gz"
);
const OUTCOMES: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../scheduling/data/ofsted-mi/ofsted_inspections_outcomes_2017-12-31_oxfordshire_299rows_51cols.csv"
);
const FORM: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../recording/forms/2020-09.toml"
);
const FRAME: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../insights/frames/2020-09.toml"
);
const CLOCK: [&str; 3] = ["--clock-file", "clock", "--insecure-driven-clock"];
/// Far more looks than a loop that looks once a second needs.
const LOOKS_MAX: u32 = 2_000;

struct Day {
    folder: tempfile::TempDir,
    served: Served,
}

impl Day {
    fn begin() -> Self {
        let folder = folder();
        write_clock(folder.path(), "2020-10-09T08:00:00Z");
        let served = Served::start(folder.path(), &CLOCK);
        Self { folder, served }
    }

    fn try_run(&self, arguments: &[&str]) -> Output {
        let server = ["--server", &self.served.address];
        let all = [arguments, &server, &CLOCK].concat();
        run(self.folder.path(), &all)
    }

    fn run(&self, arguments: &[&str]) -> String {
        let output = self.try_run(arguments);
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            stderr(&output)
        );
        stdout(&output)
    }

    fn json(&self, arguments: &[&str]) -> serde_json::Value {
        let text = self.run(&[arguments, &["--output", "json"]].concat());
        serde_json::from_str(&text).expect("json")
    }

    /// With the schools and two inspectors.
    fn with_registers() -> Self {
        let day = Self::begin();
        day.run(&["school", "import", SCHOOLS]);
        for code in ["HMI-001", "HMI-002"] {
            day.run(&["inspector", "add", code, "--region", "south-east"]);
        }
        day
    }
}

fn write_clock(folder: &Path, instant: &str) {
    let draft = folder.join("clock.new");
    std::fs::write(&draft, instant).expect("written");
    std::fs::rename(draft, folder.join("clock")).expect("renamed");
}

const PLAN: [&str; 12] = [
    "visit",
    "plan",
    "--school",
    "123166",
    "--date",
    "2020-10-13",
    "--mode",
    "on-site",
    "--lead",
    "HMI-001",
    "--with",
    "HMI-002",
];

#[test]
fn an_import_that_refuses_rows_is_partly_done_and_says_which() {
    let day = Day::begin();
    let report = day.json(&["school", "import", SCHOOLS]);
    assert_eq!(report["rowsRead"], "21567");
    assert_eq!(report["imported"], "21567");
    let output = day.try_run(&["school", "import", OUTCOMES, "--source", "ofsted-mi"]);
    assert_eq!(output.status.code(), Some(9));
    assert!(
        stdout(&output).contains("REFUSED    32"),
        "{}",
        stdout(&output)
    );
    let said = stderr(&output);
    assert!(said.contains("line 31, URN: names no school"), "{said}");
    let school = day.run(&["school", "show", "123166"]);
    assert!(school.contains("PREVIOUS GRADE   GOOD"), "{school}");
}

#[test]
fn m13_a_visit_is_planned_and_its_call_falls_due_at_ten_in_england() {
    let day = Day::with_registers();
    let visit = day.json(&PLAN);
    let name = visit["name"].as_str().expect("name").to_owned();
    assert_eq!(visit["state"], "STATE_PLANNED");
    let due = day.run(&["call", "due", "--date", "2020-10-12"]);
    assert!(due.contains("Mon 12 Oct 2020 10:00 BST"), "{due}");
    assert!(due.contains("SCHEDULED"), "{due}");
    let in_utc = day.run(&["visit", "show", &name, "--utc"]);
    assert!(
        in_utc.contains("CALL        2020-10-12T09:00:00Z"),
        "{in_utc}"
    );

    write_clock(day.folder.path(), "2020-10-12T09:00:00Z");
    let fell_due = (0..LOOKS_MAX).any(|_| {
        let due = day.json(&["call", "due"]);
        due["visits"][0]["call"]["state"] == "STATE_DUE"
    });
    assert!(fell_due, "the timer fires at 10:00 in England");
}

#[test]
fn a_change_is_repeated_under_its_request_id_and_done_once() {
    let day = Day::with_registers();
    let id = "0192f0c1-0000-7000-8000-00000000000a";
    let repeated = [&PLAN[..], &["--request-id", id]].concat();
    let first = day.json(&repeated);
    let second = day.json(&repeated);
    assert_eq!(first, second);
    let visits = day.json(&["visit", "list"]);
    assert_eq!(visits["visits"].as_array().expect("list").len(), 1);

    let mut other = repeated.clone();
    other[5] = "2020-10-14";
    let refused = day.try_run(&[&other[..], &["--output", "json"]].concat());
    assert_eq!(refused.status.code(), Some(3));
    assert!(
        stderr(&refused).contains("REQUEST_ID_REUSED"),
        "{}",
        stderr(&refused)
    );
}

#[test]
fn a_refusal_has_the_exit_code_of_its_kind_and_a_reason() {
    let day = Day::with_registers();
    let code = |arguments: &[&str]| {
        let output = day.try_run(arguments);
        (output.status.code(), stderr(&output))
    };
    assert_eq!(code(&["school", "show", "999999"]).0, Some(4));
    assert_eq!(code(&["school", "show", "12"]).0, Some(3));
    assert_eq!(code(&["case", "list", "--as", "scheduler"]).0, Some(5));
    day.run(&PLAN);
    let (again, said) = code(&PLAN);
    assert_eq!(again, Some(6), "{said}");
    assert!(said.lines().any(|line| line.ends_with(')')), "{said}");
    assert!(said.starts_with("request_id: "), "{said}");
}

#[test]
fn forms_and_frames_are_imported_twice_and_a_release_shows_its_tables() {
    let day = Day::begin();
    for _ in 0..2 {
        day.run(&["form", "import", FORM]);
        day.run(&["insight", "import-frame", FRAME]);
    }
    let arguments = [
        "insight",
        "release",
        "--through",
        "2020-10-08",
        "--frame",
        "2020-09",
        "--title",
        "October",
    ];
    let release = day.run(&arguments);
    assert!(release.contains("SCHOOLS VISITED  0"), "{release}");
    assert!(release.contains("Schools visited, by phase"), "{release}");
}

#[test]
fn a_watch_outlives_a_restart_of_the_server_and_ends_with_130_at_an_interrupt() {
    let day = Day::begin();
    let server = ["--server", &day.served.address];
    let watch = ["case", "watch", "--output", "ndjson", "--heartbeats"];
    let arguments = [&watch[..], &server, &CLOCK].concat();
    let mut watch = Running::start(day.folder.path(), &arguments);
    assert!(watch.line().contains("heartbeat"));
    let listen = day.served.address.replace("http://", "");
    assert_eq!(day.served.terminate(), Some(0));
    assert!(watch.line().contains("goingAway"));
    let _again = Served::start_on(&listen, day.folder.path(), &CLOCK);
    assert!(watch.line().contains("heartbeat"));
    assert_eq!(watch.signal("INT"), Some(130));
}
