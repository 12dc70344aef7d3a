//! The record of one visit: where it stands, and everything that was written down.

use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use visits_core::london;

use super::answer::{Answer, Statement};
use super::topic::{Area, Mode, SpokenTo};

visits_core::typed_id!(
    /// Identifies a visit, and its record.
    VisitId
);

/// Where a record stands: `awaiting_arrival → on_visit → departed → complete`, or `stopped` from
/// any of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Nobody has arrived.
    AwaitingArrival,
    /// The inspectors are at the school, or in conversation with it.
    OnVisit,
    /// They have left, or the conversations have ended.
    Departed,
    /// The lead has completed the visit.
    Complete,
    /// It was turned into an NFD (M30).
    Stopped,
}

impl Stage {
    /// Every stage.
    pub const ALL: [Self; 5] = [
        Self::AwaitingArrival,
        Self::OnVisit,
        Self::Departed,
        Self::Complete,
        Self::Stopped,
    ];

    /// The stage's name in the store, in filters and in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AwaitingArrival => "awaiting_arrival",
            Self::OnVisit => "on_visit",
            Self::Departed => "departed",
            Self::Complete => "complete",
            Self::Stopped => "stopped",
        }
    }
}

/// Whether scheduling says that the visit may start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Readiness {
    /// Not, or not any more: a change of mode or date takes it back until it is ready again.
    NotReady,
    /// It may start.
    Ready,
    /// The visit was cancelled.
    Cancelled,
}

/// What scheduling knows about the visit, as fetched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Briefing {
    /// The date of the visit.
    pub visit_date: Date,
    /// On site or remote.
    pub mode: Mode,
    /// The lead inspector's code.
    pub lead: String,
    /// The whole team's codes, the lead's included.
    pub inspectors: Vec<String>,
    /// The school's system of controls; empty until it was recorded (M6).
    pub controls: Vec<Control>,
    /// When pupils leave (M25).
    pub home_time: Option<HomeTime>,
    /// The planned departure (M25).
    pub planned_departure: Option<Time>,
    /// The conversation for which executive leaders asked (M12).
    pub executive_request: Option<ExecutiveRequest>,
    /// The version of the form that was planned; empty where the date decides.
    pub planned_form: String,
}

/// One measure of the system of controls (M6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Control {
    /// What it is about: `VISITORS`.
    pub topic: String,
    /// The arrangement, as the school said it.
    pub arrangement: String,
}

/// When pupils leave, by the clock of England (M25).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HomeTime {
    /// The first pupils leave.
    pub from: Time,
    /// The last pupils have left.
    pub until: Time,
}

impl HomeTime {
    /// Whether pupils are leaving at `time`.
    #[must_use]
    pub fn contains(self, time: Time) -> bool {
        (self.from..=self.until).contains(&time)
    }
}

/// Executive leaders asked for a conversation (M12).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExecutiveRequest {
    /// Who asked, by role: `TRUST_CHIEF_EXECUTIVE`.
    pub leader_role: String,
    /// The slot planned for it.
    pub planned_at: Option<Timestamp>,
}

/// What became of the executive leaders' request (M12).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExecutiveConversation {
    /// It was held.
    Held(Timestamp),
    /// It could not be held, and why.
    Unmet(String),
}

/// A discussion with somebody at the school.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discussion {
    /// Identifies it.
    pub id: Uuid,
    /// What it is about (M20).
    pub area: Area,
    /// With whom, by role.
    pub spoken_to: Vec<SpokenTo>,
    /// Who opened it.
    pub inspector: String,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
}

/// The arrival, or the start of the conversations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// When.
    pub at: Timestamp,
    /// Why it was late; empty where it wasn't (M19).
    pub late_note: String,
}

/// The departure, or the end of the conversations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Departure {
    /// When.
    pub at: Timestamp,
    /// Why it was late or at home time; empty where it wasn't (M25).
    pub reason: String,
}

/// The stop of a visit that was turned into an NFD (M30).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// The instant of the decision.
    pub decided_at: Timestamp,
    /// When it was heard of here.
    pub heard_at: Timestamp,
    /// The case that was decided, as a resource name.
    pub case: String,
}

/// One agreement on the letter's content (M24).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreement {
    /// 1 for the first, one more for each later one.
    pub version: i32,
    /// The points, in the order of the letter.
    pub points: Vec<Point>,
    /// With whom, by role.
    pub agreed_with: SpokenTo,
    /// When.
    pub agreed_at: Timestamp,
    /// Who recorded it.
    pub inspector: String,
}

/// One point of the letter's content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// Its area.
    pub area: Area,
    /// What the school does.
    pub text: String,
    /// The phrases that state a graded judgement: letters will refuse them (M5).
    pub flagged: Vec<String>,
}

/// What the school said about the visit (M24).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feedback {
    /// Its words; `None` if it was asked and offered none.
    pub text: Option<String>,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

/// A question that was not asked, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// The question's code.
    pub question_code: String,
    /// The lead's reason.
    pub reason: String,
}

