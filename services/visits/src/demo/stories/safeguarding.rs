//! A safeguarding concern at 11:20: duty desk, Regional Director, the visit stops, the NFD.

use anyhow::Context as _;
use visits_proto::common::v1::Mode;
use visits_proto::escalation::v1 as pb;
use visits_proto::escalation::v1::case_event::Event;
use visits_proto::instant;
use visits_proto::recording::v1::{
    Answer, Area, GetVisitRecordRequest, NewAnswer, OpenDiscussionRequest, RecordAnswersRequest,
    SpokenTo,
};
use visits_proto::scheduling::v1::GetVisitRequest;
use visits_proto::timestamp;

use super::super::answered::Answered as _;
use super::super::answers::Bank;
use super::super::case;
use super::super::cast::{CONCERN, DESK, inspector};
use super::super::stage::{Stage, at};
use super::super::steps::{self, Discussion, Wanted, record_of};
use super::super::watch::Watch;
use super::super::words;

const STORY: &str = "safeguarding";
/// A school that does not exist.
const SCHOOL: &str = "schools/900001";
const DIRECTOR: &str = "RD-SOUTH-EAST";
const SEEN: &str =
    "Pupils left by a gate that nobody watched, and two adults on site had not been checked.";

/// What later stories need of this one.
#[derive(Clone, Debug)]
pub struct Concern {
    /// `visits/{uuid}`.
    pub visit: String,
    /// `cases/{uuid}`.
    pub case: String,
}

/// Plans the visit.
///
/// # Errors
/// If it is refused.
pub async fn prepare(stage: &mut Stage) -> anyhow::Result<String> {
    let wanted = Wanted {
        school: SCHOOL.to_owned(),
        visit_date: "2020-10-20".to_owned(),
        lead: CONCERN[0].to_owned(),
        other: CONCERN[1].to_owned(),
        mode: Mode::OnSite,
    };
    Ok(steps::plan_visit(stage, &wanted).await?.name)
}

/// The call of Monday 19 October.
///
/// # Errors
/// If it is refused.
pub async fn call(stage: &Stage, visit: &str) -> anyhow::Result<()> {
    steps::make_call(stage, visit, CONCERN[0]).await?;
    stage.settle().await
}

/// Tuesday 20 October in the morning: the duty desk begins its day.
///
/// # Errors
/// If a service refuses what the story needs.
pub async fn begin(stage: &mut Stage) -> anyhow::Result<Watch> {
    stage.teller.act("A safeguarding concern");
    stage.go_to(at(10, 20, 9, 0)).await?;
    let request = pb::GoOnDutyRequest {
        request_id: stage.request_id(),
        sound_tested: true,
    };
    let mut escalation = stage.caller(DESK).escalation();
    escalation.go_on_duty(request).await.granted()?;
    let watch = Watch::begin(stage.caller(DESK)).await?;
    stage.does(DESK, "goes on duty and follows the stream of cases.");
    Ok(watch)
}

/// Tuesday 20 October, from the arrival to the end of the NFD.
///
/// # Errors
/// If a service refuses what the story needs, or grants what it must refuse.
pub async fn play(
    stage: &mut Stage,
    visit: &str,
    bank: &Bank,
    mut watch: Watch,
) -> anyhow::Result<Concern> {
    let unanswered = arrived(stage, visit, bank).await?;
    let case = raised(stage, visit).await?;
    let case = with_the_desk(stage, &case).await?;
    let case = decided(stage, visit, &case).await?;
    answered_late(stage, visit, unanswered).await?;
    inspected(stage, visit, &case).await?;
    followed(stage, &mut watch).await?;
    stage.figures.fact(STORY, "visit", visit);
    stage.figures.fact(STORY, "case", case.name.as_str());
    Ok(Concern {
        visit: visit.to_owned(),
        case: case.name,
    })
}

/// A question that is still to be answered when the decision falls.
struct Unanswered {
    discussion_id: String,
    answer: NewAnswer,
}

