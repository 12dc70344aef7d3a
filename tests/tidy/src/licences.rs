//! What may be built in: the licences, sources and bans of deny.toml, held against the lock file.
//!
//! `cargo deny check` reads the same file where it is installed; this check needs nothing that a
//! new machine would have to build first.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use cargo_metadata::{Metadata, Package};
use serde::Deserialize;

use crate::Finding;

/// The part of deny.toml that is checked here.
#[derive(Debug, Deserialize)]
pub struct Policy {
    licenses: Licences,
    bans: Bans,
    sources: Sources,
}

#[derive(Debug, Deserialize)]
struct Licences {
    allow: BTreeSet<String>,
}

#[derive(Debug, Deserialize)]
struct Bans {
    deny: Vec<Ban>,
}

#[derive(Debug, Deserialize)]
struct Ban {
    #[serde(rename = "crate")]
    name: String,
    reason: String,
}

#[derive(Debug, Deserialize)]
struct Sources {
    #[serde(rename = "allow-registry")]
    registries: Vec<String>,
}

/// Reads deny.toml.
///
/// # Errors
/// When it isn't the TOML that is expected.
pub fn policy(text: &str) -> Result<Policy> {
    toml::from_str(text).context("deny.toml")
}

/// A package as far as the policy cares.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// Its SPDX expression, if it has one.
    pub licence: Option<String>,
    /// Where it comes from; nothing for our own.
    pub source: Option<String>,
}

/// The packages of the lock file.
#[must_use]
pub fn parts(metadata: &Metadata) -> Vec<Part> {
    let part = |package: &Package| Part {
        name: package.name.to_string(),
        licence: package.license.clone(),
        source: package.source.as_ref().map(|source| source.repr.clone()),
    };
    metadata.packages.iter().map(part).collect()
}

/// Parts that `policy` doesn't allow.
#[must_use]
pub fn check(policy: &Policy, parts: &[Part]) -> Vec<Finding> {
    parts
        .iter()
        .flat_map(|part| check_one(policy, part))
        .collect()
}

fn check_one(policy: &Policy, part: &Part) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut note = |what: String| findings.push(Finding::new(format!("crate {}", part.name), what));
    if !is_allowed(policy, part.licence.as_deref()) {
        note(format!("its licence isn't allowed: {:?}", part.licence));
    }
    if let Some(ban) = policy.bans.deny.iter().find(|ban| ban.name == part.name) {
        note(format!("is banned: {}", ban.reason));
    }
    if let Some(source) = &part.source {
        // Cargo writes crates.io in one way whichever mirror serves it.
        let known = policy
            .sources
            .registries
            .iter()
            .any(|known| source.contains(known.as_str()));
        if !known {
            note(format!("comes from {source}"));
        }
    }
    findings
}

fn is_allowed(policy: &Policy, licence: Option<&str>) -> bool {
    let Some(licence) = licence else {
        return false;
    };
    // Older crates write `MIT/Apache-2.0`.
    let Ok(expression) = spdx::Expression::parse_mode(licence, spdx::ParseMode::LAX) else {
        return false;
    };
    expression.evaluate(|needed| policy.licenses.allow.contains(&needed.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

    fn found(name: &str, licence: &str, source: &str) -> usize {
        let policy = policy(
            r#"
            [licenses]
            allow = ["MIT", "Apache-2.0", "ISC"]
            [bans]
            deny = [{ crate = "openssl-sys", reason = "one TLS provider" }]
            [sources]
            allow-registry = ["https://github.com/rust-lang/crates.io-index"]
            "#,
        )
        .expect("a policy");
        let part = Part {
            name: name.to_owned(),
            licence: Some(licence.to_owned()),
            source: Some(source.to_owned()),
        };
        check(&policy, &[part]).len()
    }

    #[test]
    fn an_allowed_licence_passes_in_each_way_of_writing() {
        for licence in [
            "MIT",
            "MIT OR GPL-3.0-only",
            "MIT/Apache-2.0",
            "Apache-2.0 AND ISC",
        ] {
            assert_eq!(found("x", licence, CRATES_IO), 0, "{licence}");
        }
    }

    #[test]
    fn a_licence_a_ban_and_a_source_are_found() {
        assert_eq!(found("x", "GPL-3.0-only", CRATES_IO), 1);
        assert_eq!(found("x", "MIT AND GPL-3.0-only", CRATES_IO), 1);
        assert_eq!(found("openssl-sys", "MIT", CRATES_IO), 1);
        assert_eq!(found("x", "MIT", "git+https://example.org/x"), 1);
    }
}
