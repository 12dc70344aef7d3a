//! How a message leaves for a school: a port with one way out so far, a folder of messages, which is
//! the embedded default. A mail gateway is another implementation of the same trait.

mod folder;
mod message;

use async_trait::async_trait;
use visits_core::Fault;

pub use folder::FolderMailbox;
pub use message::Message;

/// Delivers messages.
#[async_trait]
pub trait Mailbox: std::fmt::Debug + Send + Sync + 'static {
    /// Delivers the message. Delivering one of the same id again has no further effect.
    async fn deliver(&self, message: &Message) -> Result<(), Fault>;
}
