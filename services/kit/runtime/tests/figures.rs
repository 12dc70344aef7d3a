//! A figure as a collector receives it (R-OPS-6).

use std::sync::{Arc, Mutex};

use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_server::{
    MetricsService, MetricsServiceServer,
};
use opentelemetry_proto::tonic::collector::metrics::v1::{
    ExportMetricsServiceRequest, ExportMetricsServiceResponse,
};
use opentelemetry_proto::tonic::metrics::v1::{Metric, metric, number_data_point};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::Server;
use tonic::{Request, Response, Status};
use visits_runtime::figures::Gauge;
use visits_runtime::telemetry::Export;

/// Keeps what it is sent.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<Metric>>>);

#[tonic::async_trait]
impl MetricsService for Collector {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        let sent = request.into_inner().resource_metrics;
        let scopes = sent.into_iter().flat_map(|sent| sent.scope_metrics);
        let mut kept = self.0.lock().expect("lock");
        kept.extend(scopes.flat_map(|scope| scope.metrics));
        Ok(Response::new(ExportMetricsServiceResponse::default()))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r_ops_6_a_collector_is_sent_the_latest_figure_and_no_attribute() {
    static UNWATCHED: Gauge = Gauge::new("visits.test.unwatched", "{case}", "What a test counts.");
    let collector = Collector::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("port");
    let address = listener.local_addr().expect("address");
    let server = Server::builder().add_service(MetricsServiceServer::new(collector.clone()));
    tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
    let export = Export::start(&format!("http://{address}"), "visits").expect("exporting");

    assert_eq!(UNWATCHED.last(), 0);
    UNWATCHED.set(3);
    UNWATCHED.set(1);
    assert_eq!(UNWATCHED.last(), 1);
    export.finish().await;

    let kept = collector.0.lock().expect("lock");
    let sent = kept
        .iter()
        .find(|sent| sent.name == "visits.test.unwatched");
    let sent = sent.expect("sent");
    assert_eq!(sent.unit, "{case}");
    let Some(metric::Data::Gauge(gauge)) = &sent.data else {
        panic!("{sent:?} is no gauge");
    };
    let [point] = gauge.data_points.as_slice() else {
        panic!("{gauge:?} has not one point");
    };
    assert_eq!(point.value, Some(number_data_point::Value::AsInt(1)));
    assert!(point.attributes.is_empty());
}
