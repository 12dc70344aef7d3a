//! Who may do what: rests on roles, on the team and on the barrier that this service holds (M11).

use visits_core::{Actor, Fault, Role};
use visits_durable::sea_orm::ConnectionTrait;
use visits_runtime::{Action, Resource, authorise};

use crate::domain::visit::Visit;
use crate::store::inspector;

/// Planning and the register: the scheduler's.
pub const PLAN: Action = Action {
    name: "scheduling.visits.plan",
    roles: &[Role::Scheduler],
    assigned: false,
};
/// The call and what is agreed on it: the team's; that only the lead speaks is a rule of its own.
pub const CALL: Action = Action {
    name: "scheduling.visits.call",
    roles: &[Role::Hmi],
    assigned: true,
};
/// Deciding a deferral; for which region is asked of the register of directors.
pub const DECIDE_DEFERRAL: Action = Action {
    name: "scheduling.visits.decideDeferral",
    roles: &[Role::RegionalDirector],
    assigned: false,
};
/// Reading a visit as one of its team.
pub const READ_AS_TEAM: Action = Action {
    name: "scheduling.visits.get",
    roles: &[Role::Hmi],
    assigned: true,
};
/// Reading a visit by office.
pub const READ_AS_OFFICE: Action = Action {
    name: "scheduling.visits.get",
    roles: &[
        Role::Scheduler,
        Role::DutyDesk,
        Role::RegionalDirector,
        Role::Publisher,
        Role::Service,
    ],
    assigned: false,
};
/// Reading the register of schools and the scripts, which are public or nobody's secret.
pub const READ_REGISTER: Action = Action {
    name: "scheduling.register.get",
    roles: &Role::ALL,
    assigned: false,
};
/// Reading on which days a school is open.
pub const READ_SCHOOL_DAYS: Action = Action {
    name: "scheduling.schoolDays.get",
    roles: &[Role::Service, Role::Scheduler, Role::DutyDesk],
    assigned: false,
};
/// Keeping the register: imports, inspectors, leave, assignments.
pub const KEEP_REGISTER: Action = Action {
    name: "scheduling.register.keep",
    roles: &[Role::Scheduler],
    assigned: false,
};
/// Reading an inspector.
pub const READ_INSPECTOR: Action = Action {
    name: "scheduling.inspectors.get",
    roles: &[Role::Scheduler, Role::Service],
    assigned: false,
};
/// An inspector's reading and declaring about themselves.
pub const OWN_INSPECTOR: Action = Action {
    name: "scheduling.inspectors.own",
    roles: &[Role::Hmi],
    assigned: true,
};
/// Asking about the barrier (M11).
pub const CHECK_BARRIER: Action = Action {
    name: "scheduling.barrier.check",
    roles: &[Role::Service],
    assigned: false,
};

/// What the one who asks for a change to a visit must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// The scheduler.
    Scheduler,
    /// One of the team; the rules ask for the lead.
    Team,
    /// The scheduler, or the lead.
    SchedulerOrLead,
    /// A Regional Director.
    Director,
    /// Nothing: an event or a timer.
    Nothing,
}

/// Whether the role alone shuts the door, before anything is said of the visit.
///
/// # Errors
/// `Forbidden` for the wrong role.
pub fn may_ask(actor: &Actor, needs: Needs) -> Result<(), Fault> {
    let (action, other) = match needs {
        Needs::Nothing => return Ok(()),
        Needs::Scheduler => (PLAN, None),
        Needs::Team => (CALL, None),
        Needs::SchedulerOrLead => (CALL, Some(Role::Scheduler)),
        Needs::Director => (DECIDE_DEFERRAL, None),
    };
    if actor.has_any(action.roles) || other.is_some_and(|role| actor.has(role)) {
        Ok(())
    } else {
        Err(Fault::forbidden(action.name))
    }
}

/// Whether `actor` may change this visit.
///
/// # Errors
/// `Forbidden` for the wrong role, `NotFound` for a visit that isn't theirs to know.
pub async fn may_change(
    db: &impl ConnectionTrait,
    actor: &Actor,
    needs: Needs,
    visit: &Visit,
) -> Result<(), Fault> {
    let lead = [visit.team.lead().to_owned()];
    let (action, assigned) = match needs {
        Needs::Nothing => return Ok(()),
        Needs::Scheduler => (PLAN, visit.team.members()),
        Needs::SchedulerOrLead if actor.has(Role::Scheduler) => (PLAN, visit.team.members()),
        Needs::SchedulerOrLead => (CALL, &lead[..]),
        Needs::Team => (CALL, visit.team.members()),
        Needs::Director => (DECIDE_DEFERRAL, visit.team.members()),
    };
    check(db, actor, &action, visit, assigned).await
}

/// Whether `actor` may read this visit.
///
/// # Errors
/// `Forbidden` for the wrong role, `NotFound` for a visit that isn't theirs to know.
pub async fn may_read(
    db: &impl ConnectionTrait,
    actor: &Actor,
    visit: &Visit,
) -> Result<(), Fault> {
    let action = if actor.has_any(READ_AS_OFFICE.roles) {
        READ_AS_OFFICE
    } else {
        READ_AS_TEAM
    };
    check(db, actor, &action, visit, visit.team.members()).await
}

async fn check(
    db: &impl ConnectionTrait,
    actor: &Actor,
    action: &Action,
    visit: &Visit,
    assigned: &[String],
) -> Result<(), Fault> {
    let name = visit.id.resource();
    let barred = inspector::is_barred(db, &actor.principal, &visit.school).await?;
    authorise(
        actor,
        action,
        &Resource {
            name: &name,
            assigned,
            barred,
        },
    )
}
