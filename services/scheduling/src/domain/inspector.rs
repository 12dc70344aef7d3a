//! One of Her Majesty's Inspectors: leave, conflicts, and the routine inspections that make the
//! barrier (M11).
//!
//! | state | create | add leave | declare conflict | assign routine inspection |
//! |---|---|---|---|---|
//! | absent | entered | absent | absent | absent |
//! | present | exists | added, or unchanged | declared, or unchanged | assigned, or unchanged |

use serde::{Deserialize, Serialize};
use visits_core::Timestamp;
use visits_core::civil::Date;

use super::decision::{Context, Decision};
use super::event::InspectorEvent;
use super::refusal::{Refusal, room_for_one_more};
use crate::import::OfstedRegion;

/// The most spells of leave, conflicts and assignments of one inspector, each.
const ENTRIES_MAX: usize = 500;

/// An inspector, by code and never by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspector {
    /// The code: `HMI-001`.
    pub code: String,
    /// The Ofsted region they work in.
    pub region: OfstedRegion,
    /// When they are away.
    pub leaves: Vec<Leave>,
    /// The schools that they may not visit.
    pub conflicts: Vec<Conflict>,
    /// The routine inspections they are assigned to.
    pub routine_inspections: Vec<RoutineInspection>,
    /// When they were entered.
    pub created_at: Timestamp,
    /// When they were last changed.
    pub updated_at: Timestamp,
}

/// Days on which an inspector is away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leave {
    /// The first day.
    pub first: Date,
    /// The last day, included.
    pub last: Date,
}

/// A school that an inspector may not visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// The school's URN.
    pub urn: String,
    /// What connects them.
    pub kind: ConflictKind,
}

/// What connects an inspector to a school.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConflictKind {
    /// Works or worked there.
    Employment,
    /// Governs or governed it.
    Governance,
    /// Family there.
    Family,
    /// Another connection.
    Other,
}

/// An assignment to a school's routine inspection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoutineInspection {
    /// The school's URN.
    pub urn: String,
    /// When the inspection begins.
    pub start_date: Date,
    /// When the assignment was recorded: the barrier stands from here.
    pub assigned_at: Timestamp,
}

/// Something asked of an inspector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InspectorCommand {
    /// Enter them.
    Create {
        /// The code.
        code: String,
        /// The region.
        region: OfstedRegion,
    },
    /// They will be away.
    AddLeave(Leave),
    /// They may not visit a school.
    DeclareConflict(Conflict),
    /// They are assigned to a school's routine inspection.
    AssignRoutineInspection {
        /// The school's URN.
        urn: String,
        /// When the inspection begins.
        start_date: Date,
    },
}

impl InspectorCommand {
    /// The stable name in the audit.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Create { .. } => "create",
            Self::AddLeave(_) => "addLeave",
            Self::DeclareConflict(_) => "declareConflict",
            Self::AssignRoutineInspection { .. } => "assignRoutineInspection",
        }
    }
}

impl Inspector {
    /// The resource name: `inspectors/HMI-001`.
    #[must_use]
    pub fn resource(&self) -> String {
        format!("inspectors/{}", self.code)
    }

    /// Whether the barrier stands between the inspector and a school (M11).
    #[must_use]
    pub fn is_barred(&self, urn: &str) -> bool {
        self.routine_inspections.iter().any(|r| r.urn == urn)
    }

    /// Whether the inspector is away on a day.
    #[must_use]
    pub fn is_away(&self, date: Date) -> bool {
        self.leaves
            .iter()
            .any(|leave| leave.first <= date && date <= leave.last)
    }

    /// Refuses an inspector who can't visit a school on a day.
    pub fn check(&self, urn: &str, date: Date) -> Result<(), Refusal> {
        let inspector = || self.code.clone();
        if self.is_barred(urn) {
            return Err(Refusal::InspectorBarred {
                inspector: inspector(),
            });
        }
        if self.conflicts.iter().any(|conflict| conflict.urn == urn) {
            return Err(Refusal::InspectorConflict {
                inspector: inspector(),
            });
        }
        if self.is_away(date) {
            return Err(Refusal::InspectorAway {
                inspector: inspector(),
                date,
            });
        }
        Ok(())
    }
}

