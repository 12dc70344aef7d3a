//! Forty-eight hours that run out, over the night in which the clocks go back.

use anyhow::{Context as _, ensure};
use visits_core::{SignedDuration, Timestamp, london};
use visits_proto::common::v1::Mode;
use visits_proto::escalation::v1 as pb;
use visits_proto::escalation::v1::case_event::Event;
use visits_proto::letters::v1::{GetLetterRequest, Letter};
use visits_proto::recording::v1::Area;
use visits_proto::{instant, timestamp};

use super::super::answered::Answered as _;
use super::super::answers::Bank;
use super::super::case;
use super::super::cast::{CLOCK_CHANGE, DESK, PUBLISHER, inspector};
use super::super::stage::{Stage, at};
use super::super::steps::{self, Discussion, Wanted};
use super::super::watch::Watch;
use super::super::words;

const STORY: &str = "clock_change";
/// A school that does not exist, with its own half term: open on Monday 26 October.
const SCHOOL: &str = "schools/900002";
const DIRECTOR: &str = "RD-EAST-MIDLANDS";

/// What the story leaves.
#[derive(Clone, Debug)]
pub struct Breached {
    /// `visits/{uuid}`.
    pub visit: String,
    /// `cases/{uuid}`.
    pub case: String,
    /// The interim letter, superseded.
    pub interim_letter: String,
}

/// Plans the visit.
///
/// # Errors
/// If it is refused.
pub async fn prepare(stage: &mut Stage) -> anyhow::Result<String> {
    let wanted = Wanted {
        school: SCHOOL.to_owned(),
        visit_date: "2020-10-23".to_owned(),
        lead: CLOCK_CHANGE[0].to_owned(),
        other: CLOCK_CHANGE[1].to_owned(),
        mode: Mode::OnSite,
    };
    Ok(steps::plan_visit(stage, &wanted).await?.name)
}

/// The call of Thursday 22 October.
///
/// # Errors
/// If it is refused.
pub async fn call(stage: &Stage, visit: &str) -> anyhow::Result<()> {
    steps::make_call(stage, visit, CLOCK_CHANGE[0]).await?;
    stage.settle().await
}

/// From the concern on Friday to the NFD on Monday.
///
/// # Errors
/// If a service refuses what the story needs, or says what is not so.
pub async fn play(stage: &mut Stage, visit: &str, bank: &Bank) -> anyhow::Result<Breached> {
    stage.teller.act("Forty-eight hours across a clock change");
    let mut watch = Watch::begin(stage.caller(DESK)).await?;
    let case = raised(stage, visit, bank).await?;
    let letter = left(stage, visit).await?;
    let case = decided(stage, &case, &letter).await?;
    ran_out(stage, &mut watch, &case).await?;
    started(stage, &case).await?;
    let case = get_done(stage, &case).await?;
    stage.figures.fact(STORY, "visit", visit);
    stage.figures.fact(STORY, "case", case.name.as_str());
    Ok(Breached {
        visit: visit.to_owned(),
        case: case.name,
        interim_letter: letter.name,
    })
}

async fn raised(stage: &mut Stage, visit: &str, bank: &Bank) -> anyhow::Result<pb::Case> {
    let [lead, other] = CLOCK_CHANGE;
    stage.go_to(at(10, 23, 10, 15)).await?;
    steps::arrive(stage, visit, lead, at(10, 23, 10, 5)).await?;
    stage.does(
        lead,
        &format!("and {other} have arrived at Fosse Lane Academy (invented)."),
    );
    stage.go_to(at(10, 23, 11, 50)).await?;
    let discussion = Discussion::invented(0, at(10, 23, 10, 20), stage, bank);
    steps::discuss(stage, visit, other, &discussion).await?;
    let request = pb::RaiseConcernRequest {
        visit: visit.to_owned(),
        request_id: stage.request_id(),
        area: "leadership-and-management".to_owned(),
        what_was_seen: "Nobody could say who runs the school this week.".to_owned(),
    };
    let mut escalation = stage.caller(lead).escalation();
    let case = escalation.raise_concern(request).await.granted()?;
    stage.does(
        lead,
        "raises a concern: leadership and management have broken down.",
    );
    stage.go_to(at(10, 23, 12, 0)).await?;
    case::acknowledge(stage, &case).await?;
    stage.go_to(at(10, 23, 12, 40)).await?;
    let case = case::log_call(stage, &case, lead, at(10, 23, 12, 20)).await?;
    stage.does(
        DESK,
        "has taken the case on and records the call: a decision is sought.",
    );
    Ok(case)
}