/// The record of one visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The visit.
    pub visit: VisitId,
    /// The school's URN.
    pub school: String,
    /// Where it stands.
    pub stage: Stage,
    /// What scheduling says; `None` only where a stop was heard of before the visit was.
    pub briefing: Option<Briefing>,
    /// Whether scheduling says that it may start.
    pub readiness: Readiness,
    /// The version of the form that the visit began with and keeps (M8).
    pub form_version: Option<String>,
    /// The arrival.
    pub start: Option<Start>,
    /// The departure.
    pub departure: Option<Departure>,
    /// The discussions, in the order of their opening.
    pub discussions: Vec<Discussion>,
    /// The answers, in the order of their recording.
    pub answers: Vec<Answer>,
    /// What became of the executive leaders' request.
    pub executive: Option<ExecutiveConversation>,
    /// The agreements on the letter's content, oldest first.
    pub agreements: Vec<Agreement>,
    /// What the school said about the visit.
    pub feedback: Option<Feedback>,
    /// The questions left unasked by a complete visit.
    pub gaps: Vec<Gap>,
    /// When the lead completed the visit.
    pub completed_at: Option<Timestamp>,
    /// The stop.
    pub stop: Option<Stop>,
    /// When the team's access ends (M11).
    pub access_ends_at: Option<Timestamp>,
    /// When it ended.
    pub access_ended_at: Option<Timestamp>,
    /// When the record was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Record {
    /// A record of which nothing is known but that the visit exists.
    #[must_use]
    pub fn new(visit: VisitId, school: &str, now: Timestamp) -> Self {
        Self {
            visit,
            school: school.to_owned(),
            stage: Stage::AwaitingArrival,
            briefing: None,
            readiness: Readiness::NotReady,
            form_version: None,
            start: None,
            departure: None,
            discussions: Vec::new(),
            answers: Vec::new(),
            executive: None,
            agreements: Vec::new(),
            feedback: None,
            gaps: Vec::new(),
            completed_at: None,
            stop: None,
            access_ends_at: None,
            access_ended_at: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// The codes of the team's inspectors.
    #[must_use]
    pub fn team(&self) -> &[String] {
        self.briefing
            .as_ref()
            .map_or(&[], |briefing| &briefing.inspectors)
    }

    /// Whether `inspector` leads the visit.
    #[must_use]
    pub fn is_led_by(&self, inspector: &str) -> bool {
        self.briefing.as_ref().is_some_and(|b| b.lead == inspector)
    }

    /// Whether the team's access has ended (M11): the hour itself ends it, the timer only says so.
    #[must_use]
    pub fn access_has_ended(&self, now: Timestamp) -> bool {
        self.access_ended_at.is_some() || self.access_ends_at.is_some_and(|end| now >= end)
    }

    /// The version of the form to load for this record: the one it keeps, or the planned one.
    #[must_use]
    pub fn wanted_form(&self) -> Option<&str> {
        let planned = || {
            let planned = self.briefing.as_ref()?.planned_form.as_str();
            (!planned.is_empty()).then_some(planned)
        };
        self.form_version.as_deref().or_else(planned)
    }

    /// The last instant of the visit's one day, by the clock of England (M4).
    #[must_use]
    pub fn last_instant(&self) -> Option<Timestamp> {
        let next_day = self.briefing.as_ref()?.visit_date.tomorrow().ok()?;
        let midnight = london::instant(next_day, Time::midnight());
        midnight.checked_sub(SignedDuration::from_micros(1)).ok()
    }

    /// The discussion with that identifier.
    #[must_use]
    pub fn discussion(&self, id: Uuid) -> Option<&Discussion> {
        self.discussions.iter().find(|d| d.id == id)
    }

    /// The answer with that identifier.
    #[must_use]
    pub fn answer(&self, id: Uuid) -> Option<&Answer> {
        self.answers.iter().find(|answer| answer.id == id)
    }

    /// The answer that has that identifier, or a follow-up with it.
    #[must_use]
    pub fn answer_holding(&self, id: Uuid) -> Option<&Answer> {
        self.answers
            .iter()
            .find(|a| a.id == id || a.follow_ups.iter().any(|f| f.id == id))
    }

    /// Every statement: of the answers and of their follow-ups.
    pub(super) fn statements_mut(&mut self) -> impl Iterator<Item = &mut Statement> {
        self.answers.iter_mut().flat_map(|answer| {
            std::iter::once(&mut answer.statement)
                .chain(answer.follow_ups.iter_mut().map(|f| &mut f.statement))
        })
    }

    /// The statement with that identifier.
    pub(super) fn statement_mut(&mut self, id: Uuid) -> Option<&mut Statement> {
        self.answers.iter_mut().find_map(|answer| {
            if answer.id == id {
                return Some(&mut answer.statement);
            }
            let follow_up = answer.follow_ups.iter_mut().find(|f| f.id == id)?;
            Some(&mut follow_up.statement)
        })
    }
}
