//! Who may ask for what. A role opens the door; whether the case is theirs rests on the case's own
//! team and inspectors, on the register, and on the barrier (M11, M28).

use visits_core::civil::Date;
use visits_core::{Actor, Fault, Role};
use visits_runtime::{Action, Resource, authorise};

use crate::domain::case::Case;
use crate::domain::register::Register;

macro_rules! action {
    ($(#[$doc:meta])* $constant:ident = $name:literal, $assigned:literal, $($role:ident)|+) => {
        $(#[$doc])*
        pub const $constant: Action = Action {
            name: concat!("escalation.", $name),
            roles: &[$(Role::$role),+],
            assigned: $assigned,
        };
    };
}

action!(
    /// Raise a concern: an HMI; the rule asks for the visit's team.
    RAISE = "cases.raiseConcern", false, Hmi
);
action!(
    /// Take a case on.
    ACKNOWLEDGE = "cases.acknowledge", false, DutyDesk
);
action!(
    /// Record the HMI's call.
    LOG_CALL = "cases.logDutyDeskCall", false, DutyDesk
);
action!(
    /// Add a note: the desk, or the director of the case's region.
    NOTE = "cases.addNote", true, DutyDesk | RegionalDirector
);
action!(
    /// Say who of the desk holds a case.
    ASSIGN = "cases.assign", false, DutyDesk
);
action!(
    /// Say when the desk is alerted again.
    SET_ALERT = "cases.setNextStepAlert", false, DutyDesk
);
action!(
    /// Take concerns back.
    WITHDRAW = "cases.withdraw", true, Hmi
);
action!(
    /// Decide: the rule asks for the region's director or a deputy on the register.
    DECIDE = "cases.decideNfd", false, RegionalDirector
);
action!(
    /// Plan the NFD: the region's director, or the desk.
    PLAN = "cases.planNfd", false, RegionalDirector | DutyDesk
);
action!(
    /// Carry the NFD out: its inspectors.
    INSPECT = "cases.inspectNfd", true, Hmi
);
action!(
    /// Recommend a section 5 inspection.
    RECOMMEND = "cases.recommendSection5", true, Hmi | RegionalDirector
);
action!(
    /// Read a case.
    READ = "cases.get", true, DutyDesk | RegionalDirector | Hmi | Service
);
action!(
    /// List cases; what is listed is scoped.
    LIST = "cases.list", false, DutyDesk | RegionalDirector | Hmi | Service
);
action!(
    /// Watch cases; what is seen is scoped.
    WATCH = "cases.watch", false, DutyDesk | RegionalDirector | Hmi | Service
);
action!(
    /// Write the register: whoever keeps the plan. A director names a deputy of their own region
    /// (decision 0028), and never themselves.
    SET_DIRECTOR = "regionalDirectors.set", false, Scheduler | RegionalDirector
);
action!(
    /// Read the register.
    LIST_DIRECTORS = "regionalDirectors.list", false,
    Scheduler | DutyDesk | RegionalDirector | Auditor | Service
);
action!(
    /// Go on and off duty.
    DUTY = "dutyShifts.change", false, DutyDesk
);
action!(
    /// Read the shifts.
    LIST_SHIFTS = "dutyShifts.list", false, DutyDesk | RegionalDirector | Auditor
);
action!(
    /// Say that one looks at a console; a case that it shows is read as any other.
    REPORT = "consoles.report", false, DutyDesk | RegionalDirector | Hmi
);
action!(
    /// Read the conversion rate.
    RATE = "conversionRate.get", false,
    DutyDesk | RegionalDirector | Scheduler | Researcher | Auditor | Service
);
action!(
    /// Read the recommendations handed over.
    LIST_SECTION5 = "section5Recommendations.list", false, Scheduler | Service
);
action!(
    /// What the service asks of itself: timers and heard events.
    ITSELF = "cases.itself", false, Service
);

/// Whether the actor's roles cover the action at all.
pub fn check_role(actor: &Actor, action: &Action) -> Result<(), Fault> {
    if actor.has_any(action.roles) {
        Ok(())
    } else {
        Err(Fault::forbidden(action.name))
    }
}

/// What a right on a case rests on.
#[derive(Clone, Copy, Debug)]
pub struct Grounds<'a> {
    /// The register's entries for the school's region.
    pub register: &'a Register,
    /// Who is barred from the school.
    pub barred: &'a [String],
    /// The day, in England.
    pub today: Date,
}

/// Whether the actor may do this to this case: the desk to all, a director to their region's, an
/// inspector to those that they are assigned to; nobody behind the barrier. `name` is what the
/// caller asked for.
pub fn authorise_on(
    actor: &Actor,
    action: &Action,
    name: &str,
    case: &Case,
    grounds: Grounds<'_>,
) -> Result<(), Fault> {
    let mut assigned = case.assigned();
    let directs = actor.has(Role::RegionalDirector)
        && grounds
            .register
            .standing(&actor.principal, case.school.region, grounds.today)
            .is_some();
    if actor.has(Role::DutyDesk) || directs {
        assigned.push(actor.principal.clone());
    }
    let resource = Resource {
        name,
        assigned: &assigned,
        barred: grounds.barred.contains(&actor.principal),
    };
    authorise(actor, action, &resource)
}
