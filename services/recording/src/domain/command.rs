//! What can be asked of a record: by an inspector, by scheduling, by an event, by a timer.

use jiff::Timestamp;
use uuid::Uuid;

use super::answer::Response;
use super::record::{Briefing, Gap};
use super::topic::{Area, SpokenTo};

/// A command. An instant that is `None` means the present.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// The inspectors arrive, or the conversations begin (M19).
    Start {
        /// When.
        at: Option<Timestamp>,
        /// Why it is late; empty where it isn't.
        late_note: String,
    },
    /// A discussion begins (M20).
    OpenDiscussion {
        /// What it is about.
        area: Area,
        /// With whom, by role.
        spoken_to: Vec<SpokenTo>,
        /// When.
        at: Option<Timestamp>,
    },
    /// A discussion ends.
    CloseDiscussion {
        /// Which.
        discussion: Uuid,
        /// When.
        at: Option<Timestamp>,
    },
    /// Answers are written down (M21, M22).
    RecordAnswers {
        /// The discussion in which they were given.
        discussion: Uuid,
        /// The answers: all or none.
        answers: Vec<NewAnswer>,
    },
    /// A follow-up is written down beneath the question asked (M21).
    RecordFollowUp {
        /// The answer beneath which it belongs.
        beneath: Uuid,
        /// The follow-up as asked.
        question: String,
        /// What was said.
        response: Response,
        /// When.
        given_at: Option<Timestamp>,
    },
    /// An answer or a follow-up is corrected (M22).
    CorrectAnswer {
        /// Which.
        answer: Uuid,
        /// What is right.
        response: Response,
        /// Why.
        reason: String,
    },
    /// The conversation for which executive leaders asked was held (M12).
    HoldExecutiveConversation {
        /// When.
        at: Option<Timestamp>,
    },
    /// It could not be held (M12).
    ExplainUnmetConversation {
        /// Why.
        reason: String,
    },
    /// The inspectors leave, or the conversations end (M25).
    RecordDeparture {
        /// When.
        at: Option<Timestamp>,
        /// Why it is late or at home time; empty where it isn't.
        reason: String,
    },
    /// The letter's content is agreed with the school (M24).
    AgreeContent {
        /// The points, in the order of the letter.
        points: Vec<NewPoint>,
        /// With whom, by role.
        agreed_with: SpokenTo,
    },
    /// The school was asked for feedback on the visit (M24).
    RecordFeedback {
        /// Its words; `None` if it offered none.
        text: Option<String>,
    },
    /// The lead completes the visit.
    Complete {
        /// Why each unasked question was not asked.
        gaps: Vec<Gap>,
    },
    /// Scheduling says what it knows about the visit.
    Brief {
        /// The school's URN.
        school: String,
        /// What it knows.
        briefing: Box<Briefing>,
        /// Whether the visit may start.
        ready: bool,
    },
    /// Scheduling has cancelled the visit.
    Cancel,
    /// The Regional Director decided that an NFD is necessary (M30).
    Stop {
        /// The school's URN.
        school: String,
        /// The instant of the decision.
        decided_at: Timestamp,
        /// The case, as a resource name.
        case: String,
    },
    /// A letter of the visit was published: access ends some working days later (M11).
    NoteLetterPublished {
        /// When.
        published_at: Timestamp,
    },
    /// The timer for the end of access has come.
    EndAccess,
}

/// An answer to write down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAnswer {
    /// The question's code.
    pub question_code: String,
    /// What was said.
    pub response: Response,
    /// When.
    pub given_at: Option<Timestamp>,
}

/// A point of the letter's content to agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPoint {
    /// Its area.
    pub area: Area,
    /// What the school does.
    pub text: String,
}

impl Command {
    /// The command's name in the audit.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Start { .. } => "StartVisit",
            Self::OpenDiscussion { .. } => "OpenDiscussion",
            Self::CloseDiscussion { .. } => "CloseDiscussion",
            Self::RecordAnswers { .. } => "RecordAnswers",
            Self::RecordFollowUp { .. } => "RecordFollowUp",
            Self::CorrectAnswer { .. } => "CorrectAnswer",
            Self::HoldExecutiveConversation { .. } => "HoldExecutiveConversation",
            Self::ExplainUnmetConversation { .. } => "ExplainUnmetConversation",
            Self::RecordDeparture { .. } => "RecordDeparture",
            Self::AgreeContent { .. } => "AgreeLetterContent",
            Self::RecordFeedback { .. } => "RecordSchoolFeedback",
            Self::Complete { .. } => "CompleteVisit",
            Self::Brief { .. } => "Brief",
            Self::Cancel => "Cancel",
            Self::Stop { .. } => "Stop",
            Self::NoteLetterPublished { .. } => "NoteLetterPublished",
            Self::EndAccess => "EndAccess",
        }
    }
}
