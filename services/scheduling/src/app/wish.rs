//! What a caller, an event or a timer asks of a visit, before the facts are looked up that the
//! answer rests on.

use visits_core::civil::Date;

use crate::domain::command::{Command, WantedTeam};
use crate::domain::visit::Mode;
use crate::import::OfstedRegion;

/// Something asked of a visit.
#[derive(Clone, Debug)]
pub enum Wish {
    /// Plan it.
    Plan {
        /// The school's URN.
        urn: String,
        /// The one day (M4).
        visit_date: Date,
        /// On site or remote.
        mode: Mode,
        /// Who goes.
        team: WantedTeam,
        /// The version of the visit form, if one is asked for (M8).
        form_version: Option<String>,
    },
    /// Move it to another date.
    Reschedule {
        /// The new date.
        visit_date: Date,
        /// Why.
        reason: String,
    },
    /// Change the team.
    ChangeTeam {
        /// Who goes.
        team: WantedTeam,
        /// Why.
        reason: String,
    },
    /// The call begins.
    StartCall,
    /// Steps of the script were gone through.
    RecordSteps {
        /// Their codes.
        codes: Vec<String>,
    },
    /// The call is over.
    CompleteCall,
    /// The region decides about deferral.
    DecideDeferral {
        /// The new date, if granted.
        granted: Option<Date>,
        /// Why.
        rationale: String,
        /// The regions that the decider answers for today.
        regions: Vec<OfstedRegion>,
    },
    /// Something that rests on the visit alone.
    Plain(Command),
}
