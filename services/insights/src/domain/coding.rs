//! A visit's de-identified answers, and the rounds in which they were coded.
//!
//! | state × command | store, same | store, other | code | erase |
//! |---|---|---|---|---|
//! | absent | to code | to code | refused by the app: not found | left out |
//! | to code | unchanged | to code | coded | left out |
//! | coded | unchanged | refused: `ANSWERS_ALREADY_CODED` | coded (a further round) | left out |
//! | left out | unchanged | unchanged | refused: `VISIT_LEFT_OUT` | unchanged |
//!
//! A round holds the codes of every answer in which something was said; an empty list says that
//! no code applies. A further round needs a reason, and the earlier ones are kept. Left out is for
//! ever: the answers are erased, and answers that arrive late are not taken in (M30).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use visits_core::{ErrorKind, FieldViolation, Refusal, Timestamp};

use super::frame::Frame;
use super::{Context, Decision};

/// An answer without anything that says whose it is or when it was given (M11).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The code of the question in the visit form.
    pub question_code: String,
    /// What the question is about.
    pub area: String,
    /// What was said; empty where it was declined.
    pub text: String,
    /// They declined to answer.
    pub declined: bool,
    /// What was asked and said beneath it (M21).
    pub follow_ups: Vec<FollowUp>,
}

impl Answer {
    /// Whether anything was said that can be coded.
    #[must_use]
    pub fn says_something(&self) -> bool {
        !self.declined || self.follow_ups.iter().any(|follow_up| !follow_up.declined)
    }
}

/// A probing question beneath an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowUp {
    /// What was asked.
    pub question: String,
    /// What was said; empty where it was declined.
    pub text: String,
    /// They declined to answer.
    pub declined: bool,
}

/// The answers of a visit under its pseudonymous key, and how they were coded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coding {
    /// The version of the form (M8).
    pub form: String,
    /// The answers; empty when left out.
    pub answers: Vec<Answer>,
    /// Every coding, oldest first.
    pub rounds: Vec<Round>,
    /// The visit was converted; nothing of it counts (M30).
    pub left_out: bool,
}

/// Where the coding of a visit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CodingState {
    /// The answers wait for a coder.
    ToCode,
    /// The answers have been coded at least once.
    Coded,
    /// The visit was converted (M30).
    LeftOut,
}

impl Coding {
    /// Where it stands.
    #[must_use]
    pub const fn state(&self) -> CodingState {
        if self.left_out {
            CodingState::LeftOut
        } else if self.rounds.is_empty() {
            CodingState::ToCode
        } else {
            CodingState::Coded
        }
    }

    /// The codes that the latest round with that frame put to the visit; nothing if there is none,
    /// or if the visit is left out.
    #[must_use]
    pub fn codes_by(&self, frame: &str) -> Option<BTreeSet<String>> {
        let round = self.rounds.iter().rev().find(|round| round.frame == frame);
        round.filter(|_| !self.left_out).map(|round| {
            let codes = round.answers.iter().flat_map(|answer| &answer.codes);
            codes.cloned().collect()
        })
    }
}

/// One coding of all of a visit's answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// The version of the frame.
    pub frame: String,
    /// Who coded.
    pub coder: String,
    /// When.
    pub coded_at: Timestamp,
    /// Why it was coded again; empty in the first round.
    pub reason: String,
    /// The codes of each answer.
    pub answers: Vec<AnswerCodes>,
}

/// The codes of one answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerCodes {
    /// The number of the answer in its visit, from 1.
    pub answer: u32,
    /// Codes of the frame.
    pub codes: Vec<String>,
}

/// What can be done with a visit's answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodingCommand {
    /// Take in the answers of a completed visit.
    Store {
        /// The version of the form.
        form: String,
        /// The answers, de-identified.
        answers: Vec<Answer>,
    },
    /// Code the answers.
    Code {
        /// The frame to code with.
        frame: Frame,
        /// The codes of every answer in which something was said.
        answers: Vec<AnswerCodes>,
        /// Why it is coded again.
        reason: String,
    },
    /// The visit was converted: erase the answers.
    Erase,
}

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodingRefusal {
    /// There are no such answers, or none yet.
    #[error("there are no answers under that key")]
    Absent,
    /// Other answers arrived after these were coded.
    #[error("the visit's answers are coded already; other answers can't take their place")]
    AlreadyCoded,
    /// The visit was converted.
    #[error("the visit was turned into an NFD; its answers are left out and can't be coded")]
    LeftOut,
    /// A further round without a reason.
    #[error("the visit is coded already; say why it is coded again")]
    ReasonMissing,
    /// The codes don't fit the answers or the frame.
    #[error("the codes don't fit the visit's answers or the frame")]
    DoesNotFit(Vec<FieldViolation>),
}

