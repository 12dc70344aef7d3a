//! docs/requirements.md: every promise once, the issue that delivers it, and tests that exist.

use std::collections::{BTreeMap, BTreeSet};

use crate::Finding;
use crate::tree::File;

const PLACE: &str = "docs/requirements.md";
/// How far a promise is kept: all of what the issue says, a first part of it, or not begun.
const STATES: &[&str] = &["delivered", "in part", "planned"];

/// A row of the table.
struct Row {
    line: usize,
    id: String,
    issue: String,
    state: String,
    tests: Vec<String>,
}

/// The identifiers of every promise: M1 to M38 and S1 to S4.
fn promises() -> Vec<String> {
    let main = (1..=38).map(|n| format!("M{n}"));
    main.chain((1..=4).map(|n| format!("S{n}"))).collect()
}

/// What the table `text` leaves out, says twice or gets wrong, given the names of all `tests`.
#[must_use]
pub fn check(text: &str, tests: &BTreeSet<String>) -> Vec<Finding> {
    let rows = rows(text);
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut findings = Vec::new();
    for row in &rows {
        *seen.entry(&row.id).or_default() += 1;
        findings.extend(check_row(row, tests));
    }
    for id in promises() {
        match seen.remove(id.as_str()) {
            Some(1) => {}
            Some(times) => findings.push(Finding::new(PLACE, format!("{id} stands {times} times"))),
            None => findings.push(Finding::new(PLACE, format!("{id} has no row"))),
        }
    }
    let unknown = seen.keys().map(|id| format!("{id} is no promise of ours"));
    findings.extend(unknown.map(|what| Finding::new(PLACE, what)));
    findings
}

fn check_row(row: &Row, tests: &BTreeSet<String>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut note = |what: String| {
        findings.push(Finding::new(format!("{PLACE}:{}", row.line), what));
    };
    if row.issue.is_empty() {
        note(format!("{} names no issue", row.id));
    }
    if !STATES.contains(&row.state.as_str()) {
        note(format!("{}: `{}` is none of {STATES:?}", row.id, row.state));
    }
    if row.state != "planned" && row.tests.is_empty() {
        note(format!("{} is {} but names no test", row.id, row.state));
    }
    for test in row.tests.iter().filter(|test| !tests.contains(*test)) {
        note(format!(
            "{} names the test {test}, which doesn't exist",
            row.id
        ));
    }
    findings
}

fn rows(text: &str) -> Vec<Row> {
    let numbered = text.lines().enumerate();
    numbered
        .filter_map(|(index, line)| {
            let cells: Vec<&str> = line.trim().split('|').map(str::trim).collect();
            let [_, id, _promise, issue, state, tests, _] = cells[..] else {
                return None;
            };
            is_an_id(id).then(|| Row {
                line: index + 1,
                id: id.to_owned(),
                issue: issue.to_owned(),
                state: state.to_owned(),
                tests: quoted(tests),
            })
        })
        .collect()
}

fn is_an_id(cell: &str) -> bool {
    let number = cell.strip_prefix(['M', 'S']).unwrap_or_default();
    !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
}

fn quoted(cell: &str) -> Vec<String> {
    let parts = cell.split('`').skip(1).step_by(2);
    parts.map(str::to_owned).collect()
}

/// The names of all functions that could be tests: of Rust and of Python.
#[must_use]
pub fn functions(files: &[File]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for file in files
        .iter()
        .filter(|f| f.has_extension("rs") || f.has_extension("py"))
    {
        for keyword in ["fn ", "def "] {
            for after in file.text.split(keyword).skip(1) {
                let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
                let end = after.find(|c| !is_name(c)).unwrap_or(after.len());
                names.insert(after[..end].to_owned());
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(change: impl Fn(&str) -> Option<String>) -> String {
        let row = |id: String| {
            change(&id).unwrap_or_else(|| format!("| {id} | promise | A | planned | |"))
        };
        promises()
            .into_iter()
            .map(row)
            .collect::<Vec<_>>()
            .join("\n")
    }

    fn found(change: impl Fn(&str) -> Option<String>) -> Vec<Finding> {
        check(&table(change), &BTreeSet::from(["m5_holds".to_owned()]))
    }

    fn row_of_m5(row: &str) -> Vec<Finding> {
        found(|id| (id == "M5").then(|| row.to_owned()))
    }

    #[test]
    fn a_whole_table_passes() {
        assert_eq!(found(|_| None), []);
        assert_eq!(
            row_of_m5("| M5 | no grade | A | delivered | `m5_holds` |"),
            []
        );
    }

    #[test]
    fn a_missing_and_a_doubled_promise_are_found() {
        assert_eq!(row_of_m5("").len(), 1);
        assert_eq!(row_of_m5("| M4 | again | A | planned | |").len(), 2);
    }

    #[test]
    fn a_delivered_promise_without_a_test_is_found() {
        assert_eq!(row_of_m5("| M5 | no grade | A | delivered | |").len(), 1);
    }

    #[test]
    fn a_test_that_does_not_exist_is_found() {
        assert_eq!(
            row_of_m5("| M5 | no grade | A | in part | `m5_gone` |").len(),
            1
        );
    }

    #[test]
    fn functions_are_found_in_rust_and_python() {
        let files = [
            File::sample("a.rs", "async fn one() {}"),
            File::sample("b.py", "def two(x):"),
        ];
        assert_eq!(functions(&files), ["one", "two"].map(str::to_owned).into());
    }
}
