//! The spans of steps and events (R-EVT-7): codes and ids, nothing of what they carry.

use visits_bus::Envelope;
use visits_bus::topology::EVENTS;
use visits_trace::{Kind, Trace};

use crate::durable::Durable;

/// A step, in the trace of the task that makes it.
pub(crate) fn step(durable: &Durable, cause: &str) -> Trace {
    let attributes = [
        ("visits.service", durable.service()),
        ("visits.cause", cause),
    ];
    Trace::current().begin(Kind::Inner, format!("step {cause}"), &attributes)
}

/// What a timer or an effect makes: it may be days after the step that armed it, so that it is in
/// a trace of its own.
pub(crate) fn job(durable: &Durable, kind: &str) -> Trace {
    let attributes = [("visits.service", durable.service())];
    Trace::default().begin(Kind::Inner, format!("job {kind}"), &attributes)
}

/// A consumer's work on an event, in the trace of the step that said it.
pub(crate) fn heard(durable: &Durable, consumer: &str, envelope: &Envelope) -> Trace {
    about(
        durable,
        envelope,
        Kind::Event,
        &format!("process {consumer}"),
    )
}

/// The sending of events; the spans end when this is dropped.
pub(crate) fn sent(durable: &Durable, envelopes: &[Envelope]) -> Vec<Trace> {
    let traced = envelopes.iter().filter(|event| event.traceparent.is_some());
    traced
        .map(|event| {
            about(
                durable,
                event,
                Kind::Sending,
                &format!("publish {}", event.aggregate),
            )
        })
        .collect()
}

/// Both ends name the way by exchange and routing key, as the topology has it on whichever bus: so a
/// collector finds the sending and the hearing of a type together.
fn about(durable: &Durable, envelope: &Envelope, kind: Kind, name: &str) -> Trace {
    let id = envelope.id.to_string();
    let routing_key = envelope.event_type.as_str();
    let destination = format!("{EVENTS}:{routing_key}");
    let attributes = [
        ("visits.service", durable.service()),
        ("messaging.destination.name", destination.as_str()),
        ("messaging.rabbitmq.destination.routing_key", routing_key),
        ("messaging.message.id", id.as_str()),
        ("cloudevents.event_type", envelope.event_type.as_str()),
        ("cloudevents.event_subject", envelope.subject.as_str()),
    ];
    Trace::of(envelope.traceparent.as_deref()).begin(kind, name, &attributes)
}
