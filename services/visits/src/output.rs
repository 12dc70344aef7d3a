//! What a command prints: tables for people, proto-JSON for programs (R-CLI-2, R-CLI-6).
//!
//! A table is made from the proto-JSON of what it shows, so table, CSV and JSON can't disagree.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal as _, Write};

use clap::ValueEnum;
use comfy_table::{Table, presets};
use serde::Serialize;
use serde_json::Value;
use visits_core::{Timestamp, london};

use crate::failure::Failure;

/// The form of the output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Table,
    /// Proto-JSON, one document.
    Json,
    /// Proto-JSON, one resource a line.
    Ndjson,
    /// Comma-separated, a header first.
    Csv,
}

/// A column of a table: its title and where its value lies in the resource's JSON.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    title: &'static str,
    path: &'static str,
    absent: &'static str,
}

/// A column titled `title` of the values at `path`, as `/call/dueTime`.
#[must_use]
pub const fn column(title: &'static str, path: &'static str) -> Column {
    Column {
        title,
        path,
        absent: "",
    }
}

/// A column of numbers: proto-JSON leaves a 0 out, a table does not.
#[must_use]
pub const fn count(title: &'static str, path: &'static str) -> Column {
    Column {
        title,
        path,
        absent: "0",
    }
}

/// Where a command prints its data, and in what form.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    format: Format,
    utc: bool,
}

impl Output {
    /// Prints as `format`; times in UTC if asked, otherwise as the clocks in England show them.
    #[must_use]
    pub const fn new(format: Format, utc: bool) -> Self {
        Self { format, utc }
    }

    /// The form.
    #[must_use]
    pub const fn format(self) -> Format {
        self.format
    }

    /// Prints one resource: its fields as lines, or itself as JSON.
    ///
    /// # Errors
    /// `ClosedPipe` if nobody reads any more.
    pub fn show(self, resource: &impl Serialize, columns: &[Column]) -> Result<(), Failure> {
        let json = to_json(resource)?;
        match self.format {
            Format::Table => {
                let width = columns.iter().map(|c| c.title.len()).max().unwrap_or(0);
                let lines: Vec<String> = columns
                    .iter()
                    .map(|column| (column.title, self.cell(&json, column)))
                    .filter(|(_, value)| !value.is_empty())
                    .map(|(title, value)| format!("{title:width$}  {value}"))
                    .collect();
                print(&lines.join("\n"))
            }
            Format::Json => print(&pretty(resource)?),
            Format::Ndjson => print(&compact(resource)?),
            Format::Csv => self.csv(&[json], columns),
        }
    }

    /// Prints resources: a row each, or as JSON in an object under `collection`.
    ///
    /// # Errors
    /// `ClosedPipe` if nobody reads any more.
    pub fn list(
        self,
        collection: &str,
        resources: &[impl Serialize],
        columns: &[Column],
    ) -> Result<(), Failure> {
        match self.format {
            Format::Table if resources.is_empty() => print("none"),
            Format::Table => print(&self.table(&all_to_json(resources)?, columns)),
            Format::Json => print(&pretty(&BTreeMap::from([(collection, resources)]))?),
            Format::Ndjson => resources
                .iter()
                .try_for_each(|resource| print(&compact(resource)?)),
            Format::Csv => self.csv(&all_to_json(resources)?, columns),
        }
    }

    /// Prints text that is data in itself: a token, a CSV file.
    ///
    /// # Errors
    /// `ClosedPipe` if nobody reads any more.
    pub fn text(self, text: &str) -> Result<(), Failure> {
        print(text)
    }

    fn table(self, resources: &[Value], columns: &[Column]) -> String {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_header(columns.iter().map(|column| column.title));
        for resource in resources {
            table.add_row(columns.iter().map(|c| self.cell(resource, c)));
        }
        let lines: Vec<String> = table.lines().map(|line| line.trim().to_owned()).collect();
        lines.join("\n")
    }

