//! The trace that a piece of work belongs to: from a call over its step and its events to the steps
//! of the services that hear them (R-EVT-7).
//!
//! Between processes a trace travels as the `traceparent` of W3C Trace Context; within one it is
//! with the task, and [`Trace::within`] puts it there. Where nobody collects spans, as is the
//! default, a trace that came with a call is handed on all the same, and none begins of its own.
//! Names and attributes are codes and ids, never what a request says.

mod traceparent;

use opentelemetry::context::FutureExt as _;
use opentelemetry::trace::{SpanKind, TraceContextExt as _, Tracer as _};
use opentelemetry::{Context, KeyValue, global};

/// The name of the header, on calls and on the bus.
pub const HEADER: &str = "traceparent";

/// Who made our spans, as a collector shows it.
const TRACER: &str = "visits";

/// What a span is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A call that a service answers.
    Call,
    /// An event on its way out.
    Sending,
    /// An event that a service heard.
    Event,
    /// Work inside a service.
    Inner,
}

/// A place in a trace, or none.
#[derive(Clone, Debug, Default)]
pub struct Trace(Context);

impl Trace {
    /// Where the present task is.
    #[must_use]
    pub fn current() -> Self {
        Self(Context::current())
    }

    /// Where whoever sent this `traceparent` was. One that is malformed counts as none: a stranger's
    /// header must not fail a call.
    #[must_use]
    pub fn of(traceparent: Option<&str>) -> Self {
        let sender = traceparent.and_then(traceparent::read);
        Self(sender.map_or_else(Context::new, |sender| {
            Context::new().with_remote_span_context(sender)
        }))
    }

    /// How this place is told to others; none if it is in no trace.
    #[must_use]
    pub fn traceparent(&self) -> Option<String> {
        traceparent::written(self.0.span().span_context())
    }

    /// A span that begins now, under this place.
    #[must_use]
    pub fn begin(
        &self,
        kind: Kind,
        name: impl Into<String>,
        attributes: &[(&'static str, &str)],
    ) -> Self {
        let kind = match kind {
            Kind::Call => SpanKind::Server,
            Kind::Sending => SpanKind::Producer,
            Kind::Event => SpanKind::Consumer,
            Kind::Inner => SpanKind::Internal,
        };
        let attributes = attributes
            .iter()
            .map(|(key, value)| KeyValue::new(*key, (*value).to_owned()));
        let tracer = global::tracer(TRACER);
        let span = tracer
            .span_builder(name.into())
            .with_kind(kind)
            .with_attributes(attributes)
            .start_with_context(&tracer, &self.0);
        Self(self.0.with_span(span))
    }

    /// Says more about the span of this place.
    pub fn note(&self, key: &'static str, value: &str) {
        let value = KeyValue::new(key, value.to_owned());
        self.0.span().set_attribute(value);
    }

    /// Does `work` here, and ends the span of this place with it.
    pub async fn within<F: Future>(self, work: F) -> F::Output {
        let outcome = work.with_context(self.0.clone()).await;
        self.0.span().end();
        outcome
    }
}

/// `work` for a task of its own, where the present task is.
pub fn carried<F: Future>(work: F) -> impl Future<Output = F::Output> + use<F> {
    work.with_current_context()
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context as Task, Poll, Waker};

    use super::*;

    const SENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn run<F: Future>(work: F) -> F::Output {
        let mut task = Task::from_waker(Waker::noop());
        match pin!(work).poll(&mut task) {
            Poll::Ready(outcome) => outcome,
            Poll::Pending => panic!("nothing here waits"),
        }
    }

    #[test]
    fn a_trace_is_handed_on_where_nobody_collects_spans() {
        let call = Trace::of(Some(SENT)).begin(Kind::Call, "a call", &[]);
        let seen = run(call.within(async { carried(async { Trace::current() }).await }));
        assert_eq!(seen.traceparent().as_deref(), Some(SENT));
    }

    #[test]
    fn none_begins_of_its_own_and_none_is_left_behind() {
        let alone = Trace::of(None).begin(Kind::Inner, "a step", &[]);
        assert_eq!(alone.traceparent(), None);
        run(Trace::of(Some(SENT)).within(async {}));
        assert_eq!(Trace::current().traceparent(), None);
    }
}
