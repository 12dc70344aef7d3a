//! Requests about the plan, read: every field at fault is reported at once.

use visits_core::{Fault, Fields};
use visits_proto::scheduling::v1 as proto;

use super::{Change, codes};
use crate::app::rights::Needs;
use crate::app::wish::Wish;
use crate::domain::command::{Command, WantedTeam};
use crate::domain::visit::{CancelReason, FlagCode, Mode};

/// The longest reason in words.
pub(super) const REASON_MAX: usize = 1_000;
/// More than any team has.
const OTHERS_MAX: usize = 10;

/// Puts together what was read, if nothing was at fault.
pub(super) fn change(
    mut fields: Fields,
    about: (&str, &str, &str),
    needs: Needs,
    wish: Wish,
) -> Result<Change, Fault> {
    let (name, etag, request_id) = about;
    let id = fields.name("name", name, "visits");
    let request_id = fields.request_id(request_id);
    fields.finish()?;
    Ok(Change {
        request_id,
        id: Some(id),
        etag: etag.to_owned(),
        needs,
        wish,
    })
}

fn team(fields: &mut Fields, lead: &str, others: &[String], reason: &str) -> WantedTeam {
    if others.len() > OTHERS_MAX {
        fields.violate("inspectors", "names too many inspectors");
    }
    WantedTeam {
        lead: fields.code("lead", lead, "inspectors"),
        others: others
            .iter()
            .take(OTHERS_MAX)
            .enumerate()
            .map(|(at, other)| fields.code(&format!("inspectors[{at}]"), other, "inspectors"))
            .collect(),
        size_reason: Some(fields.optional_text("team_size_reason", reason, REASON_MAX))
            .filter(|reason| !reason.is_empty()),
    }
}

fn mode(fields: &mut Fields, value: i32) -> Mode {
    let read = codes::mode_from(value);
    let known = fields.known("mode", read, "must be MODE_ON_SITE or MODE_REMOTE");
    known.unwrap_or(Mode::OnSite)
}

pub(super) fn plan(asked: &proto::PlanVisitRequest) -> Result<Change, Fault> {
    let mut fields = Fields::new();
    let urn = fields.urn("school", &asked.school);
    let visit_date = fields.date("visit_date", &asked.visit_date);
    let mode = mode(&mut fields, asked.mode);
    let team = team(
        &mut fields,
        &asked.lead,
        &asked.inspectors,
        &asked.team_size_reason,
    );
    let form_version = fields.optional_text("form_version", &asked.form_version, 63);
    let request_id = fields.request_id(&asked.request_id);
    fields.finish()?;
    Ok(Change {
        request_id,
        id: None,
        etag: String::new(),
        needs: Needs::Scheduler,
        wish: Wish::Plan {
            urn,
            visit_date,
            mode,
            team,
            form_version: Some(form_version).filter(|version| !version.is_empty()),
        },
    })
}

pub(super) fn reschedule(asked: &proto::RescheduleVisitRequest) -> Result<Change, Fault> {
    let mut fields = Fields::new();
    let wish = Wish::Reschedule {
        visit_date: fields.date("visit_date", &asked.visit_date),
        reason: fields.text("reason", &asked.reason, REASON_MAX),
    };
    let about = (&*asked.name, &*asked.etag, &*asked.request_id);
    change(fields, about, Needs::Scheduler, wish)
}

pub(super) fn change_team(asked: &proto::ChangeTeamRequest) -> Result<Change, Fault> {
    let mut fields = Fields::new();
    let wish = Wish::ChangeTeam {
        team: team(
            &mut fields,
            &asked.lead,
            &asked.inspectors,
            &asked.team_size_reason,
        ),
        reason: fields.text("reason", &asked.reason, REASON_MAX),
    };
    let about = (&*asked.name, &*asked.etag, &*asked.request_id);
    change(fields, about, Needs::Scheduler, wish)
}

pub(super) fn change_mode(asked: &proto::ChangeModeRequest) -> Result<Change, Fault> {
    let mut fields = Fields::new();
    let wish = Wish::Plain(Command::ChangeMode {
        mode: mode(&mut fields, asked.mode),
        reason: fields.text("reason", &asked.reason, REASON_MAX),
    });
    let about = (&*asked.name, &*asked.etag, &*asked.request_id);
    change(fields, about, Needs::SchedulerOrLead, wish)
}

pub(super) fn cancel(asked: &proto::CancelVisitRequest) -> Result<Change, Fault> {
    let mut fields = Fields::new();
    let read = codes::cancel_reason_from(asked.reason);
    let reason = fields.known("reason", read, "must say why the visit is cancelled");
    let reason = reason.unwrap_or(CancelReason::Other);
    let note = if reason == CancelReason::Other {
        fields.text("note", &asked.note, REASON_MAX)
    } else {
        fields.optional_text("note", &asked.note, REASON_MAX)
    };
    let about = (&*asked.name, &*asked.etag, &*asked.request_id);
    let wish = Wish::Plain(Command::Cancel { reason, note });
    change(fields, about, Needs::Scheduler, wish)
}

pub(super) fn solve_flag(asked: &proto::SolveReviewFlagRequest) -> Result<Change, Fault> {
    let mut fields = Fields::new();
    let read = codes::flag_code_from(asked.code);
    let code = fields.known("code", read, "must be the code of a flag of the visit");
    let wish = Wish::Plain(Command::SolveFlag {
        code: code.unwrap_or(FlagCode::SchoolClosed),
        subject: fields.text("subject", &asked.subject, 100),
        resolution: fields.text("resolution", &asked.resolution, REASON_MAX),
    });
    let about = (&*asked.name, &*asked.etag, &*asked.request_id);
    change(fields, about, Needs::Scheduler, wish)
}
