//! A text that lies in a file of its own, as secrets do in containers: `bus.url_file` instead of
//! `bus.url`.

use config::{Value, ValueKind};

use super::{Leaves, Problems, source};

/// How the origin of such a value begins; the file's path follows.
pub(super) const ORIGIN: &str = "file ";
const SUFFIX: &str = "_file";

/// Puts the text of every `<path>_file` in the place of `<path>`; whether there was one.
pub(super) fn read_into(known: &Leaves, given: &mut Leaves) -> Result<bool, Problems> {
    let mut problems = Problems::default();
    let mut any = false;
    for path in given.keys().cloned().collect::<Vec<_>>() {
        let Some(base) = base_of(&path, known) else {
            continue;
        };
        let Some(named) = given.remove(&path) else {
            continue;
        };
        any = true;
        let file = named.into_string().unwrap_or_default();
        if file.is_empty() {
            continue;
        }
        let is_given_too = given.get(base).is_some_and(|value| {
            let empty = matches!(&value.kind, ValueKind::String(text) if text.is_empty());
            source(value) != "default" && !empty
        });
        if is_given_too {
            problems.add(&path, format!("{base} is given too; keep one of them"));
            continue;
        }
        match std::fs::read_to_string(&file) {
            Ok(text) => {
                let origin = format!("{ORIGIN}{file}");
                let value = Value::new(Some(&origin), text.trim_end().to_owned());
                given.insert(base.to_owned(), value);
            }
            Err(error) => problems.add(&path, format!("{file} can't be read: {error}")),
        }
    }
    problems.finish().map(|()| any)
}

/// The path of the text that a file at `path` would hold.
fn base_of<'a>(path: &'a str, known: &Leaves) -> Option<&'a str> {
    if known.contains_key(path) {
        return None;
    }
    let base = path.strip_suffix(SUFFIX)?;
    let is_text = matches!(known.get(base)?.kind, ValueKind::String(_));
    is_text.then_some(base)
}

#[cfg(test)]
mod tests {
    use super::super::{Settings, Validate};
    use super::*;
    use serde::Deserialize;

    const DEFAULTS: &str = "[bus]\nurl = \"local\"\nwords = []\n";

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Bus {
        url: String,
        words: Vec<String>,
    }

    impl Validate for Bus {
        fn validate(&self, _: &mut Problems) {}
    }

    fn load(environment: &[(&str, &str)]) -> Result<Settings, Problems> {
        let environment = environment
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Settings::load(&[DEFAULTS], None, environment)
    }

    #[test]
    fn a_text_may_lie_in_a_file_and_is_shown_without_its_password() {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("url").display().to_string();
        std::fs::write(&file, "amqp://visits:hunter2@broker/v\n").expect("written");
        let settings = load(&[("VISITS__BUS__URL_FILE", &file)]).expect("settings");
        let bus: Bus = settings.section("bus").expect("section");
        assert_eq!(bus.url, "amqp://visits:hunter2@broker/v");
        let lines = settings.lines();
        let line = lines.iter().find(|line| line.path == "bus.url");
        let line = line.expect("a line");
        assert_eq!(line.value, "\"amqp://visits:***@broker/v\"");
        assert_eq!(line.source, format!("file {file}"));
    }

    #[test]
    fn a_file_that_is_not_there_and_a_value_given_twice_are_problems() {
        let problems = load(&[("VISITS__BUS__URL_FILE", "/nowhere/url")]).expect_err("no file");
        assert!(
            problems
                .to_string()
                .contains("bus.url_file: /nowhere/url can't be read")
        );
        let twice = [
            ("VISITS__BUS__URL", "amqp://broker"),
            ("VISITS__BUS__URL_FILE", "/nowhere/url"),
        ];
        let problems = load(&twice).expect_err("twice");
        assert!(problems.to_string().contains("bus.url is given too"));
    }

    #[test]
    fn a_list_is_written_with_commas_in_the_environment_and_the_command_line_wins() {
        let settings = load(&[("VISITS__BUS__WORDS", "one,two")]).expect("settings");
        let bus: Bus = settings.section("bus").expect("section");
        assert_eq!(bus.words, ["one", "two"]);
        let environment = [("VISITS__BUS__WORDS".to_owned(), "one".to_owned())];
        let arguments = [("bus.words", vec!["three".to_owned()])];
        let settings = Settings::load_with(&[DEFAULTS], None, environment, &arguments);
        let settings = settings.expect("settings");
        let bus: Bus = settings.section("bus").expect("section");
        assert_eq!(bus.words, ["three"]);
        let sources: Vec<_> = settings.lines().iter().map(|l| l.source.as_str()).collect();
        assert_eq!(sources, ["default", "command line"]);
    }
}
