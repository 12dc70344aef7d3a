//! The rules over the real tree, one test a rule.

use visits_tidy::{Finding, rules};

fn nothing_found(rule: &str) {
    let findings = rules::one(rule).expect("the rule runs");
    let lines: Vec<String> = findings.iter().map(Finding::to_string).collect();
    assert!(
        lines.is_empty(),
        "{} findings:\n{}",
        lines.len(),
        lines.join("\n")
    );
}

#[test]
fn s1_rooms_use_only_what_their_row_allows() {
    nothing_found("rooms");
}

#[test]
fn folders_of_a_service_use_only_what_they_may() {
    nothing_found("uses");
}

#[test]
fn files_and_functions_are_short() {
    nothing_found("lengths");
}

#[test]
fn file_names_say_something() {
    nothing_found("names");
}

#[test]
fn no_mark_of_unfinished_work_is_left() {
    nothing_found("marks");
}

#[test]
fn every_crate_takes_the_workspaces_lints() {
    nothing_found("lints");
}

#[test]
fn what_is_cited_can_be_looked_up() {
    nothing_found("citations");
    nothing_found("links");
}

#[test]
fn s3_the_top_holds_what_it_should() {
    nothing_found("top");
}

#[test]
fn m5_m7_m17_m18_m23_contracts_are_documented_shaped_and_have_no_place_for_what_is_forbidden() {
    nothing_found("contracts");
}

#[test]
fn every_reason_is_documented() {
    nothing_found("reasons");
}

#[test]
fn every_promise_has_a_row_and_its_tests_exist() {
    nothing_found("requirements");
}

#[test]
fn every_requirement_of_the_console_has_a_test_of_its_own_that_exists() {
    nothing_found("console");
}

#[test]
fn the_readme_has_two_commands_and_ci_runs_the_second() {
    nothing_found("readme");
}

#[test]
fn what_is_built_in_is_allowed() {
    nothing_found("licences");
}
