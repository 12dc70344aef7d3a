//! What an auditor reads of a service's audit (R18): who did what to which resource, when, and how
//! it ended. Ids, codes, versions and times only (R19).

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::page::Part;

/// One entry that has its place in the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditedEntry {
    /// Its place in the chain, from 1.
    pub place: i64,
    /// When.
    pub at: Timestamp,
    /// The principal.
    pub actor: String,
    /// What made it happen: `request:DecideNfd`, `read`.
    pub cause: String,
    /// What was done or tried.
    pub action: String,
    /// To what: `cases/0192…`.
    pub resource: String,
    /// Whether it was refused.
    pub refused: bool,
    /// Why it was refused; empty if it was done.
    pub reason: String,
    /// Further ids, codes and versions.
    pub detail: BTreeMap<String, String>,
    /// Its hash, which covers the entry before it.
    pub hash: String,
}

impl AuditedEntry {
    /// What it holds in a field that lists are ordered by: in all of them its place.
    #[must_use]
    pub const fn part(&self, _: &str) -> Part {
        Part::Number(self.place)
    }
}

/// Which entries are sought: all that fit everything that is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditSought {
    /// To this resource.
    pub resource: Option<String>,
    /// By this principal.
    pub actor: Option<String>,
    /// Of this kind.
    pub action: Option<String>,
    /// Refused, or done.
    pub refused: Option<bool>,
    /// From then on.
    pub from: Option<Timestamp>,
    /// Before then.
    pub before: Option<Timestamp>,
}

impl AuditSought {
    /// The same as the audit keeps it of who read it.
    #[must_use]
    pub fn detail(&self) -> serde_json::Value {
        let outcome = self
            .refused
            .map(|refused| if refused { "refused" } else { "done" });
        let instant = |at: Option<Timestamp>| at.map(|at| at.to_string());
        let said = [
            ("resource", self.resource.clone()),
            ("actor", self.actor.clone()),
            ("action", self.action.clone()),
            ("outcome", outcome.map(str::to_owned)),
            ("from", instant(self.from)),
            ("before", instant(self.before)),
        ];
        let said = said
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?.into())));
        serde_json::Value::Object(said.collect())
    }
}

/// A row of the chain by its place and its hash, as somebody wrote them down; the beginning, before
/// the first row, unless something is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChainPoint {
    /// Its place; 0 is before the first row.
    pub place: i64,
    /// Its hash; empty before the first row.
    pub hash: String,
}

/// What reading the chain again found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditVerdict {
    /// How many rows the chain has up to the last one that was read: its place.
    pub rows: i64,
    /// The place of the first row that isn't what its hash says, or is missing, if there is one.
    pub broken_at: Option<i64>,
    /// The hash of the last row that is what its hash says.
    pub head: String,
    /// Whether rows follow that were not read yet.
    pub more: bool,
}

impl AuditVerdict {
    /// Whether everything to the chain's end is what its hash says, and nothing is missing.
    #[must_use]
    pub const fn is_intact(&self) -> bool {
        self.broken_at.is_none() && !self.more
    }

    /// Where reading goes on.
    #[must_use]
    pub fn reached(&self) -> ChainPoint {
        let place = self.rows;
        let hash = self.head.clone();
        ChainPoint { place, hash }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r18_what_was_sought_is_kept_without_what_was_not_said() {
        let sought = AuditSought {
            actor: Some("HMI-001".to_owned()),
            refused: Some(true),
            ..AuditSought::default()
        };
        let expected = serde_json::json!({ "actor": "HMI-001", "outcome": "refused" });
        assert_eq!(sought.detail(), expected);
        assert_eq!(AuditSought::default().detail(), serde_json::json!({}));
    }
}
