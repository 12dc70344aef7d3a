//! Every rule over the real tree.

use std::process::Command;

use anyhow::{Context as _, Result};
use cargo_metadata::{Metadata, MetadataCommand};

use crate::tree::{self, File};
use crate::{
    Finding, console, contracts, lengths, licences, names, papers, readme, reasons, requirements,
    rooms, uses,
};

/// A rule over the whole repository.
type Rule = fn(&[File]) -> Result<Vec<Finding>>;

/// Every rule by its name.
const RULES: &[(&str, Rule)] = &[
    ("rooms", |_| {
        Ok(rooms::check(&rooms::packages(&metadata()?)))
    }),
    ("uses", uses::check),
    ("lengths", lengths::check),
    ("names", |files| Ok(names::check_names(files))),
    ("marks", |files| Ok(names::check_marks(files))),
    ("lints", |files| Ok(names::check_lints(files))),
    ("citations", |files| Ok(papers::check_citations(files))),
    ("links", |files| Ok(papers::check_links(files))),
    ("top", |_| Ok(names::check_top(&top()?))),
    ("contracts", |_| {
        Ok(contracts::check(&contracts::load(
            &tree::root().join("proto"),
        )?))
    }),
    ("reasons", check_reasons),
    ("requirements", check_requirements),
    ("console", check_console),
    ("readme", |_| check_readme()),
    ("licences", |_| check_licences()),
];

/// What every rule finds, each with the rule's name.
///
/// # Errors
/// When something can't be read or isn't what it is named.
pub fn all() -> Result<Vec<(&'static str, Finding)>> {
    let files = tree::files()?;
    let mut findings = Vec::new();
    for (name, rule) in RULES {
        findings.extend(rule(&files)?.into_iter().map(|finding| (*name, finding)));
    }
    Ok(findings)
}

/// What the rule `name` finds.
///
/// # Errors
/// When something can't be read, or there is no such rule.
pub fn one(name: &str) -> Result<Vec<Finding>> {
    let rule = RULES.iter().find(|(known, _)| *known == name);
    let (_, rule) = rule.context("a rule of that name")?;
    rule(&tree::files()?)
}

fn metadata() -> Result<Metadata> {
    let manifest = tree::root().join("Cargo.toml");
    Ok(MetadataCommand::new().manifest_path(manifest).exec()?)
}

/// What git keeps at the top, so that what a build or a demo left there doesn't count.
fn top() -> Result<Vec<String>> {
    let listed = Command::new("git")
        .args(["ls-tree", "--name-only", "HEAD"])
        .current_dir(tree::root())
        .output()
        .context("git")?;
    let names = String::from_utf8(listed.stdout)?;
    Ok(names.lines().map(str::to_owned).collect())
}

fn check_reasons(files: &[File]) -> Result<Vec<Finding>> {
    let document = tree::read("docs/errors.md")?;
    Ok(reasons::check(&reasons::given(files)?, &document.text))
}

fn check_requirements(files: &[File]) -> Result<Vec<Finding>> {
    let document = tree::read("docs/requirements.md")?;
    Ok(requirements::check(
        &document.text,
        &requirements::functions(files),
    ))
}

fn check_console(files: &[File]) -> Result<Vec<Finding>> {
    let document = tree::read("docs/console.md")?;
    let mut tests = requirements::functions(files);
    tests.extend(console::tests(files));
    Ok(console::check(&document.text, &tests))
}

fn check_readme() -> Result<Vec<Finding>> {
    let (readme, ci) = (tree::read("README.md")?, tree::read(".ci/run")?);
    Ok(readme::check(&readme.text, &ci.text))
}

fn check_licences() -> Result<Vec<Finding>> {
    let policy = licences::policy(&tree::read("deny.toml")?.text)?;
    Ok(licences::check(&policy, &licences::parts(&metadata()?)))
}
