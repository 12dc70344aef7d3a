//! Who looks at a console, and whether that is a watch: what consoles say of themselves, believed
//! for a short time only (docs/decisions/0024).
//!
//! What is said is kept in the database and not in this process: the check whether the desk is
//! watched may run in another. It is no fact of a case, so it has neither audit nor `request_id`.

use sea_orm::ConnectionTrait;
use visits_core::{Actor, ErrorKind, Fault, Timestamp};
use visits_durable::Cause;

use super::rights::{self, check_role};
use super::{App, Policy};
use crate::domain::case::{CaseId, Unwatched};
use crate::store;

pub use crate::store::consoles::Said as Report;

/// Windows that one principal may have open at a time.
pub const CONSOLES_MAX: u64 = 32;

/// What a console is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Who else looks at the same case.
    pub viewers: Vec<String>,
    /// Whether an operator on duty has a live and audible console.
    pub desk_watched: bool,
}

impl App {
    /// A window of a console says how it is, and is told who else looks.
    pub async fn report_console(&self, actor: &Actor, report: Report) -> Result<Seen, Fault> {
        if let Some(case) = report.case {
            self.case(actor, case).await?;
        }
        let principal = actor.principal.clone();
        let policy = self.policy.clone();
        let keep = self.commit(Cause::System, move |step| {
            Box::pin(async move {
                let since = heard_since(&policy, step.now());
                let times = (step.now(), since);
                store::consoles::put(step.tx(), &principal, report, times).await?;
                let held = store::consoles::count(step.tx(), &principal, since).await?;
                if held > CONSOLES_MAX {
                    return Err(too_many());
                }
                Ok(())
            })
        });
        keep.await?;
        Ok(Seen {
            viewers: self.viewers(actor, report.case).await?,
            desk_watched: self.is_desk_watched(actor).await?,
        })
    }

    /// Who has a live and audible console.
    pub async fn audible(&self) -> Result<Vec<String>, Fault> {
        let since = heard_since(&self.policy, self.durable.now());
        store::consoles::audible(self.durable.reads(), since).await
    }

    /// How many cases wait for the duty desk while nobody watches.
    pub async fn cases_unwatched(&self) -> Result<u64, Fault> {
        let reads = self.durable.reads();
        let waiting = store::cases::count_waiting_for_the_desk(reads).await?;
        if waiting == 0 {
            return Ok(0);
        }
        let why = unwatched(reads, &self.policy, self.durable.now()).await?;
        Ok(why.map_or(0, |_| waiting))
    }

    async fn viewers(&self, actor: &Actor, case: Option<CaseId>) -> Result<Vec<String>, Fault> {
        let Some(case) = case else {
            return Ok(Vec::new());
        };
        let since = heard_since(&self.policy, self.durable.now());
        let mut viewers = store::consoles::viewers(self.durable.reads(), case, since).await?;
        viewers.retain(|viewer| *viewer != actor.principal);
        Ok(viewers)
    }

    /// Who may read the shifts is told whether they watch.
    async fn is_desk_watched(&self, actor: &Actor) -> Result<bool, Fault> {
        if check_role(actor, &rights::LIST_SHIFTS).is_err() {
            return Ok(false);
        }
        let reads = self.durable.reads();
        let why = unwatched(reads, &self.policy, self.durable.now()).await?;
        Ok(why.is_none())
    }
}

/// Why nobody watches, if nobody does: on duty, with a console that is live and audible.
pub(super) async fn unwatched(
    db: &impl ConnectionTrait,
    policy: &Policy,
    now: Timestamp,
) -> Result<Option<Unwatched>, Fault> {
    let on_duty = store::shifts::on_duty(db).await?;
    if on_duty.is_empty() {
        return Ok(Some(Unwatched::NobodyOnDuty));
    }
    let audible = store::consoles::audible(db, heard_since(policy, now)).await?;
    let is_watched = on_duty.iter().any(|operator| audible.contains(operator));
    Ok((!is_watched).then_some(Unwatched::NoConsoleWatches))
}

fn heard_since(policy: &Policy, now: Timestamp) -> Timestamp {
    now - policy.console_heard
}

fn too_many() -> Fault {
    let message = format!("you have {CONSOLES_MAX} windows open already; close one first");
    let fault = Fault::new(ErrorKind::LimitReached, "CONSOLE_LIMIT_REACHED", message);
    fault.with("max", CONSOLES_MAX)
}
