//! What carries the events of this process: one bus inside it, or the broker between processes.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use visits_bus::rabbit::{RabbitBus, Settings};
use visits_bus::{EventBus, LocalBus};

/// The bus of each service of this process.
pub(crate) enum Buses {
    /// The same for all.
    Local(Arc<LocalBus>),
    /// The broker, with connections of its own for each.
    Rabbit {
        url: String,
        stop: CancellationToken,
        open: Vec<Arc<RabbitBus>>,
    },
}

impl Buses {
    /// The broker at `url`, or the bus inside the process. Consumers end when `stop` is cancelled.
    pub(crate) fn new(url: Option<&str>, stop: CancellationToken) -> Self {
        match url {
            None => Self::Local(Arc::new(LocalBus::new())),
            Some(url) => Self::Rabbit {
                url: url.to_owned(),
                stop,
                open: Vec::new(),
            },
        }
    }

    /// The bus of a service. It connects by itself, whenever the broker is there (R8, R9).
    pub(crate) fn of(&mut self, service: &'static str) -> Arc<dyn EventBus> {
        match self {
            Self::Local(bus) => bus.clone(),
            Self::Rabbit { url, stop, open } => {
                let settings = Settings {
                    url: url.clone(),
                    service,
                };
                let bus = Arc::new(RabbitBus::new(settings, stop.clone()));
                open.push(bus.clone());
                bus
            }
        }
    }

    /// Waits until nothing is consumed any more; the stop must be cancelled.
    pub(crate) async fn stopped(&self) {
        if let Self::Rabbit { open, .. } = self {
            for bus in open {
                bus.stopped().await;
            }
        }
    }
}