async fn arrived(stage: &mut Stage, visit: &str, bank: &Bank) -> anyhow::Result<Unanswered> {
    let [lead, other] = CONCERN;
    stage.go_to(at(10, 20, 10, 4)).await?;
    steps::arrive(stage, visit, lead, stage.now()).await?;
    stage.does(
        lead,
        &format!("and {other} arrive at Appleby Bridge Primary School (invented)."),
    );
    stage.go_to(at(10, 20, 11, 10)).await?;
    let mut discussion = Discussion::invented(1, at(10, 20, 10, 15), stage, bank);
    let last = discussion.answers.pop().context("a question is left")?;
    let answers = steps::discuss(stage, visit, lead, &discussion).await?;
    let answer = answers.first().context("the others are answered")?;
    Ok(Unanswered {
        discussion_id: answer.discussion_id.clone(),
        answer: last,
    })
}

async fn raised(stage: &mut Stage, visit: &str) -> anyhow::Result<pb::Case> {
    let lead = CONCERN[0];
    stage.go_to(at(10, 20, 11, 20)).await?;
    let concern = |stage: &Stage, area: &str, seen: &str| pb::RaiseConcernRequest {
        visit: visit.to_owned(),
        request_id: stage.request_id(),
        area: area.to_owned(),
        what_was_seen: seen.to_owned(),
    };
    let mut escalation = stage.caller(lead).escalation();
    let out_of_scope = concern(
        stage,
        "curriculum",
        "History is taught in one half term only.",
    );
    let refused = escalation.raise_concern(out_of_scope).await;
    stage.is_refused(
        lead,
        "tries to raise a concern about the curriculum",
        refused,
        "ESCALATION_AREA_OUT_OF_SCOPE",
    )?;
    let request = concern(stage, "safeguarding", SEEN);
    let case = escalation.raise_concern(request).await.granted()?;
    stage.does(lead, "raises a significant concern about safeguarding.");
    stage.settle().await?;
    stage.by_itself("A case is open, and the duty desk's screen shows it.");
    Ok(case)
}

async fn with_the_desk(stage: &mut Stage, case: &pb::Case) -> anyhow::Result<pb::Case> {
    stage.go_to(at(10, 20, 11, 24)).await?;
    let refused = case::decide(stage, DIRECTOR, case, true, "Children are at risk.").await;
    stage.is_refused(
        DIRECTOR,
        "tries to decide at once",
        refused,
        "DUTY_DESK_CALL_MISSING",
    )?;
    stage.go_to(at(10, 20, 11, 27)).await?;
    case::acknowledge(stage, case).await?;
    stage.does(DESK, "takes the case on.");
    stage.go_to(at(10, 20, 11, 42)).await?;
    let case = case::log_call(stage, case, CONCERN[0], at(10, 20, 11, 31)).await?;
    let due = case
        .decision_target
        .as_ref()
        .and_then(|target| instant(target.due_time.as_ref()))
        .context("a decision that is sought has its time")?;
    stage.does(
        DESK,
        &format!(
            "records the call with HMI-003 at 11:31am: a decision is sought, wanted by {}.",
            visits_core::london::hour(due)
        ),
    );
    Ok(case)
}

async fn decided(stage: &mut Stage, visit: &str, case: &pb::Case) -> anyhow::Result<pb::Case> {
    stage.go_to(at(10, 20, 12, 5)).await?;
    let stranger = "RD-LONDON";
    let refused = case::decide(stage, stranger, case, false, "Not in my region.").await;
    stage.is_refused(
        stranger,
        "has the role and not the region, and tries to decide",
        refused,
        "NOT_THE_REGIONAL_DIRECTOR",
    )?;
    let case = case::decide(stage, DIRECTOR, case, true, "Children are at risk today.")
        .await
        .granted()?;
    let deadline = case
        .window
        .as_ref()
        .and_then(|window| instant(window.deadline_time.as_ref()))
        .context("the 48 hours have an end")?;
    stage.does(
        DIRECTOR,
        &format!(
            "decides that an NFD is necessary. The 48 hours run until {}.",
            visits_core::london::spoken(deadline)
        ),
    );
    stage.settle().await?;
    let request = GetVisitRecordRequest {
        name: record_of(visit),
    };
    let mut recording = stage.caller(CONCERN[0]).recording();
    let record = recording.get_visit_record(request).await.granted()?;
    let request = GetVisitRequest {
        name: visit.to_owned(),
    };
    let mut scheduling = stage.caller(CONCERN[0]).scheduling();
    let plan = scheduling.get_visit(request).await.granted()?;
    let words = format!(
        "The interim visit stops at once: its record is {}, its plan {}.",
        words::state(record.state().as_str_name()),
        words::state(plan.state().as_str_name())
    );
    stage.by_itself(&words);
    Ok(case)
}

