//! What every page has at hand.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use visits_core::{Clock, IdSource, Timestamp};
use visits_runtime::auth::Issuer;

use crate::Deps;
use crate::client::{Escalation, Reached, Services};
use crate::config::Config;
use crate::draft::Drafts;
use crate::session::{Session, Sessions};

/// The state of the router.
pub(crate) type Shared = Arc<App>;

/// What every page has at hand.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) config: Config,
    pub(crate) issuer: Option<Arc<Issuer>>,
    pub(crate) sessions: Sessions,
    pub(crate) drafts: Drafts,
    pub(crate) going_away: CancellationToken,
    services: Services,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

impl App {
    pub(crate) fn new(deps: Deps) -> Self {
        let Deps {
            services,
            issuer,
            clock,
            ids,
            config,
            going_away,
        } = deps;
        Self {
            sessions: Sessions::new(clock.clone(), config.idle(), config.lifetime()),
            drafts: Drafts::new(clock.clone()),
            config,
            issuer,
            going_away,
            services,
            clock,
            ids,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The id of a new request: one a form, so that a form sent twice does one thing (R17).
    pub(crate) fn request_id(&self) -> String {
        self.ids.next(self.now()).to_string()
    }

    /// A service by its name, with the rights of the session's user, for a call that somebody
    /// waits for: what its generated client is made of.
    pub(crate) fn reach(&self, service: &str, session: &Session) -> Reached {
        self.services.for_a_call(service, session)
    }

    /// Escalation, with the rights of the session's user, for a call that somebody waits for.
    pub(crate) fn escalation(&self, session: &Session) -> Escalation {
        Escalation::new(self.reach("escalation", session))
    }

    /// Escalation, with the rights of the session's user, for a stream.
    pub(crate) fn escalation_to_watch(&self, session: &Session) -> Escalation {
        Escalation::new(self.services.for_a_stream("escalation", session))
    }
}
