//! Why a letter doesn't do what it was asked to: a closed list with stable reasons.

use visits_core::ErrorKind;
use visits_core::working_days::YearNotCovered;

use super::letter::State;

/// A rule that says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// M35.
    #[error(
        "the inspectors' departure is not on record; the letter is written once they have left the site"
    )]
    BeforeDeparture,
    /// M32.
    #[error("the NFD inspection is not complete; its letter is written after it")]
    BeforeNfdCompleted,
    /// M24.
    #[error("no content has been agreed with the school yet")]
    ContentNotAgreed,
    /// M30.
    #[error("the visit was converted or stopped; its interim letter is never published")]
    OfConvertedVisit,
    /// One letter of each kind a visit.
    #[error("this letter has been drafted already")]
    AlreadyDrafted,
    /// There is no such letter.
    #[error("there is no such letter")]
    NotDrafted,
    /// The text changes only while nobody else reads it.
    #[error("the school has the letter; wait for its reply")]
    WithSchool,
    /// M5.
    #[error("the letter states a graded judgement (\"{phrase}\"); a visit results in none")]
    StatesAJudgement {
        /// The words.
        phrase: String,
    },
    /// Letters name roles.
    #[error("the letter names a person (\"{phrase}\"); write the role instead")]
    NamesAPerson {
        /// The words.
        phrase: String,
    },
    /// The check can't decide.
    #[error("the text check marked \"{phrase}\"; change it or confirm that it is ordinary use")]
    MarksUnconfirmed {
        /// The words.
        phrase: String,
    },
    /// Only marks of this text can be confirmed.
    #[error("the text check has no mark {id} on this text")]
    NoSuchMark {
        /// The id that was given.
        id: String,
    },
    /// Nothing to read.
    #[error("the letter has no words: a title and at least one paragraph are needed")]
    Empty,
    /// M36.
    #[error("the school has not checked the letter for factual accuracy yet")]
    BeforeFactualCheck,
    /// M36.
    #[error("the letter has not been marked as ready")]
    NotReady,
    /// A reply needs a round.
    #[error("the letter is not with the school")]
    NotWithSchool,
    /// One reply a round.
    #[error("the round of the school's check is closed")]
    RoundClosed,
    /// M36.
    #[error("the school has until {until} to reply")]
    SchoolStillHasTime {
        /// The end of its time, as England's clocks say it.
        until: String,
    },
    /// M36.
    #[error("correction {number} of the school has no answer yet")]
    CorrectionUnanswered {
        /// Which.
        number: u32,
    },
    /// M36.
    #[error("a correction was accepted, but the text has not changed since the school read it")]
    CorrectionNotMade,
    /// The number names none.
    #[error("the school asked for no correction {number}")]
    NoSuchCorrection {
        /// The number that was given.
        number: u32,
    },
    /// M37.
    #[error("the letter is not published")]
    NotPublished,
    /// M37: a published text is never altered.
    #[error("the letter is published; correct it with a new edition instead")]
    AlreadyPublished,
    /// A new edition says something new.
    #[error("the text is the same as that of the latest edition")]
    NothingCorrected,
    /// M37.
    #[error("the letter was withdrawn")]
    Withdrawn,
    /// M30.
    #[error("the letter was superseded; it is never published")]
    Superseded,
    /// Deadlines need a calendar.
    #[error(transparent)]
    CalendarIncomplete(#[from] YearNotCovered),
}

impl Refusal {
    /// The refusal of anything that asks a letter of this state to go on towards publication.
    #[must_use]
    pub const fn past_publication(state: State) -> Self {
        match state {
            State::Withdrawn => Self::Withdrawn,
            State::Superseded => Self::Superseded,
            _ => Self::AlreadyPublished,
        }
    }
}

impl visits_core::Refusal for Refusal {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::AlreadyDrafted => ErrorKind::AlreadyExists,
            Self::NotDrafted => ErrorKind::NotFound,
            Self::Empty | Self::NoSuchMark { .. } | Self::NoSuchCorrection { .. } => {
                ErrorKind::InvalidInput
            }
            _ => ErrorKind::WrongState,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::BeforeDeparture => "LETTER_BEFORE_DEPARTURE",
            Self::BeforeNfdCompleted => "LETTER_BEFORE_NFD_COMPLETED",
            Self::ContentNotAgreed => "LETTER_CONTENT_NOT_AGREED",
            Self::OfConvertedVisit => "LETTER_OF_CONVERTED_VISIT",
            Self::AlreadyDrafted => "LETTER_ALREADY_DRAFTED",
            Self::NotDrafted => "LETTER_NOT_FOUND",
            Self::WithSchool => "LETTER_WITH_SCHOOL",
            Self::StatesAJudgement { .. } => "LETTER_STATES_A_JUDGEMENT",
            Self::NamesAPerson { .. } => "LETTER_NAMES_A_PERSON",
            Self::MarksUnconfirmed { .. } => "LETTER_MARKS_UNCONFIRMED",
            Self::NoSuchMark { .. } => "LETTER_NO_SUCH_MARK",
            Self::Empty => "LETTER_EMPTY",
            Self::BeforeFactualCheck => "LETTER_BEFORE_FACTUAL_CHECK",
            Self::NotReady => "LETTER_NOT_READY",
            Self::NotWithSchool => "LETTER_NOT_WITH_SCHOOL",
            Self::RoundClosed => "LETTER_ROUND_CLOSED",
            Self::SchoolStillHasTime { .. } => "LETTER_SCHOOL_STILL_HAS_TIME",
            Self::CorrectionUnanswered { .. } => "LETTER_CORRECTION_UNANSWERED",
            Self::CorrectionNotMade => "LETTER_CORRECTION_NOT_MADE",
            Self::NoSuchCorrection { .. } => "LETTER_NO_SUCH_CORRECTION",
            Self::NotPublished => "LETTER_NOT_PUBLISHED",
            Self::AlreadyPublished => "LETTER_ALREADY_PUBLISHED",
            Self::NothingCorrected => "LETTER_NOTHING_CORRECTED",
            Self::Withdrawn => "LETTER_WITHDRAWN",
            Self::Superseded => "LETTER_SUPERSEDED",
            Self::CalendarIncomplete(_) => "LETTER_CALENDAR_INCOMPLETE",
        }
    }

    fn metadata(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::StatesAJudgement { phrase }
            | Self::NamesAPerson { phrase }
            | Self::MarksUnconfirmed { phrase } => vec![("phrase", phrase.clone())],
            Self::NoSuchMark { id } => vec![("mark", id.clone())],
            Self::SchoolStillHasTime { until } => vec![("until", until.clone())],
            Self::CorrectionUnanswered { number } | Self::NoSuchCorrection { number } => {
                vec![("number", number.to_string())]
            }
            Self::CalendarIncomplete(missing) => vec![("year", missing.year.to_string())],
            _ => Vec::new(),
        }
    }
}
