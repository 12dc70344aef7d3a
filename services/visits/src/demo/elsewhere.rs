//! Services that live in processes of their own: how a play reaches them and how their time goes
//! on. The stories are the same.

use std::path::Path;

use futures_util::future::BoxFuture;
use tonic::transport::Channel;
use visits_core::{Actor, Timestamp};
use visits_durable::Durable;
use visits_runtime::AuthenticatedChannel;

/// A deployment that a play is told of.
pub trait Elsewhere: Send + Sync {
    /// The way of `actor` to a service.
    fn channel_as(&self, service: &str, actor: &Actor) -> AuthenticatedChannel;
    /// The way to the public pages, which need no token.
    fn pages(&self) -> Channel;
    /// The data folder of letters, which has the mailbox.
    fn letters_folder(&self) -> &Path;
    /// Moves the time of every process.
    ///
    /// # Errors
    /// If it can't be told.
    fn go_to(&self, when: Timestamp) -> anyhow::Result<()>;
    /// Waits until no process has anything left to do at the present instant. `databases` are
    /// theirs, to look at.
    fn settled<'a>(&'a self, databases: &'a [Durable]) -> BoxFuture<'a, anyhow::Result<()>>;
}
