//! A visit as it is meant to be: planned, called about on the school day before, held, completed.

use anyhow::Context as _;
use visits_core::london;
use visits_proto::common::v1::Mode;
use visits_proto::instant;
use visits_proto::letters::v1::DraftLetterRequest;
use visits_proto::letters::v1::draft_letter_request::Ground;
use visits_proto::recording::v1 as record;
use visits_proto::recording::v1::Area;
use visits_proto::scheduling::v1 as plan;

use super::super::answered::Answered as _;
use super::super::answers::Bank;
use super::super::cast::{FIRST_VISIT, SCHEDULER};
use super::super::stage::{Stage, at};
use super::super::steps::{self, Discussion, Wanted, record_of};
use super::super::words;

const STORY: &str = "first_visit";
/// St Nicolas Church of England Primary School, Abingdon: a real school and its public data. What
/// is said there in this play is invented.
pub const SCHOOL: &str = "schools/123166";

/// What is agreed with the head for the letter.
const POINTS: [(Area, &str); 5] = [
    (
        Area::AttendanceAndBehaviour,
        "Almost all pupils have returned. Staff ring families on the first morning of an absence.",
    ),
    (
        Area::Safeguarding,
        "All staff were trained again in September. They write down worries on the same day.",
    ),
    (
        Area::ParticularNeeds,
        "Pupils with education, health and care plans came in for two mornings before term began.",
    ),
    (
        Area::Curriculum,
        "All subjects are taught. Pupils in Years 3 and 4 read to an adult every day.",
    ),
    (
        Area::LookingAhead,
        "Each year group has two weeks of lessons ready in case it has to learn from home.",
    ),
];

/// What later stories need of this one.
#[derive(Clone, Debug)]
pub struct FirstVisit {
    /// `visits/{uuid}`.
    pub visit: String,
    /// The school's name.
    pub school_name: String,
}

/// From the plan to the visit's completion.
///
/// # Errors
/// If a service refuses what the story needs, or grants what it must refuse.
pub async fn play(stage: &mut Stage, bank: &Bank) -> anyhow::Result<FirstVisit> {
    stage.teller.act("A visit, from its plan to its completion");
    let first = planned(stage).await?;
    called(stage, &first.visit).await?;
    held(stage, &first.visit, bank).await?;
    ended(stage, &first.visit).await?;
    stage.figures.fact(STORY, "visit", first.visit.as_str());
    stage
        .figures
        .fact(STORY, "school", first.school_name.as_str());
    Ok(first)
}

async fn planned(stage: &mut Stage) -> anyhow::Result<FirstVisit> {
    stage.go_to(at(9, 28, 9, 30)).await?;
    let mut scheduling = stage.caller(SCHEDULER).scheduling();
    let request = plan::GetSchoolRequest {
        name: SCHOOL.to_owned(),
    };
    let school = scheduling.get_school(request).await.granted()?;
    let wanted = Wanted {
        school: SCHOOL.to_owned(),
        visit_date: "2020-10-05".to_owned(),
        lead: FIRST_VISIT[0].to_owned(),
        other: FIRST_VISIT[1].to_owned(),
        mode: Mode::OnSite,
    };
    let visit = steps::plan_visit(stage, &wanted).await?;
    stage.does(
        SCHEDULER,
        &format!(
            "plans a visit to {} on Monday 5 October 2020, on site: HMI-001 leads, HMI-002 goes \
             with them.",
            school.display_name
        ),
    );
    let call = visit.call.context("a planned visit has a call")?;
    let due = instant(call.due_time.as_ref()).context("a call has its time")?;
    let words = format!(
        "The school will be called on {}: the last school day before the visit ({} skipped).",
        london::spoken(due),
        words::skipped(&call.skipped_days)
    );
    stage.by_itself(&words);
    Ok(FirstVisit {
        visit: visit.name,
        school_name: school.display_name,
    })
}

