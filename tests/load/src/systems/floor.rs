//! The floor, over two connections.

use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use tonic::transport::{Channel, Endpoint};

use super::{System, TIMER_MS, new_key};
use crate::command::Target;
use crate::floor::{Ack, Command, SIGNAL, START};
use crate::unary;

const CONNECTIONS: usize = 2;

pub(super) struct Floor {
    channels: Vec<Channel>,
    turn: AtomicUsize,
}

impl Floor {
    pub(super) async fn connect(target: &Target) -> anyhow::Result<Self> {
        let mut channels = Vec::new();
        for _ in 0..CONNECTIONS {
            let endpoint = Endpoint::from_shared(target.address.clone())?;
            channels.push(endpoint.tcp_nodelay(true).connect().await?);
        }
        Ok(Self {
            channels,
            turn: AtomicUsize::new(0),
        })
    }

    async fn call(&self, path: &'static str, command: Command) -> anyhow::Result<()> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % self.channels.len();
        unary::call::<_, Ack>(&self.channels[turn], path, command).await?;
        Ok(())
    }

    async fn signal(&self, key: &str, name: &str) -> anyhow::Result<()> {
        let command = Command {
            id: key.to_owned(),
            name: name.to_owned(),
            ..Command::default()
        };
        self.call(SIGNAL, command).await
    }

    async fn begin(&self, mode: &str, due_ms: i64) -> anyhow::Result<String> {
        let id = new_key();
        let command = Command {
            id: id.clone(),
            mode: mode.to_owned(),
            due_ms,
            ..Command::default()
        };
        self.call(START, command).await?;
        Ok(id)
    }
}

#[async_trait]
impl System for Floor {
    async fn start(&self) -> anyhow::Result<String> {
        self.begin("full", i64::from(TIMER_MS)).await
    }

    async fn duty(&self, key: &str) -> anyhow::Result<()> {
        self.signal(key, "duty").await
    }

    async fn decide(&self, key: &str) -> anyhow::Result<()> {
        self.signal(key, "decide").await
    }

    async fn arm(&self, due_ms: f64) -> anyhow::Result<String> {
        self.begin("timer", due_ms as i64).await
    }
}
