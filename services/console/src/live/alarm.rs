//! Which events sound at whose console, and in which words. An alarm is only what its hearer must act
//! on; nothing about a closed case is (R-CON-10).

use visits_core::Role;
use visits_proto::escalation::v1::CaseEvent;
use visits_proto::escalation::v1::case::State;
use visits_proto::escalation::v1::case_event::Event;

use crate::session::Session;

/// How an event sounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alarm {
    /// Again and again, until somebody acknowledges the case.
    Ring,
    /// Once.
    Notice,
    /// Not at all.
    Silent,
}

impl Alarm {
    /// As the module reads it.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Ring => "ring",
            Self::Notice => "notice",
            Self::Silent => "",
        }
    }
}

/// How `event` sounds at the console of `session`'s user.
pub(super) fn of(event: &CaseEvent, session: &Session) -> Alarm {
    let Some(what) = &event.event else {
        return Alarm::Silent;
    };
    for_roles(what, event.state(), |role| session.has(role))
}

fn for_roles(what: &Event, state: State, has: impl Fn(Role) -> bool) -> Alarm {
    let is_desk = has(Role::DutyDesk);
    let is_director = has(Role::RegionalDirector);
    match what {
        Event::ConcernRaised(_) if is_desk && state == State::Open => Alarm::Ring,
        Event::ConcernRaised(_) | Event::NextStepOverdue(_) | Event::DeskUnwatched(_)
            if is_desk =>
        {
            Alarm::Notice
        }
        Event::DecisionRequested(_) | Event::DecisionReminder(_) if is_director => Alarm::Notice,
        Event::DecisionOverdue(_)
        | Event::NfdDeadlineWarning(_)
        | Event::NfdDeadlineBreached(_)
        | Event::ConversionLimitExceeded(_)
            if is_desk || is_director =>
        {
            Alarm::Notice
        }
        _ => Alarm::Silent,
    }
}

/// What happened, in words.
pub(super) const fn words(event: &CaseEvent) -> &'static str {
    match &event.event {
        Some(Event::ConcernRaised(_)) => "New concern",
        Some(Event::NextStepOverdue(_)) => "No call is logged yet",
        Some(Event::DeskUnwatched(_)) => "A case waits and nobody watches",
        Some(Event::DecisionRequested(_)) => "A decision is sought",
        Some(Event::DecisionReminder(_)) => "Half of the time to decide is gone",
        Some(Event::DecisionOverdue(_)) => "The decision is overdue",
        Some(Event::NfdDeadlineWarning(_)) => "The deadline of an NFD comes near",
        Some(Event::NfdDeadlineBreached(_)) => "The deadline of an NFD has passed",
        Some(Event::ConversionLimitExceeded(_)) => "More visits turn into NFDs than the limit",
        _ => "A case has changed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use visits_proto::escalation::v1 as pb;

    fn at(role: Role) -> impl Fn(Role) -> bool {
        move |asked| asked == role
    }

    #[test]
    fn r_con_4_r_con_11_a_concern_rings_at_the_desk_until_it_is_acknowledged() {
        let raised = Event::ConcernRaised(pb::ConcernRaised::default());
        let at_the_desk = |state| for_roles(&raised, state, at(Role::DutyDesk));
        assert_eq!(at_the_desk(State::Open), Alarm::Ring);
        assert_eq!(at_the_desk(State::AwaitingDecision), Alarm::Notice);
        let acknowledged = Event::ConcernAcknowledged(pb::ConcernAcknowledged::default());
        let silent = for_roles(&acknowledged, State::WithDutyDesk, at(Role::DutyDesk));
        assert_eq!(silent, Alarm::Silent);
    }

    #[test]
    fn r_con_9_an_alert_that_comes_again_sounds_at_the_desk_and_nowhere_else() {
        let overdue = Event::NextStepOverdue(pb::NextStepOverdue::default());
        let state = State::WithDutyDesk;
        assert_eq!(
            for_roles(&overdue, state, at(Role::DutyDesk)),
            Alarm::Notice
        );
        for role in [Role::RegionalDirector, Role::Hmi] {
            assert_eq!(for_roles(&overdue, state, at(role)), Alarm::Silent);
        }
    }

    #[test]
    fn who_must_act_is_who_hears_it() {
        let sought = Event::DecisionRequested(pb::DecisionRequested::default());
        let state = State::AwaitingDecision;
        let director = for_roles(&sought, state, at(Role::RegionalDirector));
        assert_eq!(director, Alarm::Notice);
        assert_eq!(for_roles(&sought, state, at(Role::DutyDesk)), Alarm::Silent);
        let raised = Event::ConcernRaised(pb::ConcernRaised::default());
        assert_eq!(
            for_roles(&raised, State::Open, at(Role::Hmi)),
            Alarm::Silent
        );
    }

    #[test]
    fn m34_conversions_above_the_limit_are_heard_by_the_desk_and_by_the_director() {
        let above = Event::ConversionLimitExceeded(pb::ConversionLimitExceeded::default());
        for role in [Role::DutyDesk, Role::RegionalDirector] {
            let alarm = for_roles(&above, State::NfdRequired, at(role));
            assert_eq!(alarm, Alarm::Notice);
        }
    }
}