async fn called(stage: &mut Stage, visit: &str) -> anyhow::Result<()> {
    let lead = FIRST_VISIT[0];
    stage.go_to(at(10, 2, 10, 0)).await?;
    stage.by_itself("The timer fires: the call to the school is due.");
    let started = steps::start_call(stage, visit, lead).await?;
    let pack = started
        .context_pack
        .context("a call freezes the context pack")?;
    stage.does(
        lead,
        &format!(
            "begins the call. The context pack freezes as it is: {}. Nothing else is in it.",
            words::context_pack(&pack)
        ),
    );
    stage.go_to(at(10, 2, 10, 25)).await?;
    steps::follow_script(stage, visit, lead).await?;
    let arranged = steps::agree_arrangements(stage, visit, lead).await?;
    stage.does(
        lead,
        &format!(
            "goes through the script, step by step, and records the school's system of controls \
             and when pupils leave, 3:00pm to 3:20pm. The plan proposes to leave at {}.",
            arranged.planned_departure
        ),
    );
    let request = plan::RequestExecutiveConversationRequest {
        name: visit.to_owned(),
        leader_role: i32::from(plan::executive_conversation::LeaderRole::Chair),
        request_id: stage.request_id(),
        ..plan::RequestExecutiveConversationRequest::default()
    };
    let mut scheduling = stage.caller(lead).scheduling();
    scheduling
        .request_executive_conversation(request)
        .await
        .granted()?;
    let request = plan::PlanExecutiveConversationRequest {
        name: visit.to_owned(),
        planned_start: "13:30".to_owned(),
        planned_minutes: 30,
        request_id: stage.request_id(),
        ..plan::PlanExecutiveConversationRequest::default()
    };
    scheduling
        .plan_executive_conversation(request)
        .await
        .granted()?;
    stage.does(
        lead,
        "notes that the chair of governors asks for a conversation, and plans it for 1:30pm.",
    );
    steps::complete_call(stage, visit, lead).await?;
    stage.does(lead, "ends the call.");
    stage.settle().await?;
    stage.by_itself("Called, and the controls are recorded: the visit is ready to start.");
    Ok(())
}

async fn held(stage: &mut Stage, visit: &str, bank: &Bank) -> anyhow::Result<()> {
    let [lead, other] = FIRST_VISIT;
    stage.go_to(at(10, 5, 10, 2)).await?;
    steps::arrive(stage, visit, lead, stage.now()).await?;
    let request = record::GetVisitRecordRequest {
        name: record_of(visit),
    };
    let mut recording = stage.caller(other).recording();
    let seen = recording.get_visit_record(request).await.granted()?;
    stage.does(
        lead,
        &format!(
            "and {other} arrive. Both have the school's {} measures before them; the visit keeps \
             the form {} to its end.",
            seen.system_of_controls.len(),
            seen.form_version
        ),
    );
    stage.go_to(at(10, 5, 10, 50)).await?;
    let safeguarding = Discussion::invented(1, at(10, 5, 10, 10), stage, bank);
    steps::discuss(stage, visit, other, &safeguarding).await?;
    stage.does(
        other,
        "speaks with the designated safeguarding lead and writes the answers down as given.",
    );
    stage.go_to(at(10, 5, 11, 0)).await?;
    let request = DraftLetterRequest {
        ground: Some(Ground::Visit(visit.to_owned())),
        request_id: stage.request_id(),
    };
    let early = stage.caller(lead).letters().draft_letter(request).await;
    stage.is_refused(
        lead,
        "tries to draft the letter while still at the school",
        early,
        "LETTER_BEFORE_DEPARTURE",
    )?;
    stage.go_to(at(10, 5, 12, 15)).await?;
    let curriculum = Discussion::invented(3, at(10, 5, 11, 10), stage, bank);
    let answers = steps::discuss(stage, visit, lead, &curriculum).await?;
    follow_up(stage, visit, &answers).await?;
    stage.go_to(at(10, 5, 13, 0)).await?;
    correct(stage, visit, &answers).await?;
    stage.go_to(at(10, 5, 14, 0)).await?;
    let request = record::HoldExecutiveConversationRequest {
        name: record_of(visit),
        request_id: stage.request_id(),
        held_time: Some(visits_proto::timestamp(at(10, 5, 13, 30))),
        ..record::HoldExecutiveConversationRequest::default()
    };
    let mut recording = stage.caller(lead).recording();
    recording
        .hold_executive_conversation(request)
        .await
        .granted()?;
    stage.does(lead, "speaks with the chair of governors, as planned.");
    Ok(())
}

