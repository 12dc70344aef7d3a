//! A value of the configuration as `config print` shows it: where it comes from, secrets hidden.

use config::{Value, ValueKind};

/// One value of the configuration and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// `escalation.nfd.hours`
    pub path: String,
    /// The value as TOML would have it; `***` for a secret.
    pub value: String,
    /// `default`, `file`, `environment`, `command line`, or the file that holds the one value.
    pub source: String,
}

pub(super) fn source(value: &Value) -> String {
    match value.origin() {
        None => "default".to_owned(),
        Some("the environment") => "environment".to_owned(),
        Some(super::ARGUMENTS) => "command line".to_owned(),
        Some(file) if file.starts_with(super::text_file::ORIGIN) => file.to_owned(),
        Some(_) => "file".to_owned(),
    }
}

pub(super) fn line(path: &str, value: &Value) -> Line {
    let shown = match &value.kind {
        ValueKind::String(text) if text.is_empty() => "\"\"".to_owned(),
        _ if is_secret(path) => "***".to_owned(),
        ValueKind::String(text) => format!("{:?}", without_password(text)),
        ValueKind::Table(_) => "{}".to_owned(),
        ValueKind::Array(list) => {
            let shown: Vec<_> = list.iter().map(|value| line(path, value).value).collect();
            format!("[{}]", shown.join(", "))
        }
        _ => value.to_string(),
    };
    Line {
        path: path.to_owned(),
        value: shown,
        source: source(value),
    }
}

fn is_secret(path: &str) -> bool {
    let key = path.rsplit('.').next().unwrap_or(path);
    ["secret", "password", "token", "key"]
        .iter()
        .any(|word| key == *word || key.ends_with(&format!("_{word}")))
}

/// `postgres://visits:***@host/db` for an address that holds a password.
fn without_password(text: &str) -> String {
    let hidden = text.split_once("://").and_then(|(scheme, rest)| {
        let end = rest.find('/').unwrap_or(rest.len());
        let (login, host) = rest[..end].rsplit_once('@')?;
        let user = login.split_once(':').map_or(login, |(user, _)| user);
        Some(format!("{scheme}://{user}:***@{host}{}", &rest[end..]))
    });
    hidden.unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(path: &str, text: &str) -> String {
        line(path, &Value::new(None, text)).value
    }

    #[test]
    fn secrets_print_as_stars() {
        assert_eq!(shown("escalation.smtp_password", "hunter2"), "***");
        assert_eq!(shown("letters.token", "hunter2"), "***");
        assert_eq!(
            shown(
                "escalation.database_url",
                "postgres://visits:hunter2@db/esc"
            ),
            "\"postgres://visits:***@db/esc\""
        );
    }

    #[test]
    fn what_is_no_secret_prints_as_it_is() {
        let list = Value::new(None, vec!["letters", "insights"]);
        let shown_list = line("server.services", &list).value;
        assert_eq!(shown_list, "[\"letters\", \"insights\"]");
        assert_eq!(shown("escalation.smtp_password", ""), "\"\"");
        assert_eq!(shown("server.keyboard", "qwerty"), "\"qwerty\"");
        assert_eq!(
            shown("peers.scheduling", "http://a@b/c"),
            "\"http://a:***@b/c\""
        );
    }
}
