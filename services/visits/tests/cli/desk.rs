//! The duty desk and an auditor, from the command line, beside the example's visit under way.

use std::process::Output;

use serde_json::Value;

use crate::served::{Served, folder, run, stderr, stdout};

const CLOCK: [&str; 3] = ["--clock-file", "clock", "--insecure-driven-clock"];

struct Desk {
    folder: tempfile::TempDir,
    served: Served,
}

impl Desk {
    fn begin() -> Self {
        let folder = folder();
        std::fs::write(folder.path().join("clock"), "2020-10-23T10:50:00Z").expect("written");
        let served = Served::start(folder.path(), &[&["--example"], &CLOCK[..]].concat());
        Self { folder, served }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let server = ["--server", &self.served.address];
        run(self.folder.path(), &[arguments, &server, &CLOCK].concat())
    }

    fn fails(&self, arguments: &[&str], code: i32) -> String {
        let output = self.run(arguments);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        said
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[arguments, &["--output", "json"]].concat());
        let said = stderr(&output);
        assert!(output.status.success(), "{arguments:?}: {said}");
        serde_json::from_str(&stdout(&output)).expect("json")
    }

    /// A case that an inspector has raised.
    fn raise(&self) -> String {
        let visits = self.json(&["visit", "list"]);
        let visit = text(&visits["visits"][0], "name");
        let raised = self.json(
            &[
                &["case", "raise", "--visit", &visit, "--id", "HMI-007"][..],
                &["--area", "safeguarding", "--seen", "Nobody does the work."],
            ]
            .concat(),
        );
        text(&raised, "name")
    }
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().expect(name).to_owned()
}

#[test]
fn r_con_13_a_desk_goes_on_and_off_duty_and_hands_its_cases_over() {
    let desk = Desk::begin();
    for operator in ["desk-1", "desk-2"] {
        let shift = desk.json(&["duty", "on", "--id", operator, "--sound-tested"]);
        assert_eq!(shift["state"], "STATE_ON_DUTY");
        assert_eq!(shift["soundTested"], true);
    }
    let case = desk.raise();
    let early = desk.fails(&["duty", "handover", &case, "--to", "desk-2"], 6);
    assert!(early.contains("CASE_NOT_ACKNOWLEDGED"), "{early}");
    desk.json(&[
        "case",
        "acknowledge",
        &case,
        "--id",
        "desk-1",
        "--note",
        "I ring.",
    ]);
    let given = desk.json(&["duty", "handover", &case, "--to", "desk-2"]);
    assert_eq!(given["holder"], "desk-2");
    desk.fails(&["duty", "handover", &case], 2);
    let held = desk.fails(&["duty", "off", "--id", "desk-2", "--note", "Home."], 6);
    assert!(held.contains("OPEN_ITEMS_HELD"), "{held}");
    let hand = format!("{case}=desk-1");
    let off = [
        "duty",
        "off",
        "--id",
        "desk-2",
        "--note",
        "desk-1 rings back.",
        "--hand",
        &hand,
    ];
    let ended = desk.json(&off);
    assert_eq!(ended["state"], "STATE_ENDED");
    assert_eq!(ended["handedOver"][0]["taker"], "desk-1");
    desk.fails(&off, 3);
    let last = [
        "duty",
        "off",
        "--id",
        "desk-1",
        "--note",
        "Nobody.",
        "--release",
        &case,
    ];
    desk.json(&last);
    let log = desk.json(&["duty", "log", "--as", "auditor"]);
    let shifts = log["dutyShifts"].as_array().expect("shifts");
    let mut operators: Vec<_> = shifts.iter().map(|shift| text(shift, "operator")).collect();
    operators.sort();
    assert_eq!(operators, ["desk-1", "desk-2"]);
    assert_eq!(
        desk.json(&["duty", "log", "--now"])["dutyShifts"],
        Value::Array(vec![])
    );
    let table = stdout(&desk.run(&["duty", "log"]));
    assert!(table.starts_with("SHIFT"), "{table}");
    assert!(table.contains("Fri 23 Oct 2020 11:50 BST"), "{table}");
}

#[test]
fn r18_an_auditor_lists_and_verifies_from_the_command_line() {
    let desk = Desk::begin();
    desk.raise();
    let of = ["--service", "escalation"];
    let listed = desk.json(&[&["audit", "list"][..], &of, &["--limit", "2"]].concat());
    let entries = listed["auditEntries"].as_array().expect("entries");
    assert_eq!(entries.len(), 2);
    let raised = "action = RaiseConcern AND actor = \"HMI-007\"";
    let listed = desk.json(&[&["audit", "list"][..], &of, &["--filter", raised]].concat());
    assert_eq!(text(&listed["auditEntries"][0], "action"), "RaiseConcern");
    desk.fails(
        &[&["audit", "list", "--as", "operator"][..], &of].concat(),
        5,
    );
    desk.fails(&["audit", "list"], 2);

    let all = desk.json(&["audit", "verify"]);
    let verdicts = all["auditVerdicts"].as_array().expect("verdicts");
    assert_eq!(verdicts.len(), 5);
    assert!(verdicts.iter().all(|verdict| verdict["intact"] == true));
    let verdict = &desk.json(&[&["audit", "verify"][..], &of].concat())["auditVerdicts"][0];
    let (place, hash) = (text(verdict, "entryCount"), text(verdict, "headHash"));
    let after = ["audit", "verify", "--after", &place, "--hash", &hash];
    let later = &desk.json(&[&after[..], &of].concat())["auditVerdicts"][0];
    assert_eq!(later["intact"], true);
    let anew = "0".repeat(64);
    let after = ["audit", "verify", "--after", &place, "--hash", &anew];
    let said = desk.fails(&[&after[..], &of].concat(), 1);
    let broken = format!("the audit is broken: services/escalation at {place}");
    assert!(said.contains(&broken), "{said}");
    desk.fails(&["audit", "verify", "--after", &place, "--hash", &hash], 2);
    desk.fails(&[&["audit", "verify", "--after", "1"][..], &of].concat(), 2);
}
