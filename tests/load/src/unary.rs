//! Unary gRPC methods without generated code, for the floor's two.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::routing::post;
use prost::Message;
use tonic::client::Grpc as Client;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::server::Grpc;
use tonic::transport::Channel;
use tonic::{Response, Status};
use tonic_prost::ProstCodec;

/// Serves a method.
pub fn method<Q, A, F>(path: &str, answer: impl Fn(Q) -> F + Send + Sync + 'static) -> Router
where
    Q: Message + Default + Send + 'static,
    A: Message + Default + Send + 'static,
    F: Future<Output = Result<A, Status>> + Send + 'static,
{
    let answer = Arc::new(answer);
    let handler = move |request: Request| {
        let answer = answer.clone();
        async move {
            let service = tower::service_fn(move |asked: tonic::Request<Q>| {
                let given = answer(asked.into_inner());
                async move { given.await.map(Response::new) }
            });
            Grpc::new(ProstCodec::<A, Q>::default())
                .unary(service, request)
                .await
        }
    };
    Router::new().route(path, post(handler))
}

/// Calls a method.
pub async fn call<Q, A>(channel: &Channel, path: &'static str, asked: Q) -> anyhow::Result<A>
where
    Q: Message + 'static,
    A: Message + Default + 'static,
{
    let mut client = Client::new(channel.clone());
    client.ready().await?;
    let path = PathAndQuery::from_static(path);
    let codec = ProstCodec::<Q, A>::default();
    let answer = client
        .unary(tonic::Request::new(asked), path, codec)
        .await?;
    Ok(answer.into_inner())
}
