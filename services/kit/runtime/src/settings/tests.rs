//! The three layers, and what is wrong with them.

use super::*;
use serde::Deserialize;

const DEFAULTS: &str = r#"
    [escalation]
    # Hours between the decision and the deadline (M29).
    nfd_hours = 48
    database_url = "sqlite:escalation.db"
    smtp_password = ""
    [escalation.warnings]
    share = 0.5
    [peers]
"#;

#[derive(Debug, Deserialize)]
struct Escalation {
    nfd_hours: i64,
    database_url: String,
}

impl Validate for Escalation {
    fn validate(&self, problems: &mut Problems) {
        problems.require(
            self.nfd_hours > 0,
            "escalation.nfd_hours",
            "must be positive",
        );
        let sqlite = self.database_url.starts_with("sqlite:");
        problems.require(sqlite, "escalation.database_url", "must begin with sqlite:");
    }
}

fn load(environment: &[(&str, &str)], file: Option<&Path>) -> Result<Settings, Problems> {
    let environment = environment
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    Settings::load(&[DEFAULTS], file, environment)
}

fn paths(problems: &Problems) -> Vec<&str> {
    problems.list().iter().map(|p| p.field.as_str()).collect()
}

#[test]
fn a_later_layer_wins_and_print_says_which_it_was() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("visits.toml");
    std::fs::write(
        &file,
        "[escalation]\nnfd_hours = 24\ndatabase_url = \"sqlite:x\"\n",
    )
    .expect("written");
    let settings = load(
        &[
            ("VISITS__ESCALATION__NFD_HOURS", "12"),
            ("VISITS_TOKEN", "x"),
            ("HOME", "/"),
        ],
        Some(&file),
    )
    .expect("settings");
    let section: Escalation = settings.section("escalation").expect("section");
    assert_eq!(section.nfd_hours, 12);
    let lines: Vec<_> = settings
        .lines()
        .iter()
        .map(|l| (l.path.as_str(), l.value.as_str(), l.source.as_str()))
        .collect();
    assert!(
        lines.contains(&("escalation.nfd_hours", "12", "environment")),
        "{lines:?}"
    );
    assert!(
        lines.contains(&("escalation.database_url", "\"sqlite:x\"", "file")),
        "{lines:?}"
    );
    assert!(
        lines.contains(&("escalation.warnings.share", "0.5", "default")),
        "{lines:?}"
    );
}

#[test]
fn every_unknown_key_and_every_wrong_kind_is_named_at_once() {
    let problems = load(
        &[
            ("VISITS__ESCALATION__NFD_HOUR", "12"),
            ("VISITS__ESCALATION__NFD_HOURS", "two days"),
            ("VISITS__INSIGHT__X", "1"),
        ],
        None,
    )
    .expect_err("three problems");
    assert_eq!(
        paths(&problems),
        ["escalation.nfd_hour", "escalation.nfd_hours", "insight.x"]
    );
    assert!(
        problems
            .to_string()
            .contains("must be a whole number, not text")
    );
    let fault = Fault::from(problems);
    assert_eq!(fault.violations.len(), 3);
}

#[test]
fn an_empty_table_of_the_defaults_holds_any_keys_and_a_number_may_be_whole() {
    let settings = load(
        &[
            ("VISITS__PEERS__SCHEDULING", "http://scheduling:7400"),
            ("VISITS__ESCALATION__WARNINGS__SHARE", "1"),
        ],
        None,
    );
    assert!(settings.is_ok());
}

#[test]
fn a_section_lists_all_its_problems_with_paths() {
    let settings = load(
        &[
            ("VISITS__ESCALATION__NFD_HOURS", "0"),
            ("VISITS__ESCALATION__DATABASE_URL", "mysql:x"),
        ],
        None,
    )
    .expect("well formed");
    let problems = settings
        .section::<Escalation>("escalation")
        .expect_err("two");
    assert_eq!(
        paths(&problems),
        ["escalation.nfd_hours", "escalation.database_url"]
    );
}