impl Refusal for CodingRefusal {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Absent => ErrorKind::NotFound,
            Self::AlreadyCoded | Self::LeftOut => ErrorKind::WrongState,
            Self::ReasonMissing | Self::DoesNotFit(_) => ErrorKind::InvalidInput,
        }
    }
    fn reason(&self) -> &'static str {
        match self {
            Self::Absent => "NOT_FOUND",
            Self::AlreadyCoded => "ANSWERS_ALREADY_CODED",
            Self::LeftOut => "VISIT_LEFT_OUT",
            Self::ReasonMissing => "RECODING_WITHOUT_REASON",
            Self::DoesNotFit(_) => "CODES_DO_NOT_FIT",
        }
    }
}

/// Decides what becomes of a visit's answers.
pub fn decide(
    state: Option<&Coding>,
    command: &CodingCommand,
    context: &Context,
) -> Result<Decision<Coding>, CodingRefusal> {
    match (state, command) {
        (None, CodingCommand::Store { form, answers }) => {
            Ok(Decision::changed(waiting(form, answers)))
        }
        (None, CodingCommand::Erase) => Ok(Decision::changed(erased("", Vec::new()))),
        (None, CodingCommand::Code { .. }) => Err(CodingRefusal::Absent),
        (Some(coding), CodingCommand::Store { form, answers }) => store(coding, form, answers),
        (Some(coding), CodingCommand::Erase) if coding.left_out => Ok(Decision::Unchanged),
        (Some(coding), CodingCommand::Erase) => Ok(Decision::changed(erased(
            &coding.form,
            coding.rounds.clone(),
        ))),
        (
            Some(coding),
            CodingCommand::Code {
                frame,
                answers,
                reason,
            },
        ) => code(coding, frame, answers, reason, context),
    }
}

fn waiting(form: &str, answers: &[Answer]) -> Coding {
    Coding {
        form: form.to_owned(),
        answers: answers.to_vec(),
        rounds: Vec::new(),
        left_out: false,
    }
}

fn erased(form: &str, rounds: Vec<Round>) -> Coding {
    Coding {
        form: form.to_owned(),
        answers: Vec::new(),
        rounds,
        left_out: true,
    }
}

fn store(
    coding: &Coding,
    form: &str,
    answers: &[Answer],
) -> Result<Decision<Coding>, CodingRefusal> {
    let same = coding.form == form && coding.answers == answers;
    match coding.state() {
        CodingState::LeftOut => Ok(Decision::Unchanged),
        _ if same => Ok(Decision::Unchanged),
        CodingState::ToCode => Ok(Decision::changed(waiting(form, answers))),
        CodingState::Coded => Err(CodingRefusal::AlreadyCoded),
    }
}

fn code(
    coding: &Coding,
    frame: &Frame,
    answers: &[AnswerCodes],
    reason: &str,
    context: &Context,
) -> Result<Decision<Coding>, CodingRefusal> {
    if coding.left_out {
        return Err(CodingRefusal::LeftOut);
    }
    if !coding.rounds.is_empty() && reason.is_empty() {
        return Err(CodingRefusal::ReasonMissing);
    }
    let violations = misfits(coding, frame, answers);
    if !violations.is_empty() {
        return Err(CodingRefusal::DoesNotFit(violations));
    }
    let mut answers = answers.to_vec();
    answers.sort_by_key(|answer| answer.answer);
    let mut next = coding.clone();
    next.rounds.push(Round {
        frame: frame.content.version.clone(),
        coder: context.actor.principal.clone(),
        coded_at: context.now,
        reason: reason.to_owned(),
        answers,
    });
    Ok(Decision::changed(next))
}

/// Everything in a coding that doesn't fit: all of it at once.
fn misfits(coding: &Coding, frame: &Frame, answers: &[AnswerCodes]) -> Vec<FieldViolation> {
    let mut found = Vec::new();
    let mut wanted: BTreeSet<u32> = (1..)
        .zip(&coding.answers)
        .filter(|(_, answer)| answer.says_something())
        .map(|(number, _)| number)
        .collect();
    for (index, given) in answers.iter().enumerate() {
        if !wanted.remove(&given.answer) {
            found.push(FieldViolation::new(
                format!("answers[{index}].answer"),
                format!(
                    "answer {} is repeated, was declined, or isn't one of the visit's",
                    given.answer
                ),
            ));
        }
        let mut seen = BTreeSet::new();
        for (place, code) in given.codes.iter().enumerate() {
            let field = format!("answers[{index}].codes[{place}]");
            if !frame.has(code) {
                let version = &frame.content.version;
                found.push(FieldViolation::new(
                    field,
                    format!("`{code}` is no code of frame {version}"),
                ));
            } else if !seen.insert(code) {
                found.push(FieldViolation::new(field, format!("`{code}` is repeated")));
            }
        }
    }
    for missing in wanted {
        found.push(FieldViolation::new(
            "answers",
            format!("answer {missing} is missing; an empty list of codes says that none applies"),
        ));
    }
    found
}

#[cfg(test)]
#[path = "coding_tests.rs"]
mod tests;
