//! What somebody was writing when their session ended: kept until they sign in again (R-CON-31),
//! for nobody but them.

use std::sync::Arc;

use visits_core::clock::from_micros;
use visits_core::{Clock, Fault, SignedDuration};

use crate::form::Filled;
use crate::seal::Seal;
use crate::store::{At, DraftRow, Store};

/// How long it is kept.
pub(crate) const KEPT: SignedDuration = SignedDuration::from_hours(24);
/// How many of one user; the oldest goes.
const MOST: usize = 20;

/// The drafts, by user and by the address that the form was sent to.
#[derive(Debug)]
pub(crate) struct Drafts {
    store: Store,
    seal: Arc<Seal>,
    clock: Arc<dyn Clock>,
}

impl Drafts {
    pub(crate) fn new(store: Store, seal: Arc<Seal>, clock: Arc<dyn Clock>) -> Self {
        Self { store, seal, clock }
    }

    pub(crate) async fn keep(&self, principal: &str, path: &str, filled: &Filled) {
        if let Err(fault) = self.kept(At { principal, path }, filled).await {
            tracing::error!("what somebody wrote could not be kept: {fault}");
        }
    }

    pub(crate) async fn of(&self, principal: &str, path: &str) -> Option<Filled> {
        let at = At { principal, path };
        let draft = match self.store.draft(&at).await {
            Ok(draft) => draft?,
            Err(fault) => {
                tracing::error!("what somebody wrote could not be read: {fault}");
                return None;
            }
        };
        if self.clock.now() >= from_micros(draft.kept_at) + KEPT {
            return None;
        }
        let plain = self.seal.open(&purpose(&at), &draft.sealed)?;
        serde_json::from_slice(&plain).ok()
    }

    pub(crate) async fn forget(&self, principal: &str, path: &str) {
        if let Err(fault) = self.store.forget(&At { principal, path }).await {
            tracing::warn!("what somebody wrote is kept for a day though it was sent: {fault}");
        }
    }

    async fn kept(&self, at: At<'_>, filled: &Filled) -> Result<(), Fault> {
        let plain = serde_json::to_vec(filled)
            .map_err(|error| Fault::fatal(format!("a form that can't be kept: {error}")))?;
        let draft = DraftRow {
            principal: at.principal.to_owned(),
            path: at.path.to_owned(),
            kept_at: self.clock.now().as_microsecond(),
            sealed: self.seal.close(&purpose(&at), &plain)?,
        };
        self.store.keep(draft).await?;
        for path in self.store.paths_of(at.principal).await?.iter().skip(MOST) {
            let principal = at.principal;
            self.store.forget(&At { principal, path }).await?;
        }
        Ok(())
    }
}

fn purpose(at: &At<'_>) -> String {
    format!("draft/{}/{}", at.principal, at.path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use visits_core::ManualClock;

    fn written(text: &str) -> Filled {
        Filled::read(vec![("rationale".to_owned(), text.to_owned())])
    }

    #[tokio::test]
    async fn r_con_31_what_somebody_wrote_is_theirs_alone_and_kept_for_a_day() {
        let place = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}", place.path().join("console.db").display());
        let clock = ManualClock::new("2020-10-23T12:00:00Z".parse().expect("instant"));
        let store = Store::open(&url).await.expect("opened");
        let seal = Arc::new(Seal::new(&[1; 32]));
        let drafts = Drafts::new(store, seal, Arc::new(clock.clone()));
        let path = "/cases/1/decision";
        drafts.keep("RD-LONDON", path, &written("first")).await;
        drafts.keep("RD-LONDON", path, &written("second")).await;
        let kept = drafts.of("RD-LONDON", path).await.expect("kept");
        assert_eq!(kept.get("rationale"), "second");
        assert!(drafts.of("RD-SOUTH-EAST", path).await.is_none());
        assert!(drafts.of("RD-LONDON", "/cases/2/decision").await.is_none());
        drafts.forget("RD-LONDON", path).await;
        assert!(drafts.of("RD-LONDON", path).await.is_none());
        drafts.keep("RD-LONDON", path, &written("third")).await;
        clock.advance(KEPT);
        assert!(drafts.of("RD-LONDON", path).await.is_none());
    }

    #[tokio::test]
    async fn nobody_fills_the_database_with_what_they_write() {
        let place = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}", place.path().join("console.db").display());
        let clock = ManualClock::new("2020-10-23T12:00:00Z".parse().expect("instant"));
        let store = Store::open(&url).await.expect("opened");
        let seal = Arc::new(Seal::new(&[1; 32]));
        let drafts = Drafts::new(store.clone(), seal, Arc::new(clock.clone()));
        for number in 0..MOST + 5 {
            clock.advance(SignedDuration::from_secs(1));
            let path = format!("/cases/{number}/decision");
            drafts.keep("RD-LONDON", &path, &written("text")).await;
        }
        let paths = store.paths_of("RD-LONDON").await.expect("read");
        assert_eq!(paths.len(), MOST);
        assert_eq!(paths[0], format!("/cases/{}/decision", MOST + 4));
    }
}
