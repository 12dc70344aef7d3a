//! One way in: a state and a command give a decision, or a refusal.

use jiff::Timestamp;
use uuid::Uuid;

use super::command::Command;
use super::event::{Event, Timer};
use super::form::VisitForm;
use super::policy::Policy;
use super::record::{Record, Stage, VisitId};
use super::refusal::RecordingRefusal;
use super::{ending, life, talk};

/// What a decision may know besides the state and the command.
pub struct Ctx<'a> {
    /// The record's identifier, for a record that doesn't exist yet.
    pub visit: VisitId,
    /// The present.
    pub now: Timestamp,
    /// The code of the inspector, or the name of the service, who commands.
    pub actor: &'a str,
    /// Where new identifiers come from.
    pub new_id: &'a dyn Fn() -> Uuid,
    /// The numbers that are policy.
    pub policy: &'a Policy,
    /// The form that the visit keeps; before its start, the one that it would begin with.
    pub form: Option<&'a VisitForm>,
}

/// What follows from a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Nothing: it was so already, or it concerns nobody any more.
    Unchanged,
    /// The state after, what happened, and what is asked of time.
    Changed {
        /// The state after.
        next: Box<Record>,
        /// What happened, in order.
        events: Vec<Event>,
        /// What is asked of time.
        timers: Vec<Timer>,
    },
}

impl Decision {
    pub(super) fn changed(mut next: Record, now: Timestamp, events: Vec<Event>) -> Self {
        next.updated_at = now;
        Self::Changed {
            next: Box::new(next),
            events,
            timers: Vec::new(),
        }
    }
}

/// Decides. The table of every stage and command is `table_tests.rs`.
///
/// # Errors
/// The rule that said no.
pub fn decide(
    state: Option<&Record>,
    command: &Command,
    ctx: &Ctx<'_>,
) -> Result<Decision, RecordingRefusal> {
    match command {
        Command::Brief {
            school,
            briefing,
            ready,
        } => return Ok(life::brief(state, school, briefing, *ready, ctx)),
        Command::Stop {
            school,
            decided_at,
            case,
        } => return Ok(ending::stop(state, school, *decided_at, case, ctx)),
        Command::Cancel => return Ok(life::cancel(state, ctx)),
        Command::NoteLetterPublished { published_at } => {
            return Ok(ending::note_letter_published(state, *published_at, ctx));
        }
        Command::EndAccess => return Ok(ending::end_access(state, ctx)),
        _ => {}
    }
    let record = state.ok_or(RecordingRefusal::NoSuchRecord)?;
    by_inspector(record, command, ctx)
}

/// The commands of inspectors, which all need a record.
fn by_inspector(
    record: &Record,
    command: &Command,
    ctx: &Ctx<'_>,
) -> Result<Decision, RecordingRefusal> {
    match command {
        Command::Start { at, late_note } => life::start(record, *at, late_note, ctx),
        Command::OpenDiscussion {
            area,
            spoken_to,
            at,
        } => talk::open(record, *area, spoken_to, *at, ctx),
        Command::CloseDiscussion { discussion, at } => talk::close(record, *discussion, *at, ctx),
        Command::RecordAnswers {
            discussion,
            answers,
        } => talk::record_answers(record, *discussion, answers, ctx),
        Command::RecordFollowUp {
            beneath,
            question,
            response,
            given_at,
        } => talk::record_follow_up(record, *beneath, question, response, *given_at, ctx),
        Command::CorrectAnswer {
            answer,
            response,
            reason,
        } => talk::correct(record, *answer, response, reason, ctx),
        Command::HoldExecutiveConversation { at } => life::hold_executive(record, *at, ctx),
        Command::ExplainUnmetConversation { reason } => life::explain_unmet(record, reason, ctx),
        Command::RecordDeparture { at, reason } => life::depart(record, *at, reason, ctx),
        Command::AgreeContent {
            points,
            agreed_with,
        } => ending::agree(record, points, *agreed_with, ctx),
        Command::RecordFeedback { text } => ending::feedback(record, text.as_deref(), ctx),
        Command::Complete { gaps } => ending::complete(record, gaps, ctx),
        // handled before a record was asked for
        Command::Brief { .. }
        | Command::Stop { .. }
        | Command::Cancel
        | Command::NoteLetterPublished { .. }
        | Command::EndAccess => Ok(Decision::Unchanged),
    }
}

/// Refuses unless the record is in one of `stages`.
pub(super) fn require(
    record: &Record,
    stages: &[Stage],
    needed: &'static str,
) -> Result<(), RecordingRefusal> {
    if stages.contains(&record.stage) {
        return Ok(());
    }
    Err(match record.stage {
        Stage::Stopped => RecordingRefusal::Stopped,
        stage => RecordingRefusal::WrongStage { stage, needed },
    })
}

/// The instant given, or the present; never later than the present.
pub(super) fn instant(
    given: Option<Timestamp>,
    ctx: &Ctx<'_>,
) -> Result<Timestamp, RecordingRefusal> {
    match given {
        Some(given) if given > ctx.now => Err(RecordingRefusal::InTheFuture { given }),
        Some(given) => Ok(given),
        None => Ok(ctx.now),
    }
}

/// Refuses an instant outside of what is allowed.
pub(super) fn within(
    given: Timestamp,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    what: &'static str,
) -> Result<(), RecordingRefusal> {
    if from.is_some_and(|from| given < from) || to.is_some_and(|to| given > to) {
        return Err(RecordingRefusal::OutOfBounds { given, what });
    }
    Ok(())
}
