//! A peer, over HTTP/1.1: its small front, or Restate's own ingress.

use anyhow::bail;
use async_trait::async_trait;
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

use super::{System, TIMER_MS, new_key};
use crate::command::{Kind, Target};

const IDLE_CONNECTIONS_MAX: usize = 2_000;

pub(super) struct Http {
    client: Client<HttpConnector, Full<Bytes>>,
    address: String,
    is_restate: bool,
}

impl Http {
    pub(super) fn new(target: &Target) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX)
            .build(connector);
        Self {
            client,
            address: target.address.clone(),
            is_restate: target.kind == Kind::Restate,
        }
    }

    async fn post(&self, path: &str, body: &Value) -> anyhow::Result<()> {
        let request = Request::post(format!("{}{path}", self.address))
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(body.to_string())))?;
        let answer = self.client.request(request).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        if !status.is_success() {
            bail!("{status}: {}", String::from_utf8_lossy(&body));
        }
        Ok(())
    }

    async fn begin(&self, mode: &str, due_ms: f64) -> anyhow::Result<String> {
        let id = new_key();
        let path = if self.is_restate {
            format!("/esc/{id}/run/send")
        } else {
            format!("/start/{id}")
        };
        self.post(&path, &json!({ "mode": mode, "due": due_ms }))
            .await?;
        Ok(id)
    }

    async fn signal(&self, key: &str, name: &str) -> anyhow::Result<()> {
        let path = if self.is_restate {
            format!("/esc/{key}/{name}")
        } else {
            format!("/signal/{key}/{name}")
        };
        self.post(&path, &json!({})).await
    }
}

#[async_trait]
impl System for Http {
    async fn start(&self) -> anyhow::Result<String> {
        self.begin("full", f64::from(TIMER_MS)).await
    }

    async fn duty(&self, key: &str) -> anyhow::Result<()> {
        self.signal(key, "duty").await
    }

    async fn decide(&self, key: &str) -> anyhow::Result<()> {
        self.signal(key, "decide").await
    }

    async fn arm(&self, due_ms: f64) -> anyhow::Result<String> {
        self.begin("timer", due_ms.floor()).await
    }
}
