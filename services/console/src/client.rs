//! The way to the services, with the rights of the user who is signed in and no others.

use std::collections::BTreeMap;
use std::time::Duration;

use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use tonic::{Request, Status};
use visits_proto::escalation::v1::escalation_service_client::EscalationServiceClient;
use visits_proto::letters::v1::letters_service_client::LettersServiceClient;
use visits_proto::scheduling::v1::scheduling_service_client::SchedulingServiceClient;

use crate::session::Session;

/// How long a page waits for a service.
const CALL_TIME: Duration = Duration::from_secs(10);

/// Where the services answer.
#[derive(Clone, Debug)]
pub struct Services {
    /// Those that don't answer at `all`.
    apart: BTreeMap<&'static str, Channel>,
    all: Channel,
}

impl Services {
    /// All of them at one place.
    #[must_use]
    pub const fn together(channel: Channel) -> Self {
        Self {
            apart: BTreeMap::new(),
            all: channel,
        }
    }

    /// One that answers elsewhere: `escalation`.
    #[must_use]
    pub fn but(mut self, service: &'static str, channel: Channel) -> Self {
        self.apart.insert(service, channel);
        self
    }

    fn at(&self, service: &str) -> Channel {
        self.apart.get(service).unwrap_or(&self.all).clone()
    }

    /// A service with the rights of the session's user, for a call that somebody waits for.
    pub(crate) fn for_a_call(&self, service: &str, session: &Session) -> Reached {
        self.reach(service, session, Some(CALL_TIME))
    }

    /// A service with the rights of the session's user, for a stream.
    pub(crate) fn for_a_stream(&self, service: &str, session: &Session) -> Reached {
        self.reach(service, session, None)
    }

    fn reach(&self, service: &str, session: &Session, time: Option<Duration>) -> Reached {
        let header = session.authorization.clone();
        InterceptedService::new(self.at(service), UserToken { header, time })
    }
}

/// A service as one user reaches it: what its client is made of.
pub(crate) type Reached = InterceptedService<Channel, UserToken>;

/// Escalation as one user reaches it.
pub(crate) type Escalation = EscalationServiceClient<Reached>;
/// Scheduling as one user reaches it.
pub(crate) type Scheduling = SchedulingServiceClient<Reached>;
/// Letters as one user reaches it.
pub(crate) type Letters = LettersServiceClient<Reached>;

/// Puts the user's token on each call.
#[derive(Clone, Debug)]
pub(crate) struct UserToken {
    header: MetadataValue<Ascii>,
    time: Option<Duration>,
}

impl Interceptor for UserToken {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(time) = self.time {
            request.set_timeout(time);
        }
        let header = self.header.clone();
        request.metadata_mut().insert("authorization", header);
        Ok(request)
    }
}
