//! Comments and documents cite what a reader can look up: rules by number, files by link.

use std::collections::BTreeSet;

use crate::Finding;
use crate::tree::{self, File};

/// Where numbers are defined: in the first column of a table, or in bold in the README.
const DEFINED_IN: &[&str] = &["docs/rules.md", "docs/requirements.md", "README.md"];
/// Names of papers that aren't in the repository, in two halves so that this file doesn't cite them.
const NOT_HERE: &[(&str, &str)] = &[("ARCHI", "TECTURE"), ("DOM", "AIN.md"), ("../", "shared")];

/// Citations of numbers that are defined nowhere, and of papers that aren't here.
#[must_use]
pub fn check_citations(files: &[File]) -> Vec<Finding> {
    let defined = defined(files);
    let mut findings = Vec::new();
    for file in files {
        for (index, line) in file.text.lines().enumerate() {
            let said = said(file, line);
            let place = || format!("{}:{}", file.path, index + 1);
            for id in ids(said).filter(|id| !defined.contains(*id)) {
                findings.push(Finding::new(
                    place(),
                    format!("{id} is defined nowhere in docs/"),
                ));
            }
            for (head, tail) in NOT_HERE {
                let paper = format!("{head}{tail}");
                if said.contains(&paper) {
                    let what = format!("{paper} is no paper of this repository; see docs/");
                    findings.push(Finding::new(place(), what));
                }
            }
        }
    }
    findings
}

/// The part of a line that speaks to a reader: all of a document, the comment of a program.
fn said<'a>(file: &File, line: &'a str) -> &'a str {
    let mark = match file.path.rsplit('.').next() {
        Some("md") => return line,
        Some("rs" | "proto") => "//",
        Some("toml" | "py" | "sh" | "yaml" | "yml") => "#",
        _ => return "",
    };
    line.split_once(mark).map_or("", |(_, comment)| comment)
}

fn ids(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'));
    parts.filter(|part| is_an_id(part))
}

/// `M26`, `S3`, `I7`, `R17`, `E3`, `R-API-6`.
fn is_an_id(part: &str) -> bool {
    let is_number = |text: &str| {
        (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    if let Some(rest) = part.strip_prefix("R-") {
        return rest.split_once('-').is_some_and(|(area, number)| {
            area.bytes().all(|byte| byte.is_ascii_uppercase()) && is_number(number)
        });
    }
    part.strip_prefix(['M', 'S', 'I', 'R', 'E'])
        .is_some_and(is_number)
}

fn defined(files: &[File]) -> BTreeSet<&str> {
    let papers = files
        .iter()
        .filter(|file| DEFINED_IN.contains(&file.path.as_str()));
    let lines = papers.flat_map(|paper| paper.text.lines());
    lines
        .filter_map(|line| {
            let in_table = line
                .strip_prefix("| ")
                .and_then(|rest| rest.split_once(" |"));
            let in_bold = line
                .split_once("**")
                .and_then(|(_, rest)| rest.split_once("**"));
            in_table.or(in_bold).map(|(id, _)| id)
        })
        .filter(|id| is_an_id(id))
        .collect()
}

/// Links of documents to files that aren't there.
#[must_use]
pub fn check_links(files: &[File]) -> Vec<Finding> {
    let documents = files.iter().filter(|file| file.has_extension("md"));
    let links = documents.flat_map(|file| links(&file.text).map(move |link| (file, link)));
    links
        .filter(|(_, link)| !link.contains("://") && !link.starts_with('#'))
        .filter_map(|(file, link)| {
            let path = link.split('#').next().unwrap_or(link);
            let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
            let exists = tree::root().join(folder).join(path).exists();
            (!exists)
                .then(|| Finding::new(&file.path, format!("links to {link}, which isn't there")))
        })
        .collect()
}

fn links(text: &str) -> impl Iterator<Item = &str> {
    let after = text.split("](").skip(1);
    after
        .filter_map(|rest| rest.split_once(')'))
        .map(|(link, _)| link)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_without_a_definition_and_a_paper_from_elsewhere_are_found() {
        let files = [
            File::sample("docs/rules.md", "| R17 | every request …\n"),
            File::sample("README.md", "1. **I1** nothing is lost\n"),
            File::sample(
                "a.rs",
                "// twice is once (R17, I1)\nlet M9 = 1; // not R18\n",
            ),
            File::sample(
                "b.proto",
                &["// see ARCHI", "TECTURE, R-API-", "99\n"].concat(),
            ),
        ];
        let found: Vec<_> = check_citations(&files)
            .into_iter()
            .map(|f| f.place)
            .collect();
        assert_eq!(found, ["a.rs:2", "b.proto:1", "b.proto:1"]);
    }

    #[test]
    fn a_link_to_nothing_is_found() {
        let text = "[here](../README.md#map) [web](https://example.org) [gone](gone.md)";
        let found = check_links(&[File::sample("docs/a.md", text)]);
        assert_eq!(found.len(), 1);
        assert!(found[0].what.contains("gone.md"));
    }
}
