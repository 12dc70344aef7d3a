//! What can be done about a case on its page: who is offered what, and the request that a form
//! becomes. Offering is a courtesy; the service decides.

use tonic::Status;
use visits_core::Role;
use visits_proto::escalation::v1 as pb;
use visits_proto::escalation::v1::case::State;
use visits_proto::escalation::v1::duty_desk_call::Outcome;
use visits_proto::timestamp;

use crate::client::Escalation;
use crate::form::Filled;
use crate::problem::{Line, Problem};
use crate::session::Session;
use crate::words;

/// A form of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// The desk takes the case on.
    Acknowledge,
    /// The desk logs the inspector's call.
    Call,
    /// The Regional Director decides.
    Decide,
    /// An inspector starts the NFD.
    Start,
}

impl Action {
    const ALL: [Self; 4] = [Self::Acknowledge, Self::Call, Self::Decide, Self::Start];

    /// The last part of the address that its form is sent to.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledge",
            Self::Call => "call",
            Self::Decide => "decision",
            Self::Start => "start",
        }
    }

    pub(crate) fn from_path(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.path() == path)
    }

    /// What stands above its form.
    pub(crate) const fn heading(self) -> &'static str {
        match self {
            Self::Acknowledge => "Acknowledge this concern",
            Self::Call => "Log the inspector’s call",
            Self::Decide => "Your decision",
            Self::Start => "Start the NFD",
        }
    }

    /// What the page says once it is recorded.
    pub(crate) const fn done(self) -> &'static str {
        match self {
            Self::Acknowledge => "The duty desk has taken this case on.",
            Self::Call => "The inspector’s call is on the record.",
            Self::Decide => "The decision is taken.",
            Self::Start => "The NFD has started, and the clock is stopped.",
        }
    }

    /// What `session`'s user can do about `case` now.
    pub(crate) fn possible(case: &pb::Case, session: &Session) -> Option<Self> {
        let state = case.state();
        let is_undiscussed = case
            .concerns
            .iter()
            .any(|concern| !concern.discussed && concern.withdrawn_time.is_none());
        if session.has(Role::DutyDesk) {
            return match state {
                State::Open => Some(Self::Acknowledge),
                State::WithDutyDesk => Some(Self::Call),
                State::AwaitingDecision if is_undiscussed => Some(Self::Call),
                _ => None,
            };
        }
        if session.has(Role::RegionalDirector) {
            return (state == State::AwaitingDecision).then_some(Self::Decide);
        }
        (session.has(Role::Hmi) && state == State::NfdRequired).then_some(Self::Start)
    }

    /// Asks the service for it.
    pub(crate) async fn send(
        self,
        mut client: Escalation,
        name: &str,
        filled: &Filled,
    ) -> Result<(), Problem> {
        let sent = match self {
            Self::Acknowledge => client.acknowledge_case(acknowledge(name, filled)).await,
            Self::Call => client.log_duty_desk_call(call(name, filled)?).await,
            Self::Decide => client.decide_nfd(decide(name, filled)).await,
            Self::Start => client.start_nfd(start(name, filled)).await,
        };
        sent.map(drop)
            .map_err(|status: Status| Problem::of(&status))
    }
}

fn acknowledge(name: &str, filled: &Filled) -> pb::AcknowledgeCaseRequest {
    pb::AcknowledgeCaseRequest {
        name: name.to_owned(),
        request_id: filled.get("request_id").to_owned(),
        etag: filled.get("etag").to_owned(),
        note: filled.get("note").to_owned(),
    }
}