/// The inspectors leave, and the lead begins the interim letter.
async fn left(stage: &mut Stage, visit: &str) -> anyhow::Result<Letter> {
    let lead = CLOCK_CHANGE[0];
    stage.go_to(at(10, 23, 13, 45)).await?;
    let points = [(
        Area::AttendanceAndBehaviour,
        "Pupils were glad to be back. Staff taught the routines again.",
    )];
    steps::agree_content(stage, visit, lead, &points).await?;
    steps::depart(stage, visit, lead, stage.now()).await?;
    stage.settle().await?;
    stage.go_to(at(10, 23, 14, 10)).await?;
    let letter = case::draft_interim_letter(stage, visit, lead)
        .await
        .granted()?;
    stage.does(
        lead,
        "has left with the visit's content agreed, and drafts its letter while the decision is out.",
    );
    Ok(letter)
}

async fn decided(stage: &mut Stage, case: &pb::Case, letter: &Letter) -> anyhow::Result<pb::Case> {
    stage.go_to(at(10, 23, 14, 30)).await?;
    let case = case::decide(
        stage,
        DIRECTOR,
        case,
        true,
        "The school has no leader today.",
    )
    .await
    .granted()?;
    let deadline = case::deadline(&case)?;
    stage.does(
        DIRECTOR,
        &format!(
            "decides that an NFD is necessary. Forty-eight elapsed hours end on {}: the clocks go \
             back in between.",
            london::spoken(deadline)
        ),
    );
    stage.settle().await?;
    let request = GetLetterRequest {
        name: letter.name.clone(),
    };
    let mut letters = stage.caller(PUBLISHER).letters();
    let letter = letters.get_letter(request).await.granted()?;
    let words = format!(
        "The visit stops, and its unpublished letter is {}.",
        words::state(letter.state().as_str_name())
    );
    stage.by_itself(&words);
    let request = pb::GetNfdWindowRequest {
        name: case.name.clone(),
    };
    let mut escalation = stage.caller(DESK).escalation();
    let window = escalation.get_nfd_window(request).await.granted()?;
    let words = format!(
        "reads the window: inside the 48 hours the school is open {}.",
        open_hours(&window)
    );
    stage.does(DESK, &words);
    stage.figures.fact(STORY, "deadline", deadline.to_string());
    Ok(case)
}

fn open_hours(window: &pb::NfdWindow) -> String {
    let hours: Vec<String> = window
        .open_hours
        .iter()
        .filter_map(|open| {
            let start = instant(open.start_time.as_ref())?;
            let end = instant(open.end_time.as_ref())?;
            let day = london::wall_clock(start)
                .strftime("%A from %-I:%M%P")
                .to_string();
            Some(format!("on {day} to {}", london::hour(end)))
        })
        .collect();
    if hours.is_empty() {
        "at no time".to_owned()
    } else {
        hours.join(" and ")
    }
}

