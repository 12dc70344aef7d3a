//! A school asks on the call to defer the visit; the region grants it; the visit is planned again.

use anyhow::Context as _;
use visits_core::london;
use visits_proto::common::v1::Mode;
use visits_proto::instant;
use visits_proto::scheduling::v1 as plan;

use super::super::answered::Answered as _;
use super::super::cast::{DEFERRED, SCHEDULER};
use super::super::stage::{Stage, at};
use super::super::steps::{self, Wanted};
use super::super::words;

const STORY: &str = "deferral";
const SCHOOL: &str = "schools/900003";
const DEPUTY: &str = "RD-EM-DEPUTY";

/// Plans the visit that will be deferred.
///
/// # Errors
/// If it is refused.
pub async fn prepare(stage: &mut Stage) -> anyhow::Result<String> {
    let wanted = Wanted {
        school: SCHOOL.to_owned(),
        visit_date: "2020-10-16".to_owned(),
        lead: DEFERRED[0].to_owned(),
        other: DEFERRED[1].to_owned(),
        mode: Mode::OnSite,
    };
    let visit = steps::plan_visit(stage, &wanted).await?;
    stage.figures.fact(STORY, "visit", visit.name.as_str());
    Ok(visit.name)
}

/// The day of the call, Thursday 15 October: asked, and granted by the deputy.
///
/// # Errors
/// If a service refuses what the story needs, or grants what it must refuse.
pub async fn play(stage: &mut Stage, visit: &str) -> anyhow::Result<()> {
    stage.teller.act("A deferral");
    reached(stage, visit).await?;
    let asked = asked(stage, visit).await?;
    stage.go_to(asked).await?;
    stage.go_to(at(10, 15, 14, 0)).await?;
    let said = stage.said_about("scheduling.visit", visit).await?;
    if said.iter().any(|event| event == "DeferralReminder") {
        stage.by_itself("The region has not decided yet: a reminder goes out.");
    }
    decided(stage, visit).await
}

async fn reached(stage: &mut Stage, visit: &str) -> anyhow::Result<()> {
    let lead = DEFERRED[0];
    stage.go_to(at(10, 15, 10, 5)).await?;
    let request = plan::RecordCallAttemptRequest {
        name: visit.to_owned(),
        request_id: stage.request_id(),
        ..plan::RecordCallAttemptRequest::default()
    };
    let mut scheduling = stage.caller(lead).scheduling();
    let tried = scheduling.record_call_attempt(request).await.granted()?;
    let next = tried
        .call
        .and_then(|call| instant(call.next_attempt_time.as_ref()));
    let next = next.context("a next attempt is due")?;
    stage.does(
        lead,
        &format!(
            "calls Millbeck Junior School (invented) about the visit of the next day. Nobody \
             answers; the next attempt is due at {}.",
            london::hour(next)
        ),
    );
    stage.go_to(next).await?;
    steps::start_call(stage, visit, lead).await?;
    stage.does(lead, "calls again and reaches the head.");
    Ok(())
}

async fn asked(stage: &mut Stage, visit: &str) -> anyhow::Result<visits_core::Timestamp> {
    let lead = DEFERRED[0];
    stage.go_to(at(10, 15, 10, 35)).await?;
    let request = plan::RequestDeferralRequest {
        name: visit.to_owned(),
        reason: i32::from(plan::deferral::Reason::CovidClosure),
        note: "Two year groups and seven staff have to isolate.".to_owned(),
        request_id: stage.request_id(),
        ..plan::RequestDeferralRequest::default()
    };
    let mut scheduling = stage.caller(lead).scheduling();
    let visit = scheduling.request_deferral(request).await.granted()?;
    let decide_by = visit
        .deferral
        .and_then(|d| instant(d.decide_by_time.as_ref()));
    let decide_by = decide_by.context("a deferral is decided by some time")?;
    stage.does(
        lead,
        &format!(
            "records that the school asks for deferral: two year groups have to isolate. The \
             region decides by {}.",
            london::hour(decide_by)
        ),
    );
    Ok(stage.now())
}

async fn decided(stage: &mut Stage, visit: &str) -> anyhow::Result<()> {
    stage.go_to(at(10, 15, 14, 40)).await?;
    let decide = |stage: &Stage| plan::DecideDeferralRequest {
        name: visit.to_owned(),
        decision: i32::from(plan::deferral::Decision::Granted),
        rationale: "Most of the school is at home.".to_owned(),
        new_visit_date: "2020-11-02".to_owned(),
        request_id: stage.request_id(),
        ..plan::DecideDeferralRequest::default()
    };
    let stranger = "RD-LONDON";
    let mut scheduling = stage.caller(stranger).scheduling();
    let refused = scheduling.decide_deferral(decide(stage)).await;
    stage.is_refused(
        stranger,
        "tries to decide about a school in the East Midlands",
        refused,
        "REGION_NOT_YOURS",
    )?;
    stage.go_to(at(10, 15, 15, 10)).await?;
    let mut scheduling = stage.caller(DEPUTY).scheduling();
    let granted = scheduling.decide_deferral(decide(stage)).await.granted()?;
    stage.does(
        DEPUTY,
        "stands in for the director this week, by the register, and grants it: a new date, Monday \
         2 November.",
    );
    let call = granted.call.context("a planned visit has a call")?;
    let due = instant(call.due_time.as_ref()).context("a call has its time")?;
    let words = format!(
        "The visit is planned again, with a new call on {}: {} skipped.",
        london::spoken(due),
        words::skipped(&call.skipped_days)
    );
    stage.by_itself(&words);
    Ok(())
}

/// Friday 23 October: the deferred visit's new call.
///
/// # Errors
/// If a service refuses what the story needs.
pub async fn call_again(stage: &mut Stage, visit: &str) -> anyhow::Result<()> {
    let lead = DEFERRED[0];
    stage.go_to(at(10, 23, 10, 0)).await?;
    let called = steps::make_call(stage, visit, lead).await?;
    stage.does(
        lead,
        "calls Millbeck Junior School again, now for 2 November: everybody is back, and the visit \
         is ready.",
    );
    stage.settle().await?;
    let mut scheduling = stage.caller(SCHEDULER).scheduling();
    let request = plan::GetVisitRequest { name: called.name };
    let visit = scheduling.get_visit(request).await.granted()?;
    stage
        .figures
        .fact(STORY, "state", visit.state().as_str_name());
    Ok(())
}