/// The two grounds are checked beside the script: a decision is sought on these and no others
/// (M26).
fn call(name: &str, filled: &Filled) -> Result<pb::LogDutyDeskCallRequest, Problem> {
    let outcome = match filled.get("outcome") {
        "seek-decision" => Outcome::SeekDecision,
        "not-significant" => Outcome::NotSignificant,
        _ => Outcome::Unspecified,
    };
    let called = words::instant(
        filled.get("called_day"),
        filled.get("called_month"),
        filled.get("called_year"),
        filled.get("called_time"),
    );
    let grounds = match (filled.get("grounds"), outcome) {
        ("neither", Outcome::SeekDecision) => Some(
            "A decision can be sought only for safeguarding, or a breakdown in leadership and \
             management",
        ),
        ("one-of-the-two" | "neither", _) => None,
        _ => Some("Select whether the concern is on one of the two grounds"),
    };
    let lines = wrong(filled, outcome, grounds);
    if !lines.is_empty() {
        return Err(Problem::found(lines));
    }
    let inspector = filled.get("inspector");
    Ok(pb::LogDutyDeskCallRequest {
        name: name.to_owned(),
        request_id: filled.get("request_id").to_owned(),
        etag: filled.get("etag").to_owned(),
        inspector: format!("inspectors/{inspector}"),
        called_time: called.ok().map(timestamp),
        summary: filled.get("summary").to_owned(),
        outcome: i32::from(outcome),
    })
}

/// What is wrong with a form that isn't sent on: everything at once, in the page's order. The
/// service would say of the call's instant as a whole what is wrong with its day or its time.
fn wrong(filled: &Filled, outcome: Outcome, grounds: Option<&str>) -> Vec<Line> {
    let [day, month, year] =
        ["called_day", "called_month", "called_year"].map(|field| filled.get(field));
    let has_time = words::is_time(filled.get("called_time"));
    let found = [
        (
            "inspector",
            filled.get("inspector").is_empty(),
            "Select the inspector who called",
        ),
        (
            "called_day",
            words::instant(day, month, year, "12:00").is_err(),
            "Enter the day of the call, such as 23 10 2020",
        ),
        (
            "called_time",
            !has_time,
            "Enter the time of the call, such as 2:20pm",
        ),
        ("grounds", grounds.is_some(), grounds.unwrap_or_default()),
        (
            "summary",
            filled.get("summary").trim().is_empty(),
            "Enter what was said",
        ),
        (
            "outcome",
            outcome == Outcome::Unspecified,
            "Select what is to follow",
        ),
    ];
    let found = found.into_iter().filter(|(_, is_wrong, _)| *is_wrong);
    let lines = found.map(|(field, _, words)| Line {
        field: field.to_owned(),
        words: words.to_owned(),
    });
    lines.collect()
}

fn decide(name: &str, filled: &Filled) -> pb::DecideNfdRequest {
    pb::DecideNfdRequest {
        name: name.to_owned(),
        request_id: filled.get("request_id").to_owned(),
        etag: filled.get("etag").to_owned(),
        required: match filled.get("required") {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        },
        rationale: filled.get("rationale").to_owned(),
    }
}

fn start(name: &str, filled: &Filled) -> pb::StartNfdRequest {
    pb::StartNfdRequest {
        name: name.to_owned(),
        request_id: filled.get("request_id").to_owned(),
        etag: filled.get("etag").to_owned(),
        straight_away: filled.get("how") != "as-planned",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(fields: &[(&str, &str)]) -> Filled {
        let mut filled = Filled::default();
        for (field, value) in fields {
            filled.set(field, *value);
        }
        filled
    }

    #[test]
    fn m26_a_call_on_neither_ground_seeks_no_decision() {
        let neither = form(&[("grounds", "neither"), ("outcome", "seek-decision")]);
        let problem = call("cases/1", &neither).expect_err("refused");
        let said = problem.about("grounds").expect("said");
        assert!(said.contains("only for safeguarding"), "{said}");
        let neither = form(&[("grounds", "neither"), ("outcome", "not-significant")]);
        let problem = call("cases/1", &neither).expect_err("its other fields are empty");
        assert_eq!(problem.about("grounds"), None);
    }

    #[test]
    fn r_con_27_an_empty_call_is_told_everything_at_once() {
        let problem = call("cases/1", &form(&[])).expect_err("refused");
        let fields: Vec<_> = problem
            .lines
            .iter()
            .map(|line| line.field.as_str())
            .collect();
        let expected = [
            "inspector",
            "called_day",
            "called_time",
            "grounds",
            "summary",
            "outcome",
        ];
        assert_eq!(fields, expected);
    }

    #[test]
    fn silence_is_no_decision() {
        assert_eq!(decide("cases/1", &form(&[])).required, None);
        assert_eq!(
            decide("cases/1", &form(&[("required", "no")])).required,
            Some(false)
        );
    }
}
