//! A wire to PostgreSQL that breaks at a COMMIT (X6): before it arrives, or when it has been carried
//! out and the answer is under way; who sent it can't tell the one from the other. Or it falls silent
//! (B7): nothing comes any more, and nobody hears that it won't.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// The message by which the driver commits.
const COMMIT: &[u8] = b"Q\x00\x00\x00\x0bCOMMIT\x00";
/// How the server says that it has.
const COMMITTED: &[u8] = b"COMMIT\x00";
const CHUNK: usize = 16 * 1024;

/// When the wire breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Before the server hears of the COMMIT.
    Before,
    /// When it has committed and the caller has not heard so.
    After,
}

/// The wire. Every process goes through it; it is whole unless it is told to break.
#[derive(Clone)]
pub struct Wire {
    port: u16,
    server: Arc<str>,
    next: Arc<Mutex<Option<Cut>>>,
    made: watch::Sender<u64>,
    before: Arc<AtomicU64>,
    /// How often it fell silent; each connection made before is dead since.
    silences: watch::Sender<u64>,
}

impl Wire {
    /// A wire to the server at `postgres://user@host:port`.
    ///
    /// # Errors
    /// If there is no port for it.
    pub async fn to(server: &str) -> anyhow::Result<Self> {
        let (_, address) = server.rsplit_once('@').context("user@host:port")?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let wire = Self {
            port: listener.local_addr()?.port(),
            server: address.into(),
            next: Arc::default(),
            made: watch::Sender::new(0),
            before: Arc::default(),
            silences: watch::Sender::new(0),
        };
        let all = wire.clone();
        tokio::spawn(async move {
            while let Ok((caller, _)) = listener.accept().await {
                let wire = all.clone();
                // Whatever ends it, both sides see their connection close.
                tokio::spawn(async move { wire.carry(caller).await });
            }
        });
        Ok(wire)
    }

    /// The URL of a database of the server, by way of this wire.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// Breaks at the next COMMIT, and waits until it has.
    ///
    /// # Errors
    /// If nobody commits any more.
    pub async fn cut(&self, how: Cut) -> anyhow::Result<()> {
        let mut made = self.made.subscribe();
        let target = *made.borrow() + 1;
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = Some(how);
        made.wait_for(|made| *made >= target).await?;
        Ok(())
    }

    /// From now on nothing gets through over any connection that there is, and each stays open. New ones
    /// are carried as ever.
    pub fn fall_silent(&self) {
        self.silences.send_modify(|silences| *silences += 1);
    }

    /// How often it broke, and how often of these before the COMMIT.
    #[must_use]
    pub fn cuts(&self) -> (u64, u64) {
        (*self.made.borrow(), self.before.load(Ordering::SeqCst))
    }

    fn due(&self, sent: &[u8]) -> Option<Cut> {
        if !contains(sent, COMMIT) {
            return None;
        }
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        next.take()
    }

    fn is_broken(&self, how: Cut) {
        self.before
            .fetch_add(u64::from(how == Cut::Before), Ordering::SeqCst);
        self.made.send_modify(|made| *made += 1);
    }

    async fn carry(&self, mut caller: TcpStream) -> std::io::Result<()> {
        let mut silences = self.silences.subscribe();
        let mut server = TcpStream::connect(&*self.server).await?;
        caller.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let (mut asked, mut answered) = (vec![0; CHUNK], vec![0; CHUNK]);
        loop {
            tokio::select! {
                read = caller.read(&mut asked) => {
                    let sent = &asked[..read?];
                    if sent.is_empty() {
                        return Ok(());
                    }
                    match self.due(sent) {
                        None => server.write_all(sent).await?,
                        Some(how) => return self.break_at(how, sent, &mut server).await,
                    }
                }
                read = server.read(&mut answered) => {
                    let came = &answered[..read?];
                    if came.is_empty() {
                        return Ok(());
                    }
                    caller.write_all(came).await?;
                }
                _ = silences.changed() => return swallow(caller, server).await,
            }
        }
    }

    async fn break_at(&self, how: Cut, sent: &[u8], server: &mut TcpStream) -> std::io::Result<()> {
        if how == Cut::After {
            server.write_all(sent).await?;
            let (mut heard, mut chunk) = (Vec::new(), vec![0; CHUNK]);
            while !contains(&heard, COMMITTED) {
                let read = server.read(&mut chunk).await?;
                if read == 0 {
                    break;
                }
                heard.extend_from_slice(&chunk[..read]);
            }
        }
        self.is_broken(how);
        Ok(())
    }
}

/// Takes what the caller sends for as long as they believe in it.
async fn swallow(mut caller: TcpStream, _server: TcpStream) -> std::io::Result<()> {
    let mut sent = vec![0; CHUNK];
    while caller.read(&mut sent).await? > 0 {}
    Ok(())
}

fn contains(all: &[u8], wanted: &[u8]) -> bool {
    all.windows(wanted.len()).any(|some| some == wanted)
}
