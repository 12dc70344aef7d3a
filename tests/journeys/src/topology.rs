//! Where a journey is played: the embedded default, or a process a service.

use std::path::Path;

use visits::demo::stage::Stage;
use visits::demo::teller::Audience;

use crate::SEED;
use crate::processes::Processes;

/// Where the services of a journey live. Every journey is written once and played on each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topology {
    /// All in this process, on files, with the bus inside.
    Embedded,
    /// Each in a process of its own on PostgreSQL and RabbitMQ, with one driven clock (R20).
    Processes,
}

impl Topology {
    /// An empty stage there, with its files in `place`.
    ///
    /// # Errors
    /// If the services can't be opened.
    pub async fn stage(self, place: &Path) -> anyhow::Result<Stage> {
        let data = place.join("journey");
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
