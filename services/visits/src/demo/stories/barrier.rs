//! The information barrier: what was gathered on a visit is not for the next routine inspection.

use visits_proto::letters::v1::{GetLetterRequest, GetPublishedLetterRequest};
use visits_proto::recording::v1::{GetVisitRecordRequest, ListAnswersRequest};
use visits_proto::scheduling::v1::{AssignRoutineInspectionRequest, GetVisitRequest};

use super::super::answered::Answered as _;
use super::super::cast::{FIRST_VISIT, SCHEDULER, inspector};
use super::super::stage::{Stage, at};
use super::super::steps::record_of;
use super::first_letter::FirstLetter;
use super::first_visit::{FirstVisit, SCHOOL};

const STORY: &str = "barrier";
/// What somebody behind the barrier is told: the same as about what isn't there.
const ABSENT: &str = "NOT_FOUND";

/// The lead of the first visit is assigned to the school's routine inspection.
///
/// # Errors
/// If a service refuses what the story needs, or grants what it must refuse.
pub async fn play(
    stage: &mut Stage,
    first: &FirstVisit,
    letter: &FirstLetter,
) -> anyhow::Result<()> {
    let [barred, other] = FIRST_VISIT;
    stage.teller.act("The information barrier");
    stage.go_to(at(10, 12, 9, 0)).await?;
    let read = answers(stage, &first.visit, barred).await.granted()?;
    stage.does(
        barred,
        &format!(
            "reads the answers of their own visit again: {}.",
            read.answers.len()
        ),
    );
    assign(stage).await?;
    refusals(stage, first, letter).await?;
    let published = GetPublishedLetterRequest {
        name: letter.letter.clone(),
    };
    let mut letters = stage.caller(barred).letters();
    letters.get_published_letter(published).await.granted()?;
    stage.does(
        barred,
        "reads the published letter, as anybody may: it is the one exception.",
    );
    let read = answers(stage, &first.visit, other).await.granted()?;
    stage.does(
        other,
        &format!(
            "was on the same visit and has no such assignment: reads the {} answers.",
            read.answers.len()
        ),
    );
    audited(stage, &first.visit).await
}

async fn answers(
    stage: &Stage,
    visit: &str,
    who: &str,
) -> Result<tonic::Response<visits_proto::recording::v1::ListAnswersResponse>, tonic::Status> {
    let request = ListAnswersRequest {
        parent: record_of(visit),
        ..ListAnswersRequest::default()
    };
    stage.caller(who).recording().list_answers(request).await
}

async fn assign(stage: &mut Stage) -> anyhow::Result<()> {
    stage.go_to(at(10, 12, 9, 10)).await?;
    let request = AssignRoutineInspectionRequest {
        name: inspector(FIRST_VISIT[0]),
        school: SCHOOL.to_owned(),
        start_date: "2021-02-01".to_owned(),
        request_id: stage.request_id(),
        ..AssignRoutineInspectionRequest::default()
    };
    let mut scheduling = stage.caller(SCHEDULER).scheduling();
    scheduling
        .assign_routine_inspection(request)
        .await
        .granted()?;
    stage.does(
        SCHEDULER,
        "assigns HMI-001 to the school's next routine inspection, in February 2021.",
    );
    stage.settle().await
}

async fn refusals(
    stage: &mut Stage,
    first: &FirstVisit,
    letter: &FirstLetter,
) -> anyhow::Result<()> {
    let barred = FIRST_VISIT[0];
    let refused = answers(stage, &first.visit, barred).await;
    stage.is_refused(barred, "asks for the answers again", refused, ABSENT)?;
    let request = GetVisitRecordRequest {
        name: record_of(&first.visit),
    };
    let mut recording = stage.caller(barred).recording();
    let refused = recording.get_visit_record(request).await;
    stage.is_refused(barred, "asks for the visit's record", refused, ABSENT)?;
    let request = GetVisitRequest {
        name: first.visit.clone(),
    };
    let mut scheduling = stage.caller(barred).scheduling();
    let refused = scheduling.get_visit(request).await;
    stage.is_refused(barred, "asks for the visit's plan", refused, ABSENT)?;
    let request = GetLetterRequest {
        name: letter.letter.clone(),
    };
    let refused = stage.caller(barred).letters().get_letter(request).await;
    stage.is_refused(barred, "asks for the letter's drafts", refused, ABSENT)
}

async fn audited(stage: &mut Stage, visit: &str) -> anyhow::Result<()> {
    let record = record_of(visit);
    let refusals = stage.refusals_in_audit("recording").await?;
    let of_barred: Vec<_> = refusals
        .iter()
        .filter(|entry| entry.actor == FIRST_VISIT[0] && entry.resource == record)
        .collect();
    let actions: Vec<&str> = of_barred
        .iter()
        .map(|entry| entry.action.as_str())
        .collect();
    let words = format!(
        "Each refusal is in the audit; recording has {} by HMI-001: {}.",
        actions.len(),
        actions.join(", ")
    );
    stage.by_itself(&words);
    stage
        .figures
        .fact(STORY, "refusals_audited_by_recording", of_barred.len());
    Ok(())
}
