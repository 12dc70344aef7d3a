//! A whole server over the in-process listener: what anybody may ask, what needs a token, and the
//! order of a stop (R12).

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::Stream;
use http::uri::PathAndQuery;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::service::Routes;
use tonic::transport::Channel;
use tonic::{Code, Request, Response, Status};
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::health_server::{Health, HealthServer};
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};
use tonic_prost::ProstCodec;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
use tonic_types::StatusExt as _;
use visits_core::{Fault, ManualClock};
use visits_runtime::auth::{Issuer, Verifier};
use visits_runtime::peers::ServiceToken;
use visits_runtime::server::Listeners;
use visits_runtime::{LocalListener, Peers, Server, caller, limits, to_status};

/// Says who called; its stream never says anything and never ends.
struct Probe;

type Answers = Pin<Box<dyn Stream<Item = Result<HealthCheckResponse, Status>> + Send>>;

#[tonic::async_trait]
impl Health for Probe {
    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        let caller = caller(&request)?;
        assert!(caller.deadline.is_some(), "the peer's time came along");
        assert!(request.metadata().contains_key("grpc-timeout"));
        Err(to_status(Fault::not_found(caller.actor.principal)))
    }

    type WatchStream = Answers;

    async fn watch(
        &self,
        _: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        Ok(Response::new(Box::pin(futures_util::stream::pending())))
    }
}

/// The probe under a name of its own, so that it is not taken for the server's health.
#[derive(Clone)]
struct Renamed(HealthServer<Probe>);

impl NamedService for Renamed {
    const NAME: &'static str = "test.v1.Probe";
}

impl tower::Service<http::Request<Body>> for Renamed {
    type Response = http::Response<Body>;
    type Error = std::convert::Infallible;
    type Future = <HealthServer<Probe> as tower::Service<http::Request<Body>>>::Future;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: http::Request<Body>) -> Self::Future {
        let path = request.uri().path();
        let renamed = path.replace("/test.v1.Probe/", "/grpc.health.v1.Health/");
        *request.uri_mut() = renamed.parse().expect("path");
        tower::Service::call(&mut self.0, request)
    }
}

struct Running {
    channel: Channel,
    peers: Peers,
    stop: CancellationToken,
    going_away: CancellationToken,
    served: JoinHandle<Result<(), Fault>>,
}

fn start(drain_time: Duration) -> Running {
    let issuer = Arc::new(Issuer::from_seed(&[5; 32]).expect("issuer"));
    let now = "2020-10-23T12:00:00Z".parse().expect("instant");
    let clock = Arc::new(ManualClock::new(now));
    let verifier = Arc::new(Verifier::new([issuer.trusted()]));
    let (stop, going_away) = (CancellationToken::new(), CancellationToken::new());
    let listener = LocalListener::new();
    let channel = listener.channel();
    let token = ServiceToken::new("letters", issuer, clock.clone());
    let peers = Peers::local(channel.clone(), token);
    let server = Server::new(verifier, clock, going_away.clone())
        .add(
            Routes::new(Renamed(HealthServer::new(Probe))),
            &[Renamed::NAME],
        )
        .drain_time(drain_time);
    let listeners = Listeners {
        tcp: None,
        local: Some(listener),
    };
    let served = tokio::spawn(server.serve(listeners, stop.clone()));
    Running {
        channel,
        peers,
        stop,
        going_away,
        served,
    }
}

fn question(service: &str) -> HealthCheckRequest {
    HealthCheckRequest {
        service: service.to_owned(),
    }
}

macro_rules! probe {
    ($channel:expr, $request:expr) => {{
        let mut client = tonic::client::Grpc::new($channel);
        client.ready().await.expect("ready");
        let codec = ProstCodec::<HealthCheckRequest, HealthCheckResponse>::default();
        let path = PathAndQuery::from_static("/test.v1.Probe/Check");
        client
            .unary($request, path, codec)
            .await
            .expect_err("status")
    }};
}

#[tokio::test]
async fn a_call_needs_a_token_and_a_peer_brings_its_own() {
    let running = start(limits::DRAIN_TIME);
    let status = probe!(running.channel, Request::new(question("")));
    assert_eq!(status.code(), Code::Unauthenticated);
    let details = status.get_error_details();
    let info = details.error_info().expect("error info");
    assert_eq!(info.reason, "TOKEN_MISSING");

    let peer = running.peers.channel("recording");
    let status = probe!(peer, Request::new(question("")));
    assert_eq!(status.code(), Code::NotFound, "{status:?}");
    assert!(status.message().contains("service:letters"));
}

#[tokio::test]
async fn a_malformed_timeout_is_refused_over_the_wire() {
    let running = start(limits::DRAIN_TIME);
    let mut request = Request::new(question(""));
    let header = "soon".parse().expect("header");
    request.metadata_mut().insert("grpc-timeout", header);
    let status = probe!(running.channel, request);
    assert_eq!(status.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn anybody_may_ask_for_health_and_for_what_we_speak() {
    let running = start(limits::DRAIN_TIME);
    let mut health = HealthClient::new(running.channel.clone());
    for service in ["", Renamed::NAME] {
        let answer = health.check(question(service)).await.expect("health");
        assert_eq!(answer.into_inner().status, 1, "SERVING");
    }
    let unknown = health.check(question("nobody")).await.expect_err("unknown");
    assert_eq!(unknown.code(), Code::NotFound);

    let ask = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let mut answers = ServerReflectionClient::new(running.channel)
        .server_reflection_info(tokio_stream::once(ask))
        .await
        .expect("reflection")
        .into_inner();
    let answer = answers.message().await.expect("answer").expect("one");
    let Some(MessageResponse::ListServicesResponse(list)) = answer.message_response else {
        panic!("{answer:?}");
    };
    assert!(
        list.service
            .iter()
            .any(|s| s.name == "grpc.health.v1.Health")
    );
}

#[tokio::test]
async fn a_stop_is_told_to_those_who_watch_health_and_then_ends() {
    let running = start(limits::DRAIN_TIME);
    let mut health = HealthClient::new(running.channel);
    let mut watch = health
        .watch(question(""))
        .await
        .expect("watch")
        .into_inner();
    let first = watch.message().await.expect("message").expect("one");
    assert_eq!(first.status, 1, "SERVING");
    running.stop.cancel();
    running.going_away.cancelled().await;
    let next = watch.message().await.expect("message").expect("one");
    assert_eq!(next.status, 2, "NOT_SERVING");
    assert!(watch.message().await.expect("end").is_none());
    assert_eq!(running.served.await.expect("joined"), Ok(()));
}

#[tokio::test]
async fn a_stream_that_never_ends_does_not_hold_the_process() {
    let running = start(Duration::from_millis(1));
    let mut client = tonic::client::Grpc::new(running.peers.channel("recording"));
    client.ready().await.expect("ready");
    let codec = ProstCodec::<HealthCheckRequest, HealthCheckResponse>::default();
    let path = PathAndQuery::from_static("/test.v1.Probe/Watch");
    let request = Request::new(question(""));
    let stream = client.server_streaming(request, path, codec).await;
    let _open = stream.expect("stream");
    running.stop.cancel();
    assert_eq!(running.served.await.expect("joined"), Ok(()));
}
