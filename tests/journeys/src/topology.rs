//! Where a journey is played: the embedded default, or a process a service.

use std::path::{Path, PathBuf};
use std::pin::Pin;

use visits::demo::stage::Stage;
use visits::demo::teller::Audience;

use crate::SEED;
use crate::processes::Processes;

/// A stage that is being opened.
pub type Opening<'a> = Pin<Box<dyn Future<Output = anyhow::Result<Stage>> + Send + 'a>>;

/// Where the services of a journey live. Every journey is written once and played on each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topology {
    /// All in this process, on files, with the bus inside.
    Embedded,
    /// Each in a process of its own on PostgreSQL and RabbitMQ, with one driven clock (R20).
    Processes,
}

impl Topology {
    /// An empty stage there, with its files in `place`. Its type is left out: what opens five
    /// services is nested so deeply that each journey around it would be too deep for the compiler.
    ///
    /// # Errors
    /// If the services can't be opened.
    pub fn stage(self, place: &Path) -> Opening<'_> {
        Box::pin(self.open(place.join("journey"), place))
    }

    async fn open(self, data: PathBuf, place: &Path) -> anyhow::Result<Stage> {
        match self {
            Self::Embedded => Stage::open(&data, SEED, Audience::Nobody).await,
            Self::Processes => {
                let processes = Processes::start(Stage::beginning()).await?;
                let settings = processes.settings(place)?;
                Stage::open_elsewhere(&data, SEED, settings, Box::new(processes)).await
            }
        }
    }
}

/// Declares the same tests for every topology: each is `async fn name(topology: Topology)`.
#[macro_export]
macro_rules! on_every_topology {
    ($($name:ident),* $(,)?) => {
        mod embedded {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() { super::$name($crate::topology::Topology::Embedded).await; })*
        }
        mod processes {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() { super::$name($crate::topology::Topology::Processes).await; })*
        }
    };
}
