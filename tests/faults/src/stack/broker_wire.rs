//! X11, X13: a wire to RabbitMQ that breaks; or through which nothing comes any more, both ways or one
//! way, while no end is told: only the heartbeats that stay away say so.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

const CHUNK: usize = 16 * 1024;

/// Which way nothing comes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// Neither.
    Both,
    /// The broker hears nothing.
    ToBroker,
    /// The services hear nothing.
    FromBroker,
}

/// The wire; whole unless it is told to be silent.
#[derive(Clone)]
pub struct Wire {
    port: u16,
    broker: u16,
    silence: watch::Sender<Option<Silence>>,
    breaks: watch::Sender<u64>,
    open: watch::Sender<BTreeSet<u64>>,
    numbers: Arc<AtomicU64>,
}

impl Wire {
    /// A wire to the broker at `amqp://user:password@host:port/vhost`, on this machine.
    ///
    /// # Errors
    /// If there is no port for it.
    pub async fn to(url: &str) -> anyhow::Result<Self> {
        let (_, address) = url.rsplit_once('@').context("user:password@host:port")?;
        let place = address.split('/').next().unwrap_or_default();
        let (_, broker) = place.rsplit_once(':').context("host:port")?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let wire = Self {
            port: listener.local_addr()?.port(),
            broker: broker.parse()?,
            silence: watch::Sender::new(None),
            breaks: watch::Sender::default(),
            open: watch::Sender::default(),
            numbers: Arc::default(),
        };
        let all = wire.clone();
        tokio::spawn(async move {
            while let Ok((caller, _)) = listener.accept().await {
                let wire = all.clone();
                tokio::spawn(async move { wire.keep(caller).await });
            }
        });
        Ok(wire)
    }

    /// The same URL, by way of this wire.
    #[must_use]
    pub fn url(&self, url: &str) -> String {
        url.replacen(&format!(":{}", self.broker), &format!(":{}", self.port), 1)
    }

    /// Waits until so many connections are there.
    ///
    /// # Errors
    /// If the wire is gone.
    pub async fn carries(&self, connections: usize) -> anyhow::Result<()> {
        let mut open = self.open.subscribe();
        open.wait_for(|open| open.len() >= connections).await?;
        Ok(())
    }

    /// Every connection ends, without a word of AMQP; how many there were.
    #[must_use]
    pub fn breaks(&self) -> usize {
        let open = self.open.borrow().len();
        self.breaks.send_modify(|breaks| *breaks += 1);
        open
    }

    /// From now on nothing comes through this way; the connections that there are.
    #[must_use]
    pub fn falls_silent(&self, how: Silence) -> BTreeSet<u64> {
        self.silence.send_replace(Some(how));
        self.open.borrow().clone()
    }

    /// Waits until an end of each of these connections has given it up.
    ///
    /// # Errors
    /// If the wire is gone.
    pub async fn are_given_up(&self, connections: &BTreeSet<u64>) -> anyhow::Result<()> {
        let mut open = self.open.subscribe();
        open.wait_for(|open| open.is_disjoint(connections)).await?;
        Ok(())
    }

    /// What is said from now on comes through; connections that have lost some of it break.
    pub fn is_whole(&self) {
        self.silence.send_replace(None);
    }

    async fn keep(&self, caller: TcpStream) {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        self.open.send_modify(|open| {
            open.insert(number);
        });
        // Whatever ends it, both sides see their connection close.
        let _ = self.carry(caller).await;
        self.open.send_modify(|open| {
            open.remove(&number);
        });
    }

    async fn carry(&self, mut caller: TcpStream) -> std::io::Result<()> {
        let mut broker = TcpStream::connect(("127.0.0.1", self.broker)).await?;
        caller.set_nodelay(true)?;
        broker.set_nodelay(true)?;
        let mut silence = self.silence.subscribe();
        let mut breaks = self.breaks.subscribe();
        let (mut asked, mut answered) = (vec![0; CHUNK], vec![0; CHUNK]);
        let mut has_lost = false;
        loop {
            tokio::select! {
                read = caller.read(&mut asked) => {
                    let sent = &asked[..read?];
                    if sent.is_empty() {
                        return Ok(());
                    }
                    if self.swallows(Silence::ToBroker) {
                        has_lost = true;
                    } else {
                        broker.write_all(sent).await?;
                    }
                }
                read = broker.read(&mut answered) => {
                    let came = &answered[..read?];
                    if came.is_empty() {
                        return Ok(());
                    }
                    if self.swallows(Silence::FromBroker) {
                        has_lost = true;
                    } else {
                        caller.write_all(came).await?;
                    }
                }
                _ = breaks.changed() => return Ok(()),
                _ = silence.changed() => {
                    if has_lost && silence.borrow().is_none() {
                        return Ok(());
                    }
                }
            }
        }
    }

    fn swallows(&self, way: Silence) -> bool {
        let now = *self.silence.borrow();
        now == Some(Silence::Both) || now == Some(way)
    }
}
