//! An event of the feed as the watch sends it: the message as on the bus, with its place.

use prost::Name as _;
use visits_bus::Envelope;
use visits_core::Fault;
use visits_proto::escalation::v1 as wire;
use visits_proto::escalation::v1::case_event::Event;
use visits_proto::timestamp;

macro_rules! read_one_of {
    ($envelope:ident: $($message:ident),+ $(,)?) => {
        $(
            if $envelope.event_type == wire::$message::full_name() {
                let message: wire::$message = $envelope.decode()?;
                return Ok(Some((message.state, Event::$message(message))));
            }
        )+
    };
}

/// The message of an event about a case and the state that it left; none if it is another's.
fn message(envelope: &Envelope) -> Result<Option<(i32, Event)>, Fault> {
    read_one_of!(envelope:
        ConcernRaised,
        ConcernAcknowledged,
        ConcernWithdrawn,
        DutyDeskCallLogged,
        DecisionRequested,
        DecisionReminder,
        DecisionOverdue,
        NfdDecided,
        NfdPlanned,
        NfdDeadlineWarning,
        NfdDeadlineBreached,
        NfdStarted,
        NfdCompleted,
        Section5Recommended,
        CaseNoted,
        CaseAssigned,
        NextStepAlertSet,
        NextStepOverdue,
        DeskUnwatched,
        ConversionLimitExceeded,
    );
    Ok(None)
}

/// The event as the watch sends it, still without its resume token.
pub(super) fn case_event(envelope: &Envelope) -> Result<Option<wire::CaseEvent>, Fault> {
    Ok(message(envelope)?.map(|(state, event)| wire::CaseEvent {
        event_id: envelope.id.to_string(),
        position: envelope.position,
        resume_token: String::new(),
        case: envelope.subject.clone(),
        actor: envelope.actor.clone(),
        occurred_time: Some(timestamp(envelope.occurred_at)),
        recorded_time: Some(timestamp(envelope.recorded_at)),
        state,
        event: Some(event),
    }))
}