/// Nobody starts the NFD: four warnings, then one breach.
async fn ran_out(stage: &mut Stage, watch: &mut Watch, case: &pb::Case) -> anyhow::Result<()> {
    let deadline = case::deadline(case)?;
    stage.go_to(deadline - SignedDuration::from_secs(1)).await?;
    let before = case::get(stage, &case.name).await?;
    ensure!(
        breach(&before).is_none(),
        "no breach before the 48 hours end"
    );
    stage.go_to(deadline).await?;
    let events = watch
        .until(|event| matches!(event, Event::NfdDeadlineBreached(_)))
        .await?;
    let mut warnings = Vec::new();
    for event in &events {
        match &event.event {
            Some(Event::NfdDeadlineWarning(warning)) => {
                warnings.push(warning.hours_left);
                let words = format!("Warning: {} left.", hours(warning.hours_left));
                stage.teller.by_itself(case::occurred(event), &words);
            }
            Some(Event::NfdDeadlineBreached(_)) => {
                let words = "48:00:00 and no NFD: the breach is recorded. The case stays open.";
                stage.teller.by_itself(case::occurred(event), words);
            }
            _ => {}
        }
    }
    stage
        .go_to(deadline + SignedDuration::from_hours(12))
        .await?;
    let after = case::get(stage, &case.name).await?;
    let recorded = stage.said_about("escalation.case", &case.name).await?;
    let breaches = recorded
        .iter()
        .filter(|name| *name == "NfdDeadlineBreached")
        .count();
    let words = format!(
        "Twelve hours later: {breaches} breach on record, not repeated, and the case is still {}.",
        words::state(after.state().as_str_name())
    );
    stage.by_itself(&words);
    stage.figures.fact(STORY, "warnings", warnings);
    stage.figures.fact(STORY, "breaches", breaches);
    Ok(())
}

fn hours(left: i32) -> String {
    if left == 1 {
        "1 hour".to_owned()
    } else {
        format!("{left} hours")
    }
}

fn breach(case: &pb::Case) -> Option<Timestamp> {
    let window = case.window.as_ref()?;
    instant(window.breached_time.as_ref())
}

/// Monday morning: planned after the breach, and started.
async fn started(stage: &mut Stage, case: &pb::Case) -> anyhow::Result<()> {
    let lead = CLOCK_CHANGE[0];
    stage.go_to(at(10, 26, 8, 30)).await?;
    let nine = at(10, 26, 9, 0);
    let request = pb::PlanNfdRequest {
        name: case.name.clone(),
        request_id: stage.request_id(),
        etag: case::get(stage, &case.name).await?.etag,
        planned_time: Some(timestamp(nine)),
        inspectors: CLOCK_CHANGE.map(inspector).to_vec(),
    };
    let mut escalation = stage.caller(DESK).escalation();
    escalation.plan_nfd(request).await.granted()?;
    stage.does(
        DESK,
        "plans the NFD for nine o'clock: this academy had its half term two weeks ago and is open.",
    );
    stage.go_to(nine).await?;
    let request = pb::StartNfdRequest {
        name: case.name.clone(),
        request_id: stage.request_id(),
        etag: String::new(),
        straight_away: false,
    };
    let mut escalation = stage.caller(lead).escalation();
    escalation.start_nfd(request).await.granted()?;
    stage.does(lead, "starts the NFD. The breach stays on record.");
    Ok(())
}

async fn get_done(stage: &mut Stage, case: &pb::Case) -> anyhow::Result<pb::Case> {
    let lead = CLOCK_CHANGE[0];
    stage.go_to(at(10, 26, 14, 40)).await?;
    let concern = case.concerns.first().context("a case has a concern")?;
    let request = pb::RecordNfdFindingRequest {
        name: case.name.clone(),
        request_id: stage.request_id(),
        etag: String::new(),
        concern_id: concern.concern_id.clone(),
        text:
            "From 21 to 23 October nobody had been named to act for the principal. Trustees have \
               named somebody since."
                .to_owned(),
    };
    let mut escalation = stage.caller(lead).escalation();
    escalation.record_nfd_finding(request).await.granted()?;
    let done = case::leave_and_complete(stage, &case.name, lead).await?;
    stage.does(lead, "records the finding, leaves and completes the NFD.");
    let request = pb::RecommendSection5Request {
        name: case.name.clone(),
        request_id: stage.request_id(),
        etag: String::new(),
        reason: "Trustees have to show that this lasts.".to_owned(),
    };
    stage.go_to(at(10, 26, 16, 0)).await?;
    let mut escalation = stage.caller(DIRECTOR).escalation();
    let recommended = escalation.recommend_section5(request).await.granted()?;
    let held = recommended
        .section5
        .as_ref()
        .is_some_and(|section5| section5.handed_over_time.is_none());
    if held {
        stage.does(
            DIRECTOR,
            "recommends a section 5 inspection. Routine inspection is suspended: it is held back.",
        );
    }
    stage.settle().await?;
    Ok(done)
}
