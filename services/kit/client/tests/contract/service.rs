//! A service as a test wants it: a real server on a port, whose answers are given one by one.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt as _, StreamBody};
use prost::Message;
use prost::bytes::{BufMut as _, Bytes, BytesMut};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tonic::Status;
use tonic::body::Body;
use tonic::server::NamedService;
use tower::Service;

const GRPC_STATUS: http::HeaderName = http::HeaderName::from_static("grpc-status");

type Frame = http_body::Frame<Bytes>;
type Open = mpsc::Sender<Result<Frame, Status>>;

/// How a call is answered.
pub enum Answer {
    /// With one message.
    Message(Bytes),
    /// With these messages, and a stream that stays open until it is cut.
    Stream(Vec<Bytes>),
    /// With a refusal.
    Refused(Status),
    /// Not at all.
    Never,
}

impl Answer {
    /// One message, and all is well.
    pub fn one(message: &impl Message) -> Self {
        Self::Message(framed(message))
    }

    /// These messages, and a stream that stays open until it is cut.
    pub fn stream(messages: &[impl Message]) -> Self {
        Self::Stream(messages.iter().map(framed).collect())
    }
}

/// What a call brought.
#[derive(Clone, Debug)]
pub struct Asked {
    pub headers: HeaderMap,
    message: Bytes,
}

impl Asked {
    pub fn message<M: Message + Default>(&self) -> M {
        M::decode(self.message.slice(5..)).expect("a request")
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().expect("text")
    }
}

/// The service. A clone is the same one.
#[derive(Clone, Default)]
pub struct FakeService {
    answers: Arc<Mutex<VecDeque<Answer>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
    open: Arc<Mutex<Option<Open>>>,
}

impl FakeService {
    /// Serves these answers, one a call; where.
    pub async fn serve(answers: impl IntoIterator<Item = Answer>) -> (Self, String) {
        let service = Self {
            answers: Arc::new(Mutex::new(answers.into_iter().collect())),
            ..Self::default()
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("port");
        let address = format!("http://{}", listener.local_addr().expect("address"));
        let server = tonic::transport::Server::builder().add_service(service.clone());
        tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
        (service, address)
    }

    /// The stream that was opened last is lost.
    pub fn cut(&self) {
        let open = self.open.lock().expect("lock").take();
        let lost = Err(Status::unavailable("cut"));
        let sent = open.expect("a stream").try_send(lost);
        sent.expect("somebody reads it");
    }

    /// The calls so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("lock").clone()
    }
}

impl NamedService for FakeService {
    const NAME: &'static str = "ofsted.visits.escalation.v1.EscalationService";
}

impl Service<Request<Body>> for FakeService {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let service = self.clone();
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let message = body.collect().await.expect("a body").to_bytes();
            let headers = parts.headers;
            let asked = Asked { headers, message };
            service.asked.lock().expect("lock").push(asked);
            let next = service.answers.lock().expect("lock").pop_front();
            let (frames, answer) = mpsc::channel(16);
            let send = |frame| frames.try_send(Ok(frame)).expect("room");
            match next.expect("a call too many") {
                Answer::Refused(status) => return Ok(status.into_http()),
                Answer::Never => std::future::pending().await,
                Answer::Message(message) => {
                    send(Frame::data(message));
                    let code = http::HeaderValue::from_static("0");
                    let trailers = HeaderMap::from_iter([(GRPC_STATUS, code)]);
                    send(Frame::trailers(trailers));
                }
                Answer::Stream(messages) => {
                    messages.into_iter().map(Frame::data).for_each(send);
                    *service.open.lock().expect("lock") = Some(frames);
                }
            }
            let body = StreamBody::new(ReceiverStream::new(answer));
            let mut answer = Response::new(Body::new(body));
            let grpc = http::HeaderValue::from_static("application/grpc");
            answer.headers_mut().insert("content-type", grpc);
            Ok(answer)
        })
    }
}

fn framed(message: &impl Message) -> Bytes {
    let encoded = message.encode_to_vec();
    let mut frame = BytesMut::new();
    frame.put_u8(0);
    frame.put_u32(u32::try_from(encoded.len()).expect("short"));
    frame.put_slice(&encoded);
    frame.freeze()
}
