//! The pages that went out, instead of a folder of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use visits_core::Fault;
use visits_escalation::pager::{Page, Pager};

/// The pages that went out, each id once.
#[derive(Clone, Debug, Default)]
pub struct Paged(Arc<Mutex<BTreeMap<String, Page>>>);

impl Paged {
    /// In the order of their numbers.
    pub fn all(&self) -> Vec<Page> {
        let pages = self.0.lock().expect("pages");
        let mut pages: Vec<Page> = pages.values().cloned().collect();
        pages.sort_by_key(|page| page.number);
        pages
    }
}

#[async_trait::async_trait]
impl Pager for Paged {
    async fn page(&self, page: &Page) -> Result<bool, Fault> {
        let mut pages = self.0.lock().expect("pages");
        pages.insert(page.id(), page.clone());
        Ok(true)
    }
}
