//! How somebody outside of the desk is told that a case waits and nobody watches: a port with one way
//! out so far, a folder of messages, which is the embedded default. A paging service is another
//! implementation of the same trait.

use std::path::PathBuf;

use async_trait::async_trait;
use tokio::fs;
use visits_core::{Fault, Timestamp, london};

use crate::domain::case::{CaseId, Unwatched};

/// What is said: names of resources, codes and times, and nothing of what anybody wrote (R19).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The case that waits.
    pub case: CaseId,
    /// Which page about it this is, from 1.
    pub number: i32,
    /// Since when it waits.
    pub waiting_since: Timestamp,
    /// Why nobody watches.
    pub why: Unwatched,
}

impl Page {
    /// The same for the same page, however often it is sent.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}-{}-unwatched", self.case, self.number)
    }

    /// The words.
    #[must_use]
    pub fn words(&self) -> String {
        let why = match self.why {
            Unwatched::NobodyOnDuty => "Nobody is on duty.",
            Unwatched::NoConsoleWatches => {
                "Somebody is on duty, but no console of theirs is live and audible."
            }
        };
        format!(
            "A concern waits for the duty desk since {}, and nobody watches. {why}\n\ncases/{}\n",
            london::spoken(self.waiting_since),
            self.case
        )
    }
}

/// Tells the contact.
#[async_trait]
pub trait Pager: std::fmt::Debug + Send + Sync + 'static {
    /// Sends the page; whether there was anybody to send it to. Sending one of the same id again has
    /// no further effect.
    async fn page(&self, page: &Page) -> Result<bool, Fault>;
}

/// A folder that gets one text file a page, named after the page's id.
#[derive(Clone, Debug)]
pub struct FolderPager {
    folder: PathBuf,
    contact: String,
}

impl FolderPager {
    /// Pages to `contact`, or to nobody if that is empty, in `folder`, which is made when the first
    /// page comes.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>, contact: &str) -> Self {
        Self {
            folder: folder.into(),
            contact: contact.to_owned(),
        }
    }
}

#[async_trait]
impl Pager for FolderPager {
    async fn page(&self, page: &Page) -> Result<bool, Fault> {
        if self.contact.is_empty() {
            return Ok(false);
        }
        let id = page.id();
        let text = format!(
            "To: {}\nSubject: A concern waits and nobody watches\n\n{}",
            self.contact,
            page.words()
        );
        // Written under another name and moved: nobody finds half a page.
        let draft = self.folder.join(format!(".{id}.txt"));
        let path = self.folder.join(format!("{id}.txt"));
        let unusable = |error: std::io::Error| {
            let folder = self.folder.display();
            Fault::transient(format!("pages can't be written, {folder}: {error}"))
        };
        fs::create_dir_all(&self.folder).await.map_err(unusable)?;
        fs::write(&draft, text).await.map_err(unusable)?;
        fs::rename(&draft, &path).await.map_err(unusable)?;
        Ok(true)
    }
}
