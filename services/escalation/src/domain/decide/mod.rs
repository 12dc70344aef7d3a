//! `decide(case, command, ctx)`: what a command does to a case, or why not. Pure.
//!
//! | command | open | with desk | awaiting | required | under way | complete | not required, withdrawn |
//! |---|---|---|---|---|---|---|---|
//! | RaiseConcern | joins | joins | joins | joins | joins | refused | refused: a new case |
//! | AcknowledgeCase | → with desk | refused | refused | refused | refused | refused | refused |
//! | LogDutyDeskCall | refused | → awaiting, → withdrawn | stays, → withdrawn | refused | refused | refused | refused |
//! | AddCaseNote | stays | stays | stays | stays | stays | refused | refused |
//! | AssignCase | refused | stays | stays | stays | refused | refused | refused |
//! | SetNextStepAlert | refused | stays | only with a concern that was not discussed | refused | refused | refused | refused |
//! | WithdrawConcern, WithdrawCase | stays, → withdrawn | stays, → withdrawn | stays, → withdrawn | refused | refused | refused | refused |
//! | DecideNfd | refused (M27) | refused (M27) | → required, → not required | refused | refused | refused | refused |
//! | PlanNfd | refused | refused | refused | stays | refused | refused | refused |
//! | StartNfd | refused | refused | refused | → under way | refused | refused | refused |
//! | RecordNfdFinding, RecordLeavingSite | refused | refused | refused | refused | stays | refused | refused |
//! | CompleteNfd | refused | refused | refused | refused | → complete | refused | refused |
//! | RecommendSection5 | refused | refused | refused | refused | refused | once | refused |
//!
//! Timers never fail: one that is not needed any more changes nothing. `table` in the tests has
//! every cell.

mod deadline;
mod decision;
mod desk;
mod holding;
mod nfd;
mod raise;

pub use decision::window_if_decided;

use uuid::Uuid;
use visits_core::civil::Date;
use visits_core::{Actor, Timestamp, london};

use super::case::{Case, CaseId, Concern, ConcernId, State, Unwatched};
use super::command::Command;
use super::event::Event;
use super::policy::Policy;
use super::refusal::Refusal;
use super::register::{Register, Standing};
use super::timer::{self, Timer};

/// A case holds at most so many concerns.
pub const CONCERNS_MAX: usize = 20;
/// A case holds at most so many calls with the duty desk.
pub const CALLS_MAX: usize = 20;
/// A case changes its holder at most so often.
pub const ASSIGNMENTS_MAX: usize = 200;
/// A case holds at most so many notes.
pub const NOTES_MAX: usize = 200;
/// A concern holds at most so many findings, the replaced ones included.
pub const FINDINGS_MAX: usize = 20;

/// Everything that a decision rests on beside the case and the command.
#[derive(Clone, Debug)]
pub struct Context<'a> {
    /// The present instant.
    pub now: Timestamp,
    /// Who asks.
    pub actor: &'a Actor,
    /// The numbers of the business.
    pub policy: &'a Policy,
    /// An identifier for what this command may create.
    pub new_id: Uuid,
    /// The register's entries for the school's region.
    pub register: &'a Register,
    /// The principals who have a routine inspection of this school (M11).
    pub barred: &'a [String],
    /// Why nobody watches, if nobody does; asked for by CheckDesk only.
    pub unwatched: Option<Unwatched>,
    /// Whether the operator whom AssignCase names is on duty.
    pub taker_on_duty: bool,
    /// Visits begun (M34).
    pub begun: i64,
    /// Visits converted, this case not counted.
    pub converted: i64,
}

/// What a command does.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// Nothing: the need is gone, or it is so already.
    Unchanged,
    /// The case becomes `next`.
    Changed {
        /// The case afterwards.
        next: Box<Case>,
        /// What happened, in order.
        events: Vec<Event>,
        /// What must wake it from now on, and what not any more.
        timers: Vec<Timer>,
    },
}

/// A case on its way to the next version; `None` = nothing changes.
type Decided = Result<Option<Change>, Refusal>;

struct Change {
    next: Case,
    events: Vec<Event>,
}

impl Change {
    fn of(next: Case, event: Event) -> Decided {
        Self::all(next, vec![event])
    }

    fn all(next: Case, events: Vec<Event>) -> Decided {
        Ok(Some(Self { next, events }))
    }
}

/// What `command` does to the case `id`, which stands as `case` says; no case = none yet.
pub fn decide(
    id: CaseId,
    case: Option<&Case>,
    command: &Command,
    ctx: &Context<'_>,
) -> Result<Decision, Refusal> {
    let change = match case {
        None => open(id, command, ctx)?,
        Some(case) => advance(case, command, ctx)?,
    };
    let Some(Change { mut next, events }) = change else {
        return Ok(Decision::Unchanged);
    };
    next.changed_at = ctx.now;
    let timers = timer::changes(case, &next);
    Ok(Decision::Changed {
        next: Box::new(next),
        events,
        timers,
    })
}