fn answer_to<'a>(answers: &'a [record::Answer], code: &str) -> anyhow::Result<&'a record::Answer> {
    answers
        .iter()
        .find(|answer| answer.question_code == code)
        .with_context(|| format!("{code} was answered"))
}

async fn follow_up(
    stage: &mut Stage,
    visit: &str,
    answers: &[record::Answer],
) -> anyhow::Result<()> {
    let lead = FIRST_VISIT[0];
    let request = record::RecordFollowUpRequest {
        name: record_of(visit),
        request_id: stage.request_id(),
        answer_id: answer_to(answers, "CUR-3")?.answer_id.clone(),
        question: "Who reads with the older pupils?".to_owned(),
        text: "Two teaching assistants, and sixth formers from the secondary school by video."
            .to_owned(),
        ..record::RecordFollowUpRequest::default()
    };
    let mut recording = stage.caller(lead).recording();
    recording.record_follow_up(request).await.granted()?;
    stage.does(
        lead,
        "speaks about the curriculum. The answer about reading invites a follow-up; it is \
         recorded beneath the question asked.",
    );
    Ok(())
}

async fn correct(stage: &mut Stage, visit: &str, answers: &[record::Answer]) -> anyhow::Result<()> {
    let lead = FIRST_VISIT[0];
    let request = record::CorrectAnswerRequest {
        name: record_of(visit),
        request_id: stage.request_id(),
        answer_id: answer_to(answers, "CUR-4")?.answer_id.clone(),
        text: "Teachers looked at the work from home in the first three weeks.".to_owned(),
        reason: "The leader put the time right after lunch.".to_owned(),
        ..record::CorrectAnswerRequest::default()
    };
    let mut recording = stage.caller(lead).recording();
    let corrected = recording.correct_answer(request).await.granted()?;
    stage.does(
        lead,
        &format!(
            "corrects an answer. What stood before is kept: {} earlier wording.",
            corrected.revisions.len()
        ),
    );
    Ok(())
}

async fn ended(stage: &mut Stage, visit: &str) -> anyhow::Result<()> {
    let [lead, other] = FIRST_VISIT;
    let bank = Bank::open()?;
    stage.go_to(at(10, 5, 15, 30)).await?;
    for (index, who, opened) in [
        (0, other, at(10, 5, 11, 30)),
        (2, other, at(10, 5, 13, 30)),
        (4, lead, at(10, 5, 14, 30)),
    ] {
        let discussion = Discussion::invented(index, opened, stage, &bank);
        steps::discuss(stage, visit, who, &discussion).await?;
    }
    let request = record::GetCoverageRequest {
        name: record_of(visit),
    };
    let mut recording = stage.caller(lead).recording();
    let coverage = recording.get_coverage(request).await.granted()?;
    stage.does(
        other,
        &format!(
            "and {lead} finish the discussions, in the order that suited the school: {} questions \
             asked, {} left.",
            coverage.asked.len(),
            coverage.unasked.len()
        ),
    );
    steps::agree_content(stage, visit, lead, &POINTS).await?;
    steps::ask_for_feedback(
        stage,
        visit,
        lead,
        Some("We felt listened to. The day was long for our small office."),
    )
    .await?;
    stage.does(
        lead,
        "agrees with the head what the letter will say, five points, and asks how the visit was. \
         There is no formal feedback: nothing was judged.",
    );
    stage.go_to(at(10, 5, 15, 45)).await?;
    steps::depart(stage, visit, lead, stage.now()).await?;
    stage.does(
        lead,
        &format!("and {other} leave: after home time and before 4:00pm."),
    );
    stage.go_to(at(10, 5, 16, 20)).await?;
    steps::complete_visit(stage, visit, lead).await?;
    stage.does(lead, "completes the visit.");
    stage.settle().await
}
