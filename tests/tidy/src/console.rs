//! The table of docs/console.md: every requirement of the console once, and tests of its own that exist.

use std::collections::BTreeSet;

use crate::Finding;
use crate::tree::File;

const PLACE: &str = "docs/console.md";
const REQUIREMENTS: u32 = 31;

/// What the table in `text` leaves out, says twice or gets wrong, given the names of all `tests`.
#[must_use]
pub fn check(text: &str, tests: &BTreeSet<String>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for number in 1..=REQUIREMENTS {
        let id = format!("R-CON-{number}");
        let rows: Vec<_> = text.lines().filter_map(|line| row_of(&id, line)).collect();
        let [named] = &rows[..] else {
            let what = format!("{id} has {} rows", rows.len());
            findings.push(Finding::new(PLACE, what));
            continue;
        };
        if !named.iter().any(|test| is_of(number, test)) {
            findings.push(Finding::new(
                PLACE,
                format!("{id} names no test of its own"),
            ));
        }
        for test in named.iter().filter(|test| !tests.contains(**test)) {
            let what = format!("{id} names the test {test}, which doesn't exist");
            findings.push(Finding::new(PLACE, what));
        }
    }
    findings
}

/// The tests that a line names, if it is the row of `id`.
fn row_of<'a>(id: &str, line: &'a str) -> Option<Vec<&'a str>> {
    let cells: Vec<&str> = line.split('|').map(str::trim).collect();
    let [_, found, _state, tests, _] = cells[..] else {
        return None;
    };
    (found == id).then(|| tests.split('`').skip(1).step_by(2).collect())
}

/// Whether a test says in its name that it is about the requirement.
fn is_of(number: u32, test: &str) -> bool {
    format!("{test}_").contains(&format!("r_con_{number}_"))
}

/// The names of the tests of JavaScript files.
#[must_use]
pub fn tests(files: &[File]) -> BTreeSet<String> {
    let scripts = files.iter().filter(|file| file.has_extension("mjs"));
    let calls = scripts.flat_map(|file| file.text.split("test(\"").skip(1));
    let names = calls.filter_map(|rest| rest.split('"').next());
    names.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests_of_the_rule {
    use super::*;

    fn found(last: &str) -> Vec<Finding> {
        let rows = (1..REQUIREMENTS).map(|n| format!("| R-CON-{n} | kept | `r_con_{n}_holds` |"));
        let text = rows.chain([last.to_owned()]).collect::<Vec<_>>().join("\n");
        let tests = (1..=REQUIREMENTS).map(|n| format!("r_con_{n}_holds"));
        check(&text, &tests.collect())
    }

    #[test]
    fn a_requirement_needs_one_row_and_a_test_of_its_own_that_exists() {
        assert_eq!(found("| R-CON-31 | kept | `r_con_31_holds` |"), []);
        for wrong in [
            "",
            "| R-CON-30 | kept | `r_con_30_holds` |",
            "| R-CON-31 | kept | |",
            "| R-CON-31 | kept | `r_con_3_holds` |",
            "| R-CON-31 | kept | `r_con_31_gone` |",
        ] {
            assert!(!found(wrong).is_empty(), "{wrong}");
        }
    }

    #[test]
    fn tests_are_found_in_scripts() {
        let files = [File::sample(
            "a.test.mjs",
            "test(\"r_con_1_holds\", async () => {",
        )];
        assert_eq!(tests(&files), ["r_con_1_holds".to_owned()].into());
    }
}
