//! The way to the services: one address, or some of them at addresses of their own.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tonic::service::interceptor::InterceptedService;
use tonic::transport::Endpoint;
use visits_proto::escalation::v1::escalation_service_client::EscalationServiceClient;
use visits_proto::insights::v1::insights_service_client::InsightsServiceClient;
use visits_proto::letters::v1::letters_service_client::LettersServiceClient;
use visits_proto::operations::v1::operations_service_client::OperationsServiceClient;
use visits_proto::recording::v1::recording_service_client::RecordingServiceClient;
use visits_proto::scheduling::v1::scheduling_service_client::SchedulingServiceClient;

use crate::limits;
use crate::patience::{Patience, PatientChannel, Repeats};
use crate::token::{Bearer, TokenSource};
use crate::watch::CaseWatch;

/// A channel whose calls carry a token, a deadline and retries.
pub type CallChannel = InterceptedService<PatientChannel, Bearer>;

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// An address is none.
    #[error("{address} is no address such as http://127.0.0.1:7400")]
    NoAddress {
        /// What was given.
        address: String,
    },
    /// Nothing answers at an address.
    #[error("nothing answers at {address}")]
    Unreachable {
        /// Where.
        address: String,
    },
}

/// A client in the making.
#[derive(Clone, Debug)]
pub struct Builder {
    address: String,
    services: BTreeMap<String, String>,
    bearer: Bearer,
    patience: Patience,
}

impl Builder {
    /// The address of one service, if it is not the common one.
    #[must_use]
    pub fn service(mut self, service: impl Into<String>, address: impl Into<String>) -> Self {
        self.services.insert(service.into(), address.into());
        self
    }

    /// The token of every call.
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.bearer = Bearer::of(token.into());
        self
    }

    /// Where each call gets its token: for tokens that are replaced before they expire.
    #[must_use]
    pub fn token_from(mut self, source: impl TokenSource + 'static) -> Self {
        self.bearer = Bearer::new(source);
        self
    }

    /// The time of a call that says none, all its tries and pauses together.
    #[must_use]
    pub const fn call_time(mut self, time: Duration) -> Self {
        self.patience.call_time = time;
        self
    }

    /// Calls under way at once to one address; more wait.
    #[must_use]
    pub const fn calls_at_once(mut self, most: usize) -> Self {
        self.patience.calls_at_once = most;
        self
    }

    /// Sends nothing twice: for a caller that counts its tries itself.
    #[must_use]
    pub const fn without_retries(mut self) -> Self {
        self.patience.repeats = Repeats::Nothing;
        self
    }

    /// Connects at the first call to each address, and again whenever a connection was lost.
    ///
    /// # Errors
    /// [`ConnectError::NoAddress`].
    pub fn lazily(self) -> Result<Client, ConnectError> {
        let patience = self.patience;
        let channel = |address: &String| -> Result<PatientChannel, ConnectError> {
            let channel = endpoint(address)?.connect_lazy();
            Ok(PatientChannel::patient(
                channel,
                address,
                "its address",
                patience,
            ))
        };
        let common = channel(&self.address)?;
        let own = self.services.iter();
        let own = own.map(|(service, address)| Ok((service.clone(), channel(address)?)));
        let own = own.collect::<Result<_, ConnectError>>()?;
        Ok(Client {
            common,
            own: Arc::new(own),
            bearer: self.bearer,
        })
    }

    /// As [`Builder::lazily`], once every address has answered.
    ///
    /// # Errors
    /// [`ConnectError`].
    pub async fn connect(self) -> Result<Client, ConnectError> {
        for address in self.services.values().chain([&self.address]) {
            let answers = endpoint(address)?.connect().await;
            answers.map_err(|_| ConnectError::Unreachable {
                address: address.clone(),
            })?;
        }
        self.lazily()
    }
}

fn endpoint(address: &str) -> Result<Endpoint, ConnectError> {
    let endpoint = Endpoint::from_shared(address.to_owned());
    endpoint.map(tuned).map_err(|_| ConnectError::NoAddress {
        address: address.to_owned(),
    })
}

/// An endpoint that notices in time when nobody is there any more.
#[must_use]
pub fn tuned(endpoint: Endpoint) -> Endpoint {
    endpoint
        .connect_timeout(limits::CONNECT_TIME)
        .http2_keep_alive_interval(limits::KEEPALIVE_INTERVAL)
        .keep_alive_timeout(limits::KEEPALIVE_TIMEOUT)
        .keep_alive_while_idle(true)
        .tcp_nodelay(true)
}

/// The services, as one caller reaches them. A clone shares connections, limits and budget.
#[derive(Clone, Debug)]
pub struct Client {
    common: PatientChannel,
    own: Arc<BTreeMap<String, PatientChannel>>,
    bearer: Bearer,
}

impl Client {
    /// A client of what answers at `address`: one process, or the gateway of many.
    pub fn of(address: impl Into<String>) -> Builder {
        Builder {
            address: address.into(),
            services: BTreeMap::new(),
            bearer: Bearer::of(String::new()),
            patience: Patience::default(),
        }
    }

    /// The channel to `service`, for stubs of one's own.
    #[must_use]
    pub fn channel(&self, service: &str) -> CallChannel {
        let channel = self.own.get(service).unwrap_or(&self.common);
        InterceptedService::new(channel.clone(), self.bearer.clone())
    }

    /// Schools, inspectors, the visit plan.
    #[must_use]
    pub fn scheduling(&self) -> SchedulingServiceClient<CallChannel> {
        SchedulingServiceClient::new(self.channel("scheduling"))
    }

    /// A visit in progress.
    #[must_use]
    pub fn recording(&self) -> RecordingServiceClient<CallChannel> {
        RecordingServiceClient::new(self.channel("recording"))
    }

    /// Concerns, the duty desk, the NFD.
    #[must_use]
    pub fn escalation(&self) -> EscalationServiceClient<CallChannel> {
        EscalationServiceClient::new(self.channel("escalation"))
    }

    /// Letters.
    #[must_use]
    pub fn letters(&self) -> LettersServiceClient<CallChannel> {
        LettersServiceClient::new(self.channel("letters"))
    }

    /// The national picture.
    #[must_use]
    pub fn insights(&self) -> InsightsServiceClient<CallChannel> {
        InsightsServiceClient::new(self.channel("insights"))
    }

    /// What `service` has parked.
    #[must_use]
    pub fn operations(&self, service: &str) -> OperationsServiceClient<CallChannel> {
        OperationsServiceClient::new(self.channel(service))
    }

    /// A watch of the cases that `filter` picks, from now on; it begins with the first
    /// [`CaseWatch::next`].
    #[must_use]
    pub fn watch_cases(&self, filter: impl Into<String>) -> CaseWatch {
        CaseWatch::new(self.escalation(), filter.into())
    }
}
