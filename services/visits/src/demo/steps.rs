//! What inspectors do on every visit, from the plan to completion. Nothing here is told: the
//! stories tell what matters in them.

use visits_core::Timestamp;
use visits_proto::common::v1::Mode;
use visits_proto::recording::v1 as record;
use visits_proto::recording::v1::{Area, NewAnswer, SpokenTo};
use visits_proto::scheduling::v1 as plan;
use visits_proto::scheduling::v1::control_measure::Topic;
use visits_proto::timestamp;

use super::answered::Answered as _;
use super::answers::Bank;
use super::cast::{SCHEDULER, inspector};
use super::stage::Stage;

/// The steps of the script that every call goes through.
const CALL_STEPS: [&str; 9] = [
    "introduction",
    "purpose",
    "system-of-controls",
    "deferral",
    "mode",
    "home-time",
    "executive-leaders",
    "the-day",
    "close",
];

/// The five discussions: the beginning of their questions' codes, and whom one speaks with.
pub const DISCUSSIONS: [(Area, &str, SpokenTo); 5] = [
    (
        Area::AttendanceAndBehaviour,
        "ATT",
        SpokenTo::PastoralLeader,
    ),
    (Area::Safeguarding, "SAF", SpokenTo::Dsl),
    (Area::ParticularNeeds, "NEE", SpokenTo::Senco),
    (Area::Curriculum, "CUR", SpokenTo::CurriculumLeader),
    (Area::LookingAhead, "LOO", SpokenTo::Head),
];

/// A visit as it is to be planned.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// `schools/{urn}`.
    pub school: String,
    /// The day, `2020-10-05`.
    pub visit_date: String,
    /// The code of the lead.
    pub lead: String,
    /// The code of the other inspector.
    pub other: String,
    /// On site or remote.
    pub mode: Mode,
}

/// `visitRecords/{id}` of `visits/{id}`.
#[must_use]
pub fn record_of(visit: &str) -> String {
    visit.replacen("visits/", "visitRecords/", 1)
}

/// The scheduler plans a visit.
///
/// # Errors
/// If it is refused.
pub async fn plan_visit(stage: &Stage, wanted: &Wanted) -> anyhow::Result<plan::Visit> {
    let request = plan::PlanVisitRequest {
        school: wanted.school.clone(),
        visit_date: wanted.visit_date.clone(),
        mode: i32::from(wanted.mode),
        lead: inspector(&wanted.lead),
        inspectors: vec![inspector(&wanted.other)],
        request_id: stage.request_id(),
        ..plan::PlanVisitRequest::default()
    };
    let mut scheduling = stage.caller(SCHEDULER).scheduling();
    scheduling.plan_visit(request).await.granted()
}

/// The lead begins the call, which freezes the context pack.
///
/// # Errors
/// If it is refused.
pub async fn start_call(stage: &Stage, visit: &str, lead: &str) -> anyhow::Result<plan::Visit> {
    let request = plan::StartCallRequest {
        name: visit.to_owned(),
        request_id: stage.request_id(),
        ..plan::StartCallRequest::default()
    };
    let mut scheduling = stage.caller(lead).scheduling();
    scheduling.start_call(request).await.granted()
}

/// The lead goes through the whole script.
///
/// # Errors
/// If it is refused.
pub async fn follow_script(stage: &Stage, visit: &str, lead: &str) -> anyhow::Result<()> {
    let request = plan::RecordCallStepRequest {
        name: visit.to_owned(),
        step_codes: CALL_STEPS.map(str::to_owned).to_vec(),
        request_id: stage.request_id(),
        ..plan::RecordCallStepRequest::default()
    };
    let mut scheduling = stage.caller(lead).scheduling();
    scheduling.record_call_step(request).await.granted()?;
    Ok(())
}

/// The lead records the system of controls and home time.
///
/// # Errors
/// If it is refused.
pub async fn agree_arrangements(
    stage: &Stage,
    visit: &str,
    lead: &str,
) -> anyhow::Result<plan::Visit> {
    let measure = |topic: Topic, arrangement: &str| plan::ControlMeasure {
        topic: i32::from(topic),
        arrangement: arrangement.to_owned(),
    };
    let request = plan::RecordSystemOfControlsRequest {
        name: visit.to_owned(),
        measures: vec![
            measure(
                Topic::Visitors,
                "Sign in at the side door; one way round the building.",
            ),
            measure(
                Topic::MeetingRoom,
                "The library, windows open, two metres apart.",
            ),
            measure(Topic::HandCleaning, "On arrival and between conversations."),
        ],
        request_id: stage.request_id(),
        ..plan::RecordSystemOfControlsRequest::default()
    };
    let mut scheduling = stage.caller(lead).scheduling();
    scheduling
        .record_system_of_controls(request)
        .await
        .granted()?;
    let request = plan::RecordHomeTimeRequest {
        name: visit.to_owned(),
        home_time: Some(plan::HomeTime {
            from: "15:00".to_owned(),
            until: "15:20".to_owned(),
        }),
        request_id: stage.request_id(),
        ..plan::RecordHomeTimeRequest::default()
    };
    scheduling.record_home_time(request).await.granted()
}

/// The lead ends the call.
///
/// # Errors
/// If it is refused.
pub async fn complete_call(stage: &Stage, visit: &str, lead: &str) -> anyhow::Result<plan::Visit> {
    let request = plan::CompleteCallRequest {
        name: visit.to_owned(),
        request_id: stage.request_id(),
        ..plan::CompleteCallRequest::default()
    };
    let mut scheduling = stage.caller(lead).scheduling();
    scheduling.complete_call(request).await.granted()
}

