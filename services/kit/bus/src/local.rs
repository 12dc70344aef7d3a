//! The bus of the embedded default: in one process, as sure as each receiver's own database.

use std::sync::{PoisonError, RwLock};

use async_trait::async_trait;
use visits_core::Fault;

use crate::{Envelope, EventBus, Subscription};

/// Hands each event straight to the inboxes of the groups that hear it. It keeps nothing itself:
/// what is not received yet stays unmarked in the publisher's outbox.
#[derive(Default)]
pub struct LocalBus {
    subscriptions: RwLock<Vec<Subscription>>,
}

impl LocalBus {
    /// A bus that nobody hears yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

#[async_trait]
impl EventBus for LocalBus {
    async fn publish_all(&self, envelopes: &[Envelope]) -> Result<(), Fault> {
        let subscriptions = self
            .subscriptions
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        for subscription in subscriptions {
            let heard: Vec<Envelope> = envelopes
                .iter()
                .filter(|e| subscription.aggregates.contains(&e.aggregate.as_str()))
                .cloned()
                .collect();
            if !heard.is_empty() {
                subscription.receiver.receive(&heard).await?;
            }
        }
        Ok(())
    }

    async fn subscribe(&self, subscription: Subscription) -> Result<(), Fault> {
        let mut subscriptions = self
            .subscriptions
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        // A service that starts again in the same process takes its own place.
        subscriptions.retain(|s| s.group != subscription.group);
        subscriptions.push(subscription);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::tests::sample;
    use crate::{GivenUp, Receiver};
    use std::sync::{Arc, Mutex};

    #[derive(Default)]
    struct Ears(Mutex<Vec<String>>, Option<()>);

    #[async_trait]
    impl Receiver for Ears {
        async fn receive(&self, envelopes: &[Envelope]) -> Result<(), Fault> {
            if self.1.is_some() {
                return Err(Fault::transient("the receiver's disk is full"));
            }
            self.0
                .lock()
                .expect("lock")
                .extend(envelopes.iter().map(|envelope| envelope.event_type.clone()));
            Ok(())
        }

        async fn put_aside(&self, message: GivenUp) -> Result<(), Fault> {
            unreachable!("nothing is given up inside a process: {message:?}")
        }
    }

    fn group(name: &'static str, ears: &Arc<Ears>) -> Subscription {
        Subscription {
            group: name,
            aggregates: vec!["escalation.case"],
            receiver: ears.clone(),
        }
    }

    #[tokio::test]
    async fn every_group_that_names_the_aggregate_hears_the_event_once() {
        let (bus, first, second) = (LocalBus::new(), Arc::default(), Arc::default());
        bus.subscribe(group("recording", &first))
            .await
            .expect("subscribed");
        bus.subscribe(group("insights", &second))
            .await
            .expect("subscribed");
        bus.subscribe(group("insights", &second))
            .await
            .expect("again");
        bus.publish(&sample()).await.expect("confirmed");
        let mut other = sample();
        other.aggregate = "letters.letter".into();
        bus.publish(&other).await.expect("nobody hears it");
        assert_eq!(first.0.lock().expect("lock").len(), 1);
        assert_eq!(second.0.lock().expect("lock").len(), 1);
    }

    #[tokio::test]
    async fn an_event_that_one_group_could_not_store_is_not_confirmed() {
        let bus = LocalBus::new();
        let full = Arc::new(Ears(Mutex::default(), Some(())));
        bus.subscribe(group("recording", &full))
            .await
            .expect("subscribed");
        assert!(bus.publish(&sample()).await.is_err());
    }
}
