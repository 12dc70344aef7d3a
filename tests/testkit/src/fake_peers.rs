//! Other services as a test wants them: one closure a method.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::routing::post;
use prost::Message;
use tonic::Response;
use tonic::server::Grpc;
use tonic::service::Routes;
use tonic_prost::ProstCodec;
use visits_core::Fault;
use visits_runtime::to_status;

/// Methods of other services with the answers that a test gives.
#[derive(Clone, Default)]
pub struct FakePeers {
    router: Router,
}

impl FakePeers {
    /// Peers that answer nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers a unary method, named as
    /// `ofsted.visits.scheduling.v1.SchedulingService/GetSchool`.
    #[must_use]
    pub fn answer<Q, A>(
        self,
        method: &str,
        answer: impl Fn(Q) -> Result<A, Fault> + Send + Sync + 'static,
    ) -> Self
    where
        Q: Message + Default + Send + 'static,
        A: Message + Default + Send + 'static,
    {
        let answer = Arc::new(answer);
        let handler = move |request: Request| {
            let answer = answer.clone();
            async move {
                let service = tower::service_fn(move |asked: tonic::Request<Q>| {
                    let given = answer(asked.into_inner());
                    std::future::ready(given.map(Response::new).map_err(to_status))
                });
                Grpc::new(ProstCodec::<A, Q>::default())
                    .unary(service, request)
                    .await
            }
        };
        Self {
            router: self.router.route(&format!("/{method}"), post(handler)),
        }
    }

    /// The methods, to be served beside the service under test.
    #[must_use]
    pub fn routes(self) -> Routes {
        Routes::from(self.router)
    }
}
