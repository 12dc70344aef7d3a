//! What every page has at hand.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use visits_core::{Clock, Fault, IdSource, Timestamp};
use visits_runtime::auth::Issuer;

use crate::client::{Escalation, Reached, Services};
use crate::config::Config;
use crate::draft::Drafts;
use crate::oidc::Provider;
use crate::schools::Schools;
use crate::seal::Seal;
use crate::session::{Session, Sessions};
use crate::store::Store;
use crate::{Deps, SignIn};

/// The state of the router.
pub(crate) type Shared = Arc<App>;

/// What every page has at hand.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) config: Config,
    /// Signs the tokens of the development sign-in.
    pub(crate) issuer: Option<Arc<Issuer>>,
    /// Where people sign in, if that is configured.
    pub(crate) provider: Option<Arc<Provider>>,
    pub(crate) seal: Arc<Seal>,
    pub(crate) sessions: Sessions,
    pub(crate) drafts: Drafts,
    pub(crate) schools: Schools,
    pub(crate) going_away: CancellationToken,
    store: Store,
    services: Services,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

impl App {
    /// Opens the console's database; the issuer of people's tokens is asked nothing yet.
    pub(crate) async fn open(deps: Deps) -> Result<Self, Fault> {
        let Deps {
            services,
            sign_in,
            database,
            session_key,
            address,
            clock,
            ids,
            config,
            going_away,
        } = deps;
        let (issuer, provider) = match sign_in {
            SignIn::Development(issuer) => (Some(issuer), None),
            SignIn::At(identity) => {
                let provider = Provider::new(*identity, &config, &address)?;
                (None, Some(Arc::new(provider)))
            }
            SignIn::Closed => (None, None),
        };
        let store = Store::open(&database).await?;
        let seal = Arc::new(Seal::new(&session_key));
        let lengths = (config.idle(), config.lifetime());
        let sessions = Sessions::new(store.clone(), seal.clone(), clock.clone(), lengths);
        Ok(Self {
            sessions: sessions.renewed_at(provider.clone()),
            drafts: Drafts::new(store.clone(), seal.clone(), clock.clone()),
            schools: Schools::default(),
            store,
            seal,
            config,
            issuer,
            provider,
            going_away,
            services,
            clock,
            ids,
        })
    }

    /// Lets go of the database.
    pub(crate) async fn close(&self) -> Result<(), Fault> {
        self.store.close().await
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