/// What a command does to an inspector.
pub fn decide(
    state: Option<&Inspector>,
    command: &InspectorCommand,
    ctx: &Context<'_>,
) -> Result<Decision<Inspector, InspectorEvent>, Refusal> {
    let Some(before) = state else {
        let InspectorCommand::Create { code, region } = command else {
            return Err(Refusal::Absent { what: "inspector" });
        };
        let next = Inspector {
            code: code.clone(),
            region: *region,
            leaves: Vec::new(),
            conflicts: Vec::new(),
            routine_inspections: Vec::new(),
            created_at: ctx.now,
            updated_at: ctx.now,
        };
        return Ok(changed(next, InspectorEvent::Created));
    };
    let mut next = before.clone();
    next.updated_at = ctx.now;
    let event = match command {
        InspectorCommand::Create { code, .. } => {
            return Err(Refusal::Exists {
                what: format!("inspectors/{code}"),
            });
        }
        InspectorCommand::AddLeave(leave) => {
            room_for_one_more(before.leaves.len(), ENTRIES_MAX, "spells of leave")?;
            next.leaves.push(leave.clone());
            next.leaves.sort_by_key(|leave| leave.first);
            next.leaves.dedup();
            if next.leaves == before.leaves {
                return Ok(Decision::Unchanged);
            }
            InspectorEvent::LeaveAdded
        }
        InspectorCommand::DeclareConflict(conflict) => {
            if before.conflicts.iter().any(|c| c.urn == conflict.urn) {
                return Ok(Decision::Unchanged);
            }
            room_for_one_more(before.conflicts.len(), ENTRIES_MAX, "conflicts")?;
            next.conflicts.push(conflict.clone());
            InspectorEvent::ConflictDeclared
        }
        InspectorCommand::AssignRoutineInspection { urn, start_date } => {
            let same = |r: &RoutineInspection| r.urn == *urn && r.start_date == *start_date;
            if before.routine_inspections.iter().any(same) {
                return Ok(Decision::Unchanged);
            }
            let assigned = before.routine_inspections.len();
            room_for_one_more(assigned, ENTRIES_MAX, "assignments")?;
            next.routine_inspections.push(RoutineInspection {
                urn: urn.clone(),
                start_date: *start_date,
                assigned_at: ctx.now,
            });
            InspectorEvent::RoutineInspectionAssigned {
                urn: urn.clone(),
                start_date: *start_date,
            }
        }
    };
    Ok(changed(next, event))
}

fn changed(next: Inspector, event: InspectorEvent) -> Decision<Inspector, InspectorEvent> {
    Decision::Changed {
        next: Box::new(next),
        events: vec![event],
        jobs: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::policy::Policy;
    use visits_core::civil::date;
    use visits_core::{Actor, Role};

    fn run(
        state: Option<&Inspector>,
        command: &InspectorCommand,
    ) -> Result<Option<Inspector>, &'static str> {
        let (actor, policy) = (Actor::new("planner-1", Role::Scheduler), Policy::default());
        let ctx = Context {
            now: "2020-09-01T08:00:00Z".parse().expect("instant"),
            actor: &actor,
            policy: &policy,
        };
        match decide(state, command, &ctx) {
            Ok(Decision::Changed { next, .. }) => Ok(Some(*next)),
            Ok(Decision::Unchanged) => Ok(None),
            Err(refusal) => Err(visits_core::Refusal::reason(&refusal)),
        }
    }

    #[test]
    fn every_state_and_command_of_an_inspector_has_its_row() {
        let create = InspectorCommand::Create {
            code: "HMI-001".into(),
            region: OfstedRegion::SouthEast,
        };
        let leave = InspectorCommand::AddLeave(Leave {
            first: date(2020, 10, 12),
            last: date(2020, 10, 16),
        });
        let conflict = InspectorCommand::DeclareConflict(Conflict {
            urn: "123166".into(),
            kind: ConflictKind::Governance,
        });
        let assign = InspectorCommand::AssignRoutineInspection {
            urn: "123167".into(),
            start_date: date(2021, 2, 1),
        };
        for command in [&leave, &conflict, &assign] {
            assert_eq!(run(None, command), Err("NOT_FOUND"), "{command:?}");
        }
        let mut inspector = run(None, &create).expect("entered").expect("changed");
        assert_eq!(run(Some(&inspector), &create), Err("EXISTS_ALREADY"));
        for command in [&leave, &conflict, &assign] {
            inspector = run(Some(&inspector), command)
                .expect("accepted")
                .expect("changed");
            assert_eq!(
                run(Some(&inspector), command),
                Ok(None),
                "said twice: {command:?}"
            );
        }
        assert!(inspector.is_away(date(2020, 10, 16)) && !inspector.is_away(date(2020, 10, 17)));
        assert!(inspector.check("123166", date(2020, 10, 1)).is_err());
    }

    #[test]
    fn an_inspectors_lists_have_a_limit_that_is_named() {
        let create = InspectorCommand::Create {
            code: "HMI-001".into(),
            region: OfstedRegion::SouthEast,
        };
        let mut inspector = run(None, &create).expect("entered").expect("changed");
        let conflict = |number: usize| Conflict {
            urn: format!("{:06}", 100_000 + number),
            kind: ConflictKind::Other,
        };
        inspector.conflicts = (0..ENTRIES_MAX).map(conflict).collect();
        let one_more = InspectorCommand::DeclareConflict(conflict(ENTRIES_MAX));
        assert_eq!(run(Some(&inspector), &one_more), Err("TOO_MANY_ENTRIES"));
        let again = InspectorCommand::DeclareConflict(conflict(0));
        assert_eq!(run(Some(&inspector), &again), Ok(None));
    }

    #[test]
    fn m11_an_assignment_to_the_routine_inspection_bars_the_inspector_at_once() {
        let create = InspectorCommand::Create {
            code: "HMI-001".into(),
            region: OfstedRegion::SouthEast,
        };
        let inspector = run(None, &create).expect("entered").expect("changed");
        assert!(!inspector.is_barred("123166"));
        let assign = InspectorCommand::AssignRoutineInspection {
            urn: "123166".into(),
            start_date: date(2021, 2, 1),
        };
        let barred = run(Some(&inspector), &assign)
            .expect("ok")
            .expect("changed");
        assert!(
            barred.is_barred("123166"),
            "long before the inspection begins"
        );
        assert!(!barred.is_barred("123167"));
        assert_eq!(
            barred.check("123166", date(2020, 10, 1)),
            Err(Refusal::InspectorBarred {
                inspector: "HMI-001".into()
            })
        );
    }
}
