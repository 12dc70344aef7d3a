//! Looks up, in the step's own transaction, what a decision rests on besides the visit.

use jiff::ToSpan;
use visits_core::Fault;
use visits_core::civil::Date;
use visits_durable::sea_orm::ConnectionTrait;

use super::wish::Wish;
use crate::domain::command::{Command, Facts, Plan, WantedTeam};
use crate::domain::refusal::Refusal;
use crate::domain::visit::{Visit, VisitId};
use crate::store::{inspector, reference, school, visit};

/// How far before a visit its call day can lie: more than the school day rule looks back.
const DIARY_DAYS: i32 = 130;

/// The command that a wish is, with its facts.
pub(super) async fn gather(
    db: &impl ConnectionTrait,
    id: VisitId,
    current: Option<&Visit>,
    wish: Wish,
) -> Result<Command, Fault> {
    let visit = match (current, wish) {
        (
            _,
            Wish::Plan {
                urn,
                visit_date,
                mode,
                team,
                form_version,
            },
        ) => {
            let facts = planning(db, &urn, &names(&team), visit_date).await?;
            return Ok(Command::Plan(Box::new(Plan {
                id,
                visit_date,
                mode,
                team,
                form_version,
                facts,
            })));
        }
        (_, Wish::Plain(command)) => return Ok(command),
        (Some(visit), wish) => (visit, wish),
        (None, _) => return Err(Refusal::Absent { what: "visit" }.into()),
    };
    of_visit(db, visit.0, visit.1).await
}

async fn of_visit(db: &impl ConnectionTrait, visit: &Visit, wish: Wish) -> Result<Command, Fault> {
    let members = visit.team.members();
    Ok(match wish {
        Wish::Reschedule { visit_date, reason } => Command::Reschedule {
            visit_date,
            reason,
            facts: Box::new(planning(db, &visit.school, members, visit_date).await?),
        },
        Wish::ChangeTeam { team, reason } => {
            let facts = planning(db, &visit.school, &names(&team), visit.visit_date).await?;
            Command::ChangeTeam {
                team,
                reason,
                facts: Box::new(facts),
            }
        }
        Wish::StartCall => Command::StartCall {
            script: reference::script_on(db, visit.call.date).await?,
            pack: known_school(db, &visit.school).await?.context_pack(),
        },
        Wish::RecordSteps { codes } => Command::RecordSteps {
            codes,
            script: script_of(db, visit).await?,
        },
        Wish::CompleteCall => Command::CompleteCall {
            script: script_of(db, visit).await?,
        },
        Wish::DecideDeferral {
            granted,
            rationale,
            regions,
        } => Command::DecideDeferral {
            granted: match granted {
                Some(date) => {
                    let facts = planning(db, &visit.school, members, date).await?;
                    Some((date, Box::new(facts)))
                }
                None => None,
            },
            rationale,
            regions,
        },
        Wish::Plain(command) => command,
        Wish::Plan { .. } => {
            return Err(Refusal::Exists {
                what: visit.id.resource(),
            }
            .into());
        }
    })
}

/// What planning looks at.
pub(super) async fn planning(
    db: &impl ConnectionTrait,
    urn: &str,
    inspectors: &[String],
    visit_date: Date,
) -> Result<Facts, Fault> {
    let school = known_school(db, urn).await?;
    let first = visit_date.saturating_sub(DIARY_DAYS.days());
    Ok(Facts {
        calendars: reference::calendars_of(db, &school).await?,
        inspectors: inspector::load_all_locked(db, inspectors.to_vec()).await?,
        diary: visit::diary(db, inspectors.to_vec(), first, visit_date).await?,
        other_visit: visit::live_at(db, urn).await?,
        school,
    })
}

async fn known_school(
    db: &impl ConnectionTrait,
    urn: &str,
) -> Result<crate::domain::school::School, Fault> {
    let stored = school::load(db, urn).await?;
    stored
        .map(|stored| stored.school)
        .ok_or_else(|| Fault::not_found(format!("schools/{urn}")))
}

async fn script_of(
    db: &impl ConnectionTrait,
    visit: &Visit,
) -> Result<Option<crate::domain::script::CallScript>, Fault> {
    match &visit.call.script_version {
        Some(version) => reference::script(db, version).await,
        None => Ok(None),
    }
}

fn names(team: &WantedTeam) -> Vec<String> {
    let mut names = vec![team.lead.clone()];
    names.extend(team.others.iter().cloned());
    names
}
