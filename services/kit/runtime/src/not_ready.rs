//! A server that can't serve yet: its health says so, and calls are told to come again.

use std::time::Duration;

use http::Response;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tokio_util::sync::CancellationToken;
use tonic::Status;
use tonic::body::Body;
use tonic::service::Routes;
use tonic_health::ServingStatus;
use tonic_health::server::{HealthReporter, HealthService};
use visits_core::Fault;

/// How long calls under way have when the real server takes over.
const HAND_OVER_TIME: Duration = Duration::from_secs(1);

/// Answers NOT_SERVING for each of `services` and UNAVAILABLE to every call, until `ready` is
/// cancelled.
///
/// # Errors
/// `Fatal` if the listener fails.
pub async fn serve(
    listener: TcpListener,
    services: &[&'static str],
    ready: CancellationToken,
) -> Result<(), Fault> {
    let mut health = HealthReporter::new();
    for name in [""].iter().chain(services) {
        health
            .set_service_status(name, ServingStatus::NotServing)
            .await;
    }
    let answers = HealthService::from_health_reporter(health.clone());
    let answers = tonic_health::pb::health_server::HealthServer::new(answers);
    let routes = Routes::new(answers).into_axum_router();
    let routes = Routes::from(routes.reset_fallback().fallback(come_again));
    let quiet = CancellationToken::new();
    let serving = tonic::transport::Server::builder()
        .add_routes(routes)
        .serve_with_incoming_shutdown(
            TcpListenerStream::new(listener),
            quiet.clone().cancelled_owned(),
        );
    let mut serving = std::pin::pin!(serving);
    tokio::select! {
        () = ready.cancelled() => {}
        ended = &mut serving => {
            return ended.map_err(|error| Fault::fatal(format!("server: {error}")));
        }
    }
    quiet.cancel();
    // A client that watches our health holds a stream open: forgetting the name ends it.
    for name in [""].iter().chain(services) {
        health.clear_service_status(name).await;
    }
    // Whoever is still connected then finds the real server by connecting again.
    let _ = tokio::time::timeout(HAND_OVER_TIME, serving).await;
    Ok(())
}

async fn come_again() -> Response<Body> {
    Status::unavailable("not ready yet: waiting for the database").into_http()
}