    fn csv(self, resources: &[Value], columns: &[Column]) -> Result<(), Failure> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let written = writer
            .write_record(columns.iter().map(|column| column.title))
            .and_then(|()| {
                resources.iter().try_for_each(|resource| {
                    writer.write_record(columns.iter().map(|c| self.cell(resource, c)))
                })
            });
        written.map_err(|error| Failure::internal(format!("csv: {error}")))?;
        let bytes = writer
            .into_inner()
            .map_err(|error| Failure::internal(format!("csv: {error}")))?;
        print(String::from_utf8_lossy(&bytes).trim_end())
    }

    /// The value in `column`, for a person: `STATE_PLANNED` as `PLANNED`, an instant as a time.
    fn cell(self, resource: &Value, column: &Column) -> String {
        let value = resource.pointer(column.path);
        value.map_or_else(
            || column.absent.to_owned(),
            |value| self.shown(column.path, value),
        )
    }

    fn shown(self, path: &str, value: &Value) -> String {
        match value {
            Value::Null => String::new(),
            Value::String(text) if path.ends_with("Time") => {
                text.parse().map_or_else(|_| text.clone(), |t| self.time(t))
            }
            Value::String(text) => without_prefix(path, text).to_owned(),
            Value::Array(values) => {
                let shown: Vec<String> = values.iter().map(|v| self.shown(path, v)).collect();
                shown.join(", ")
            }
            Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
        }
    }

    /// An instant as this output shows it.
    #[must_use]
    pub fn time(self, instant: Timestamp) -> String {
        if self.utc {
            instant.to_string()
        } else {
            let shown = london::wall_clock(instant).strftime("%a %-d %b %Y %H:%M %Z");
            shown.to_string()
        }
    }
}

/// Enum values repeat their enum's name, `CALL_STATE_DUE` at `/call/state`: a reader needs it once.
fn without_prefix<'a>(path: &str, text: &'a str) -> &'a str {
    let field = path.rsplit('/').next().unwrap_or_default();
    let mut name = String::new();
    for c in field.chars() {
        if c.is_ascii_uppercase() {
            name.push('_');
        }
        name.push(c.to_ascii_uppercase());
    }
    name.push('_');
    let is_code = text
        .bytes()
        .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    match text.find(&name) {
        Some(at) if is_code => &text[at + name.len()..],
        _ => text,
    }
}

fn to_json(resource: &impl Serialize) -> Result<Value, Failure> {
    serde_json::to_value(resource).map_err(|error| unprintable(&error))
}

fn all_to_json(resources: &[impl Serialize]) -> Result<Vec<Value>, Failure> {
    resources.iter().map(to_json).collect()
}

fn pretty(resource: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(resource).map_err(|error| unprintable(&error))
}

fn compact(resource: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(resource).map_err(|error| unprintable(&error))
}

fn unprintable(error: &serde_json::Error) -> Failure {
    Failure::internal(format!("json: {error}"))
}

fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{text}")?;
    stdout.flush()?;
    Ok(())
}

/// Whether somebody watches stderr, so that progress is worth showing.
#[must_use]
pub fn somebody_watches() -> bool {
    io::stderr().is_terminal()
}

/// Says something beside the data, on stderr.
pub fn note(text: &str) {
    // A command is not stopped by nobody reading its remarks.
    let _ = writeln!(io::stderr(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const LONDON: Output = Output::new(Format::Table, false);

    fn cell(output: Output, resource: &Value, path: &'static str) -> String {
        output.cell(resource, &column("", path))
    }

    #[test]
    fn a_time_is_shown_with_weekday_and_zone_and_in_utc_when_asked() {
        let visit = json!({"call": {"dueTime": "2020-10-23T09:00:00Z"}});
        assert_eq!(
            cell(LONDON, &visit, "/call/dueTime"),
            "Fri 23 Oct 2020 10:00 BST"
        );
        let utc = Output::new(Format::Table, true);
        assert_eq!(cell(utc, &visit, "/call/dueTime"), "2020-10-23T09:00:00Z");
    }

    #[test]
    fn a_code_is_shown_without_the_name_of_its_enum() {
        let visit = json!({"state": "STATE_PLANNED", "leaderRole": "LEADER_ROLE_CHAIR",
            "title": "STATE OF PLAY", "inspectors": ["inspectors/HMI-001", "inspectors/HMI-002"]});
        assert_eq!(cell(LONDON, &visit, "/state"), "PLANNED");
        assert_eq!(cell(LONDON, &visit, "/leaderRole"), "CHAIR");
        assert_eq!(cell(LONDON, &visit, "/title"), "STATE OF PLAY");
        assert_eq!(
            cell(LONDON, &visit, "/inspectors"),
            "inspectors/HMI-001, inspectors/HMI-002"
        );
        assert_eq!(cell(LONDON, &visit, "/absent"), "");
    }

    #[test]
    fn a_number_that_proto_json_leaves_out_is_shown_as_0() {
        assert_eq!(LONDON.cell(&json!({}), &count("REFUSED", "/refused")), "0");
    }

    #[test]
    fn a_table_has_a_header_and_no_trailing_spaces() {
        let rows = [json!({"name": "visits/1", "state": "STATE_READY"})];
        let columns = [column("VISIT", "/name"), column("STATE", "/state")];
        let table = LONDON.table(&rows, &columns);
        let lines: Vec<&str> = table.lines().collect();
        assert!(lines[0].starts_with("VISIT"), "{table}");
        assert!(lines[1].ends_with("READY"), "{table}");
    }
}
