//! Messages as files in a folder: the embedded default.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use tokio::fs;
use visits_core::Fault;

use super::{Mailbox, Message};

/// A folder that gets one text file a message, named after the message's id.
#[derive(Clone, Debug)]
pub struct FolderMailbox {
    folder: PathBuf,
}

impl FolderMailbox {
    /// A mailbox in `folder`, which is made when the first message comes.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// Where the message of this id lies once it is delivered.
    #[must_use]
    pub fn path(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.txt"))
    }
}

#[async_trait]
impl Mailbox for FolderMailbox {
    async fn deliver(&self, message: &Message) -> Result<(), Fault> {
        fs::create_dir_all(&self.folder)
            .await
            .map_err(|error| unusable(&self.folder, &error))?;
        let text = format!(
            "To: {}\nSubject: {}\n\n{}",
            message.to, message.subject, message.body
        );
        // Written under another name and moved: nobody finds half a message.
        let (path, draft) = (
            self.path(&message.id),
            self.path(&format!(".{}", message.id)),
        );
        fs::write(&draft, text)
            .await
            .map_err(|error| unusable(&draft, &error))?;
        fs::rename(&draft, &path)
            .await
            .map_err(|error| unusable(&path, &error))
    }
}

fn unusable(path: &Path, error: &std::io::Error) -> Fault {
    Fault::transient(format!(
        "the mailbox can't be written, {}: {error}",
        path.display()
    ))
}
