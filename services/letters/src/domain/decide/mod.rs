//! What a letter does with a command.
//!
//! | | drafting | with school | school replied | no reply | ready | published, corrected | withdrawn, superseded |
//! |---|---|---|---|---|---|---|---|
//! | revise | drafting | – | school replied, or drafting if nothing was accepted | drafting | drafting | – | – |
//! | confirm marks | ✓ | – | ✓ | – | – | – | – |
//! | send to school | with school | – | with school | – | – | – | – |
//! | record reply | – | school replied | – | school replied | – | – | – |
//! | answer correction | – | – | ✓ | – | – | – | – |
//! | decide no reply | – | no reply | – | – | – | – | – |
//! | mark ready | – | – | ready | ready | = | – | – |
//! | publish | – | – | – | – | published | – | – |
//! | correct | – | – | – | – | – | corrected | – |
//! | withdraw | – | – | – | – | – | withdrawn | – |
//! | supersede | superseded | superseded | superseded | superseded | superseded | = | = |
//!
//! `–` is refused, `=` changes nothing. The timers' commands change nothing where they have no
//! meaning. The tests hold the whole table, cell by cell.

mod drafting;
mod publication;
mod round;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod table;

use std::collections::BTreeSet;

use jiff::Timestamp;
use visits_core::Actor;

use super::command::Command;
use super::event::Event;
use super::ground::Ground;
use super::letter::{Letter, State};
use super::policy::Policy;
use super::refusal::Refusal;
use super::text::Text;
use super::text_check::{self, Finding, Rule, Severity};
use super::timer::{Due, Timer};

/// The circumstances of a decision.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The present instant.
    pub now: Timestamp,
    /// Who asks.
    pub actor: &'a Actor,
    /// The business's numbers.
    pub policy: &'a Policy,
    /// What has been heard about the visit.
    pub ground: &'a Ground,
}

/// What a letter does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Nothing: it is so already, or it no longer matters.
    Unchanged,
    /// This.
    Changed {
        /// The letter from now on.
        next: Box<Letter>,
        /// What happened.
        events: Vec<Event>,
        /// The timers that follow.
        timers: Vec<Timer>,
    },
}

impl Decision {
    fn changed(mut next: Letter, now: Timestamp, event: Event, timers: Vec<Timer>) -> Self {
        next.changed_at = now;
        Self::Changed {
            next: Box::new(next),
            events: vec![event],
            timers,
        }
    }
}

/// Decides.
///
/// # Errors
/// The rule that says no.
pub fn decide(
    letter: Option<&Letter>,
    command: Command,
    context: &Context<'_>,
) -> Result<Decision, Refusal> {
    match (letter, command) {
        (None, Command::Draft(draft)) => drafting::draft(*draft, context),
        (None, _) => Err(Refusal::NotDrafted),
        (Some(letter), command) => of_letter(letter, command, context),
    }
}

fn of_letter(
    letter: &Letter,
    command: Command,
    context: &Context<'_>,
) -> Result<Decision, Refusal> {
    match command {
        Command::Draft(_) => Err(Refusal::AlreadyDrafted),
        Command::Revise { text } => drafting::revise(letter, text, context),
        Command::ConfirmMarks { ids } => drafting::confirm(letter, ids, context),
        Command::SendToSchool {
            recipient,
            link_hash,
        } => round::send(letter, recipient, link_hash, context),
        Command::LinkDelivered { round } => Ok(round::delivered(letter, round, context)),
        Command::RecordReply(reply) => round::reply(letter, reply, context),
        Command::AnswerCorrection {
            number,
            outcome,
            reason,
        } => round::answer(letter, number, outcome, reason, context),
        Command::DecideNoReply { reason } => round::go_on_without(letter, reason, context),
        Command::SchoolReminded { round } => Ok(round::reminded(letter, round, context)),
        Command::ReplyOverdue { round } => Ok(round::overdue(letter, round, context)),
        Command::MarkReady => publication::mark_ready(letter, context),
        Command::Publish => publication::publish(letter, context),
        Command::Correct {
            text,
            change_note,
            confirmed,
        } => publication::correct(letter, text, change_note, confirmed, context),
        Command::Withdraw { reason } => publication::withdraw(letter, reason, context),
        Command::Supersede { cause } => Ok(publication::supersede(letter, cause, context)),
        Command::TargetPassed => Ok(publication::target_passed(letter, context)),
    }
}

/// Refuses a text that can't go out (M5): it has no words, states a judgement, names a person, or
/// has marks that the writer hasn't confirmed.
fn check_text(
    text: &Text,
    school_name: &str,
    confirmed: &BTreeSet<String>,
    policy: &Policy,
) -> Result<(), Refusal> {
    let has_words = text
        .sections
        .iter()
        .flat_map(|s| &s.paragraphs)
        .any(|p| !p.trim().is_empty());
    if text.title.trim().is_empty() || !has_words {
        return Err(Refusal::Empty);
    }
    let findings = text_check::check(text, school_name, &policy.names);
    refuse(&findings)?;
    let open = findings
        .iter()
        .find(|f| f.severity == Severity::Mark && !confirmed.contains(&f.id));
    open.map_or(Ok(()), |mark| {
        Err(Refusal::MarksUnconfirmed {
            phrase: mark.phrase.clone(),
        })
    })
}

/// Refuses on the first finding that can't stay.
fn refuse(findings: &[Finding]) -> Result<(), Refusal> {
    let Some(refused) = findings.iter().find(|f| f.severity == Severity::Refused) else {
        return Ok(());
    };
    let phrase = refused.phrase.clone();
    Err(match refused.rule {
        Rule::PersonNamed => Refusal::NamesAPerson { phrase },
        _ => Refusal::StatesAJudgement { phrase },
    })
}

/// The timers that must run for a letter as it stands: what the sweep compares with.
#[must_use]
pub fn expected_timers(letter: &Letter, policy: &Policy) -> Vec<(Due, Timestamp)> {
    let mut expected = Vec::new();
    if letter.state.is_before_publication() && letter.publication_overdue.is_none() {
        expected.push((Due::Publication, letter.publication_target));
    }
    if let (State::WithSchool, Some(round)) = (letter.state, letter.round()) {
        if round.delivered_at.is_none() {
            expected.push((Due::SendLink, round.sent_at));
        }
        if let (None, Ok(at)) = (round.reminded_at, policy.reminder(round.reply_due)) {
            expected.push((Due::Reminder, at));
        }
        if round.overdue_at.is_none() {
            expected.push((Due::Reply, round.reply_due));
        }
    }
    expected
}
