//! A listener inside the process: the services of the embedded default talk to each other over
//! HTTP/2 as they would over a network, without a port.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::Stream;
use hyper_util::rt::TokioIo;
use tokio::io::DuplexStream;
use tokio::sync::mpsc;
use tonic::transport::{Channel, Endpoint, Uri};
use tower::Service;

/// Connections that wait to be accepted.
const BACKLOG: usize = 64;
/// Bytes under way in each direction of a connection.
const BUFFER_BYTES: usize = 64 * 1024;

/// Accepts connections from within the process. Clones share their channel's way in.
#[derive(Debug)]
pub struct LocalListener {
    connector: Connector,
    incoming: mpsc::Receiver<DuplexStream>,
}

impl LocalListener {
    /// A listener that nobody has connected to yet.
    #[must_use]
    pub fn new() -> Self {
        let (sender, incoming) = mpsc::channel(BACKLOG);
        Self {
            connector: Connector { sender },
            incoming,
        }
    }

    /// A channel to whatever will be served on this listener. It connects at its first call, and
    /// again after a connection broke.
    #[must_use]
    pub fn channel(&self) -> Channel {
        Endpoint::from_static("http://in-process")
            .connect_with_connector_lazy(self.connector.clone())
    }

    /// The connections, for `serve_with_incoming`.
    #[must_use]
    pub fn into_incoming(self) -> LocalIncoming {
        LocalIncoming {
            incoming: self.incoming,
        }
    }
}

impl Default for LocalListener {
    fn default() -> Self {
        Self::new()
    }
}

/// The accepted connections of a [`LocalListener`].
#[derive(Debug)]
pub struct LocalIncoming {
    incoming: mpsc::Receiver<DuplexStream>,
}

impl Stream for LocalIncoming {
    type Item = Result<DuplexStream, io::Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.incoming.poll_recv(cx).map(|stream| stream.map(Ok))
    }
}

#[derive(Clone, Debug)]
struct Connector {
    sender: mpsc::Sender<DuplexStream>,
}

impl Service<Uri> for Connector {
    type Response = TokioIo<DuplexStream>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, io::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), io::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let sender = self.sender.clone();
        Box::pin(async move {
            let (ours, theirs) = tokio::io::duplex(BUFFER_BYTES);
            sender
                .send(theirs)
                .await
                .map_err(|_| io::Error::from(io::ErrorKind::ConnectionRefused))?;
            Ok(TokioIo::new(ours))
        })
    }
}