/// The whole call, as most are.
///
/// # Errors
/// If a part of it is refused.
pub async fn make_call(stage: &Stage, visit: &str, lead: &str) -> anyhow::Result<plan::Visit> {
    start_call(stage, visit, lead).await?;
    follow_script(stage, visit, lead).await?;
    agree_arrangements(stage, visit, lead).await?;
    complete_call(stage, visit, lead).await
}

/// The inspectors arrive.
///
/// # Errors
/// If it is refused.
pub async fn arrive(
    stage: &Stage,
    visit: &str,
    lead: &str,
    when: Timestamp,
) -> anyhow::Result<record::VisitRecord> {
    let request = record::StartVisitRequest {
        name: record_of(visit),
        started_time: Some(timestamp(when)),
        request_id: stage.request_id(),
        ..record::StartVisitRequest::default()
    };
    let mut recording = stage.caller(lead).recording();
    recording.start_visit(request).await.granted()
}

/// A discussion with what was said in it.
#[derive(Clone, Debug)]
pub struct Discussion {
    /// What it is about.
    pub area: Area,
    /// With whom, by role.
    pub with: SpokenTo,
    /// When it began.
    pub opened: Timestamp,
    /// The answers.
    pub answers: Vec<NewAnswer>,
}

impl Discussion {
    /// A discussion in which every question of its area is answered out of the bank.
    pub fn invented(index: usize, opened: Timestamp, stage: &mut Stage, bank: &Bank) -> Self {
        let (area, prefix, with) = DISCUSSIONS[index % DISCUSSIONS.len()];
        let answers = bank.questions(prefix).map(|question| {
            let said = bank.say(question, &mut stage.chance);
            NewAnswer {
                question_code: question.to_owned(),
                declined: said.is_none(),
                text: said.unwrap_or_default(),
                given_time: Some(timestamp(opened)),
            }
        });
        Self {
            area,
            with,
            opened,
            answers: answers.collect(),
        }
    }
}

/// The inspectors hold a discussion and write the answers down.
///
/// # Errors
/// If it is refused.
pub async fn discuss(
    stage: &Stage,
    visit: &str,
    who: &str,
    discussion: &Discussion,
) -> anyhow::Result<Vec<record::Answer>> {
    let request = record::OpenDiscussionRequest {
        name: record_of(visit),
        request_id: stage.request_id(),
        area: i32::from(discussion.area),
        spoken_to: vec![i32::from(discussion.with)],
        opened_time: Some(timestamp(discussion.opened)),
        ..record::OpenDiscussionRequest::default()
    };
    let mut recording = stage.caller(who).recording();
    let opened = recording.open_discussion(request).await.granted()?;
    let request = record::RecordAnswersRequest {
        name: record_of(visit),
        request_id: stage.request_id(),
        discussion_id: opened.discussion_id,
        answers: discussion.answers.clone(),
        ..record::RecordAnswersRequest::default()
    };
    let written = recording.record_answers(request).await.granted()?;
    Ok(written.answers)
}

/// The inspectors leave.
///
/// # Errors
/// If it is refused.
pub async fn depart(
    stage: &Stage,
    visit: &str,
    lead: &str,
    when: Timestamp,
) -> anyhow::Result<record::VisitRecord> {
    let request = record::RecordDepartureRequest {
        name: record_of(visit),
        request_id: stage.request_id(),
        departed_time: Some(timestamp(when)),
        ..record::RecordDepartureRequest::default()
    };
    let mut recording = stage.caller(lead).recording();
    recording.record_departure(request).await.granted()
}

/// The inspectors agree the letter's content with the head.
///
/// # Errors
/// If it is refused.
pub async fn agree_content(
    stage: &Stage,
    visit: &str,
    lead: &str,
    points: &[(Area, &str)],
) -> anyhow::Result<record::AgreedContent> {
    let points = points.iter().map(|(area, text)| record::AgreedPoint {
        area: i32::from(*area),
        text: (*text).to_owned(),
        flagged_phrases: Vec::new(),
    });
    let request = record::AgreeLetterContentRequest {
        name: record_of(visit),
        request_id: stage.request_id(),
        points: points.collect(),
        agreed_with: i32::from(SpokenTo::Head),
        ..record::AgreeLetterContentRequest::default()
    };
    let mut recording = stage.caller(lead).recording();
    recording.agree_letter_content(request).await.granted()
}

/// The school says how the visit was for it; nothing if it offers nothing.
///
/// # Errors
/// If it is refused.
pub async fn ask_for_feedback(
    stage: &Stage,
    visit: &str,
    lead: &str,
    words: Option<&str>,
) -> anyhow::Result<()> {
    let request = record::RecordSchoolFeedbackRequest {
        name: record_of(visit),
        request_id: stage.request_id(),
        text: words.unwrap_or_default().to_owned(),
        none_offered: words.is_none(),
        ..record::RecordSchoolFeedbackRequest::default()
    };
    let mut recording = stage.caller(lead).recording();
    recording.record_school_feedback(request).await.granted()?;
    Ok(())
}

/// The lead completes the visit.
///
/// # Errors
/// If it is refused.
pub async fn complete_visit(
    stage: &Stage,
    visit: &str,
    lead: &str,
) -> anyhow::Result<record::VisitRecord> {
    let request = record::CompleteVisitRequest {
        name: record_of(visit),
        request_id: stage.request_id(),
        ..record::CompleteVisitRequest::default()
    };
    let mut recording = stage.caller(lead).recording();
    recording.complete_visit(request).await.granted()
}