/// What is said after the decision is kept, marked, and left out of insight.
async fn answered_late(
    stage: &mut Stage,
    visit: &str,
    unanswered: Unanswered,
) -> anyhow::Result<()> {
    let other = CONCERN[1];
    stage.go_to(at(10, 20, 12, 8)).await?;
    let request = OpenDiscussionRequest {
        name: record_of(visit),
        request_id: stage.request_id(),
        area: i32::from(Area::Curriculum),
        spoken_to: vec![i32::from(SpokenTo::Head)],
        ..OpenDiscussionRequest::default()
    };
    let mut recording = stage.caller(other).recording();
    let refused = recording.open_discussion(request).await;
    stage.is_refused(
        other,
        "tries to open the next discussion",
        refused,
        "RECORDING_VISIT_STOPPED",
    )?;
    let request = RecordAnswersRequest {
        name: record_of(visit),
        request_id: stage.request_id(),
        discussion_id: unanswered.discussion_id,
        answers: vec![NewAnswer {
            given_time: Some(timestamp(stage.now())),
            ..unanswered.answer
        }],
        ..RecordAnswersRequest::default()
    };
    let kept = recording.record_answers(request).await.granted()?;
    let mark = kept.answers.first().map(Answer::mark);
    let mark = mark.context("the late answer is kept")?;
    stage.does(
        other,
        &format!(
            "still writes down what was said just now: it is kept, marked {}, and left out of \
             insight.",
            mark.as_str_name().trim_start_matches("ANSWER_MARK_")
        ),
    );
    Ok(())
}

async fn inspected(stage: &mut Stage, visit: &str, case: &pb::Case) -> anyhow::Result<()> {
    let lead = CONCERN[0];
    stage.go_to(at(10, 20, 12, 10)).await?;
    let mut escalation = stage.caller(lead).escalation();
    let request = pb::StartNfdRequest {
        name: case.name.clone(),
        request_id: stage.request_id(),
        etag: String::new(),
        straight_away: true,
    };
    escalation.start_nfd(request).await.granted()?;
    stage.does(
        lead,
        "starts the NFD straight away, with the visit's own team: the clock stops.",
    );
    stage.go_to(at(10, 20, 15, 20)).await?;
    let concern = case.concerns.first().context("a case has a concern")?;
    let finding = |stage: &Stage, concern_id: &str| pb::RecordNfdFindingRequest {
        name: case.name.clone(),
        request_id: stage.request_id(),
        etag: String::new(),
        concern_id: concern_id.to_owned(),
        text: "One gate was not supervised at home time. Two adults had started work before their \
               checks were complete. Leaders put both right on the day."
            .to_owned(),
    };
    let elsewhere = finding(stage, &stage.request_id());
    let refused = escalation.record_nfd_finding(elsewhere).await;
    stage.is_refused(
        lead,
        "tries to record a finding about something that nobody raised",
        refused,
        "CONCERN_NOT_ON_CASE",
    )?;
    let request = finding(stage, &concern.concern_id);
    escalation.record_nfd_finding(request).await.granted()?;
    stage.does(
        lead,
        "records what the NFD found about the concern, and nothing else.",
    );
    stage.go_to(at(10, 20, 15, 40)).await?;
    case::leave_and_complete(stage, &case.name, lead).await?;
    stage.does(lead, "leaves the site and completes the NFD.");
    stage.settle().await?;
    let refused = case::draft_interim_letter(stage, visit, lead).await;
    stage.is_refused(
        lead,
        "asks for the interim visit's letter",
        refused,
        "LETTER_OF_CONVERTED_VISIT",
    )?;
    let by = inspector(lead);
    stage.figures.fact(STORY, "raised_by", by);
    Ok(())
}

/// What the duty desk's stream showed, each event once and in order.
async fn followed(stage: &mut Stage, watch: &mut Watch) -> anyhow::Result<()> {
    let events = watch
        .until(|event| matches!(event, Event::NfdCompleted(_)))
        .await?;
    stage.teller.gap();
    stage
        .teller
        .prose("What the duty desk's stream showed, each event once and in order:");
    for event in &events {
        let line = case::told(event);
        stage.teller.block(&format!("  {line}"));
    }
    stage.figures.fact(STORY, "stream_events", events.len());
    Ok(())
}