fn open(id: CaseId, command: &Command, ctx: &Context<'_>) -> Decided {
    match command {
        Command::RaiseConcern {
            facts,
            area,
            what_was_seen,
        } => raise::open(id, facts, area, what_was_seen, ctx),
        _ => Err(Refusal::NoSuchCase),
    }
}

fn advance(case: &Case, command: &Command, ctx: &Context<'_>) -> Decided {
    match command {
        Command::RaiseConcern {
            facts,
            area,
            what_was_seen,
        } => raise::join(case, facts, area, what_was_seen, ctx),
        Command::AcknowledgeCase { note } => desk::acknowledge(case, note, ctx),
        Command::LogDutyDeskCall {
            inspector,
            called_at,
            summary,
            outcome,
        } => desk::log_call(case, inspector, *called_at, summary, *outcome, ctx),
        Command::AddCaseNote { text } => holding::add_note(case, text, ctx),
        Command::AssignCase { operator } => holding::assign(case, operator.as_deref(), ctx),
        Command::SetNextStepAlert {
            after_minutes,
            reason,
        } => holding::set_alert(case, *after_minutes, reason, ctx),
        Command::WithdrawConcern { concern, reason } => {
            raise::withdraw(case, Some(*concern), reason, ctx)
        }
        Command::WithdrawCase { reason } => raise::withdraw(case, None, reason, ctx),
        Command::DecideNfd {
            required,
            rationale,
        } => decision::decide_nfd(case, *required, rationale, ctx),
        Command::PlanNfd {
            planned_at,
            inspectors,
        } => nfd::plan(case, *planned_at, inspectors, ctx),
        Command::StartNfd { straight_away } => nfd::start(case, *straight_away, ctx),
        Command::RecordNfdFinding { concern, text } => {
            nfd::record_finding(case, *concern, text, ctx)
        }
        Command::RecordLeavingSite { left_at } => nfd::leave_site(case, *left_at, ctx),
        Command::CompleteNfd => nfd::complete(case, ctx),
        Command::RecommendSection5 { reason } => nfd::recommend_section5(case, reason, ctx),
        Command::ChangeTeam { team } => raise::change_team(case, team),
        Command::RemindOfDecision => decision::remind(case, ctx),
        Command::AlarmOverdueDecision => decision::alarm(case, ctx),
        Command::WarnOfDeadline => deadline::warn(case, ctx),
        Command::RecordBreach => deadline::breach(case, ctx),
        Command::AlertNextStep => holding::alert(case, ctx),
        Command::CheckDesk => desk::check(case, ctx),
        Command::NotePageSent => desk::page_sent(case),
        Command::HandOverSection5 => nfd::hand_over_section5(case, ctx),
    }
}

impl Context<'_> {
    fn today(&self) -> Date {
        london::date(self.now)
    }

    /// As what the actor stands on the register for the school's region today (M28).
    fn standing(&self, case: &Case) -> Option<Standing> {
        self.register
            .standing(&self.actor.principal, case.school.region, self.today())
    }

    fn not_the_director(&self, case: &Case) -> Refusal {
        Refusal::NotTheRegionalDirector {
            principal: self.actor.principal.clone(),
            region: case.school.region,
        }
    }

    fn is_in(&self, principals: &[String]) -> bool {
        principals.contains(&self.actor.principal)
    }
}

/// The decision has not been taken and the case is not closed.
fn before_the_decision(case: &Case) -> Result<(), Refusal> {
    match case.state {
        State::Open | State::WithDutyDesk | State::AwaitingDecision => Ok(()),
        State::NfdRequired | State::NfdUnderWay => Err(decision_taken(case)),
        State::NfdNotRequired | State::NfdComplete | State::Withdrawn => Err(Refusal::CaseClosed),
    }
}

/// An NFD is necessary and has not started.
fn before_the_start(case: &Case) -> Result<(), Refusal> {
    match case.state {
        State::NfdRequired => Ok(()),
        State::Open | State::WithDutyDesk | State::AwaitingDecision => Err(Refusal::NfdNotDecided),
        State::NfdUnderWay | State::NfdComplete => Err(Refusal::NfdAlreadyStarted),
        State::NfdNotRequired | State::Withdrawn => Err(Refusal::CaseClosed),
    }
}

/// The NFD has started and is not complete.
fn under_way(case: &Case) -> Result<(), Refusal> {
    match case.state {
        State::NfdUnderWay => Ok(()),
        State::Open | State::WithDutyDesk | State::AwaitingDecision | State::NfdRequired => {
            Err(Refusal::NfdNotStarted)
        }
        State::NfdComplete => Err(Refusal::NfdAlreadyComplete),
        State::NfdNotRequired | State::Withdrawn => Err(Refusal::CaseClosed),
    }
}

fn decision_taken(case: &Case) -> Refusal {
    let by = case.decision.as_ref().map(|decision| decision.by.clone());
    Refusal::DecisionAlreadyTaken {
        by: by.unwrap_or_default(),
    }
}

fn standing_concern(case: &mut Case, id: ConcernId) -> Result<&mut Concern, Refusal> {
    case.concerns
        .iter_mut()
        .find(|concern| concern.id == id && concern.stands())
        .ok_or(Refusal::ConcernNotOnCase { concern: id })
}
