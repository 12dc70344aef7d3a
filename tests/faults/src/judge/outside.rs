//! What left the services for somebody outside of them: pages to the desk's contact.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;
use uuid::Uuid;
use visits_durable::Durable;

use super::Judge;
use super::rows::{column, rows};

impl Judge {
    /// Each page that a case says has left is there, and none that no case wanted. One that left is
    /// said again under the same name until the case knows; it never will if the desk took the case on
    /// meanwhile (I1 to I3).
    pub(super) async fn pages(&mut self, durable: &Durable) -> anyhow::Result<()> {
        let mut there = self.pages_there()?;
        for row in rows(durable.reads(), "SELECT id, body FROM cases").await? {
            let case: Uuid = column(&row, "id")?;
            let body: Value = column(&row, "body")?;
            let sent = body["pages"]["sent"].as_i64().unwrap_or(0);
            for number in 1..=sent {
                self.findings.pages_sent += 1;
                if !there.remove(&name(case, number)) {
                    self.problem(format!("page {number} of case {case} never left"));
                }
            }
            there.remove(&name(case, sent + 1));
        }
        for page in there {
            self.problem(format!("page {page} is of no case that wanted it"));
        }
        Ok(())
    }

    fn pages_there(&self) -> anyhow::Result<BTreeSet<String>> {
        let folder = self.data.join("pages");
        if !folder.is_dir() {
            return Ok(BTreeSet::new());
        }
        let mut there = BTreeSet::new();
        for entry in fs::read_dir(folder)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            // Who dies while writing leaves a draft, which nobody takes for a page.
            if !name.starts_with('.') {
                there.insert(name);
            }
        }
        Ok(there)
    }
}

fn name(case: Uuid, number: i64) -> String {
    format!("{case}-{number}-unwatched.txt")
}
