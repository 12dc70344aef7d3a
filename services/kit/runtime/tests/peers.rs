//! Another process over a real connection: refused, broken, back again.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::Code;
use tonic::transport::Endpoint;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use visits_core::{Fault, ManualClock};
use visits_runtime::auth::{Issuer, Verifier};
use visits_runtime::peers::ServiceToken;
use visits_runtime::server::Listeners;
use visits_runtime::{Peers, Server, not_ready};

/// What a service calls a peer at `address` with.
fn peers(address: std::net::SocketAddr) -> Peers {
    let issuer = Arc::new(Issuer::from_seed(&[5; 32]).expect("issuer"));
    let token = ServiceToken::new("letters", issuer, Arc::new(clock()));
    let nowhere = Endpoint::from_static("http://nowhere.invalid").connect_lazy();
    let addresses = BTreeMap::from([("scheduling".to_owned(), format!("http://{address}"))]);
    Peers::local(nowhere, token)
        .with_remote(&addresses)
        .expect("an address")
}

fn clock() -> ManualClock {
    ManualClock::new("2020-10-23T12:00:00Z".parse().expect("instant"))
}

async fn serve(listener: TcpListener) -> Result<(), Fault> {
    let issuer = Issuer::from_seed(&[5; 32]).expect("issuer");
    let verifier = Arc::new(Verifier::new([issuer.trusted()]));
    let server = Server::new(verifier, Arc::new(clock()), CancellationToken::new());
    let listeners = Listeners {
        tcp: Some(listener),
        local: None,
    };
    server.serve(listeners, CancellationToken::new()).await
}

/// `Check` is a read.
async fn check(peers: &Peers) -> Result<i32, tonic::Status> {
    let answer = HealthClient::new(peers.channel("scheduling"))
        .check(HealthCheckRequest::default())
        .await?;
    Ok(answer.into_inner().status)
}

#[tokio::test]
async fn a_read_outlives_connections_that_break_while_a_peer_starts() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("port");
    let peers = peers(listener.local_addr().expect("address"));
    let peer = tokio::spawn(async move {
        // It goes down with the first two connections.
        for _ in 0..2 {
            drop(listener.accept().await);
        }
        serve(listener).await
    });
    assert_eq!(check(&peers).await.expect("answered in the end"), 1);
    peer.abort();
}

#[tokio::test]
async fn a_peer_that_is_not_there_is_unavailable_and_says_what_to_look_at() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("port");
    let peers = peers(listener.local_addr().expect("address"));
    drop(listener);
    let refused = check(&peers).await.expect_err("nobody is there");
    assert_eq!(refused.code(), Code::Unavailable);
    assert!(refused.message().contains("peers.scheduling"), "{refused}");
}

#[tokio::test]
async fn a_server_that_is_not_ready_says_so_and_hands_over_to_the_one_that_is() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("port");
    let address = listener.local_addr().expect("address");
    let twin = listener.into_std().expect("a listener");
    let listener = TcpListener::from_std(twin.try_clone().expect("twin")).expect("twin");
    let ready = CancellationToken::new();
    let waiting = tokio::spawn({
        let ready = ready.clone();
        async move { not_ready::serve(listener, &["test.v1.Probe"], ready).await }
    });
    let peers = peers(address);
    assert_eq!(check(&peers).await.expect("health answers"), 2);
    ready.cancel();
    waiting.await.expect("no panic").expect("handed over");
    let server = tokio::spawn(serve(TcpListener::from_std(twin).expect("listener")));
    assert_eq!(check(&peers).await.expect("health answers"), 1);
    server.abort();
}
