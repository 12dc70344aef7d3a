//! The way to the services, with the rights of the user who is signed in and no others.

use std::time::Duration;

use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use tonic::{Request, Status};
use visits_proto::escalation::v1::escalation_service_client::EscalationServiceClient;

use crate::session::Session;

/// How long a page waits for a service.
const CALL_TIME: Duration = Duration::from_secs(10);

/// Escalation as one user reaches it.
pub(crate) type Escalation = EscalationServiceClient<InterceptedService<Channel, UserToken>>;

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

pub(crate) fn for_a_call(channel: Channel, session: &Session) -> Escalation {
    let header = session.authorization.clone();
    let time = Some(CALL_TIME);
    EscalationServiceClient::with_interceptor(channel, UserToken { header, time })
}

pub(crate) fn for_a_stream(channel: Channel, session: &Session) -> Escalation {
    let header = session.authorization.clone();
    EscalationServiceClient::with_interceptor(channel, UserToken { header, time: None })
}
