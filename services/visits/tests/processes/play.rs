//! What people do on a visit that is turned into an NFD, over the network.

use anyhow::Context as _;
use tonic::{Code, Response, Status};
use visits::demo::answered::Answered as _;
use visits::demo::cast::{self, Caller, DESK, SCHEDULER, inspector};
use visits::demo::data;
use visits::demo::stage::at;
use visits::demo::steps::record_of;
use visits_proto::common::v1::Mode;
use visits_proto::escalation::v1 as case;
use visits_proto::escalation::v1::duty_desk_call::Outcome;
use visits_proto::recording::v1 as record;
use visits_proto::scheduling::v1 as plan;
use visits_proto::scheduling::v1::control_measure::Topic;
use visits_proto::scheduling::v1::import_schools_header::Source;
use visits_proto::scheduling::v1::import_schools_request::Part;
use visits_proto::timestamp;

use crate::deployment::{Calls as _, Deployment, eventually};

/// In every text of this play, so that it can be looked for where none belongs.
pub const MARKER: &str = "quaggamarker";
/// Never in an event or a log: what was planted in every text, and what the school and people are called.
pub const WORDS: [&str; 4] = [MARKER, "Appleby", "Primary School", "Hepzibah"];
/// The regions of the schools in this play.
const REGIONS: [&str; 2] = ["south-east", "east-midlands"];
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

/// Repeats a call with the same request while it is refused because something that another
/// service said is still under way.
pub async fn once_heard<T>(
    what: &str,
    mut call: impl AsyncFnMut() -> Result<Response<T>, Status>,
) -> anyhow::Result<T> {
    eventually(what, async || match call().await {
        Ok(answer) => Ok(Some(answer.into_inner())),
        Err(status) if matches!(status.code(), Code::NotFound | Code::FailedPrecondition) => {
            Ok(None)
        }
        refused => refused.granted().map(Some),
    })
    .await
}

/// Schools, script, form, six inspectors, two directors.
pub async fn registers(all: &Deployment) -> anyhow::Result<()> {
    let mut scheduling = all.caller(SCHEDULER, "scheduling")?.scheduling();
    let header = plan::ImportSchoolsHeader {
        source: i32::from(Source::Gias),
        file_name: "invented.csv".to_owned(),
        request_id: all.request_id(),
    };
    let parts = [
        Part::Header(header),
        Part::Chunk(data::INVENTED_SCHOOLS.to_vec()),
    ];
    let parts = parts.map(|part| plan::ImportSchoolsRequest { part: Some(part) });
    scheduling
        .import_schools(tokio_stream::iter(parts))
        .await
        .granted()?;
    let script = plan::ImportCallScriptRequest {
        content: data::CALL_SCRIPT.to_owned(),
        request_id: all.request_id(),
    };
    scheduling.import_call_script(script).await.granted()?;
    for number in 1..=6 {
        let request = plan::CreateInspectorRequest {
            inspector_id: cast::hmi(number),
            ofsted_region: "south-east".to_owned(),
            request_id: all.request_id(),
        };
        scheduling.create_inspector(request).await.granted()?;
    }
    let form = record::ImportVisitFormRequest {
        toml: data::VISIT_FORM.to_owned(),
        request_id: all.request_id(),
    };
    let mut recording = all.caller(SCHEDULER, "recording")?.recording();
    recording.import_visit_form(form).await.granted()?;
    let mut escalation = all.caller(SCHEDULER, "escalation")?.escalation();
    for region in REGIONS {
        let request = case::SetRegionalDirectorRequest {
            request_id: all.request_id(),
            region: format!("regions/{region}"),
            principal: cast::director(region),
            from_date: "2020-09-01".to_owned(),
            ..case::SetRegionalDirectorRequest::default()
        };
        escalation.set_regional_director(request).await.granted()?;
    }
    Ok(())
}

/// Plans a visit on Tuesday 20 October.
pub async fn planned(all: &Deployment, school: &str, team: [&str; 2]) -> anyhow::Result<String> {
    let request = plan::PlanVisitRequest {
        school: school.to_owned(),
        visit_date: "2020-10-20".to_owned(),
        mode: i32::from(Mode::OnSite),
        lead: inspector(team[0]),
        inspectors: vec![inspector(team[1])],
        request_id: all.request_id(),
        ..plan::PlanVisitRequest::default()
    };
    let mut scheduling = all.caller(SCHEDULER, "scheduling")?.scheduling();
    Ok(scheduling.plan_visit(request).await.granted()?.name)
}

/// The call of Monday 19 October, from its first word to its end.
pub async fn called(all: &Deployment, visit: &str, lead: &str) -> anyhow::Result<()> {
    let mut scheduling = all.caller(lead, "scheduling")?.scheduling();
    let request = plan::StartCallRequest {
        name: visit.to_owned(),
        request_id: all.request_id(),
        ..plan::StartCallRequest::default()
    };
    once_heard("the call is due", async || {
        scheduling.start_call(request.clone()).await
    })
    .await?;
    let request = plan::RecordCallStepRequest {
        name: visit.to_owned(),
        step_codes: CALL_STEPS.map(str::to_owned).to_vec(),
        request_id: all.request_id(),
        ..plan::RecordCallStepRequest::default()
    };
    scheduling.record_call_step(request).await.granted()?;
    let measure = |topic: Topic| plan::ControlMeasure {
        topic: i32::from(topic),
        arrangement: format!("{MARKER}: As the school has it."),
    };
    let request = plan::RecordSystemOfControlsRequest {
        name: visit.to_owned(),
        measures: [Topic::Visitors, Topic::MeetingRoom, Topic::HandCleaning]
            .map(measure)
            .to_vec(),
        request_id: all.request_id(),
        ..plan::RecordSystemOfControlsRequest::default()
    };
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
        request_id: all.request_id(),
        ..plan::RecordHomeTimeRequest::default()
    };
    scheduling.record_home_time(request).await.granted()?;
    let request = plan::CompleteCallRequest {
        name: visit.to_owned(),
        request_id: all.request_id(),
        ..plan::CompleteCallRequest::default()
    };
    scheduling.complete_call(request).await.granted()?;
    // Before anybody moves the clock: a call that is under way then finds its token expired.
    let mut recording = all.caller(lead, "recording")?.recording();
    let request = record::GetVisitRecordRequest {
        name: record_of(visit),
    };
    once_heard("recording hears that the visit is ready", async || {
        recording.get_visit_record(request.clone()).await
    })
    .await?;
    Ok(())
}

/// The inspectors arrive, once recording has heard that the visit is ready.
pub async fn arrived(all: &Deployment, visit: &str, lead: &str) -> anyhow::Result<()> {
    let mut recording = all.caller(lead, "recording")?.recording();
    let request = record::StartVisitRequest {
        name: record_of(visit),
        started_time: Some(timestamp(all.now())),
        request_id: all.request_id(),
        ..record::StartVisitRequest::default()
    };
    once_heard("recording hears that the visit is ready", async || {
        recording.start_visit(request.clone()).await
    })
    .await?;
    Ok(())
}

/// A safeguarding concern, once escalation has heard that the visit has begun.
pub async fn raised(all: &Deployment, lead: &Caller, visit: &str) -> anyhow::Result<case::Case> {
    let mut escalation = lead.escalation();
    let request = case::RaiseConcernRequest {
        visit: visit.to_owned(),
        request_id: all.request_id(),
        area: "safeguarding".to_owned(),
        what_was_seen: format!("{MARKER}: Pupils left by a gate that nobody watched."),
    };
    once_heard("escalation hears that the visit has begun", async || {
        escalation.raise_concern(request.clone()).await
    })
    .await
}

/// The duty desk takes the case on and logs the inspector's call; the director decides for an NFD.
pub async fn decided(
    all: &Deployment,
    address: &str,
    concern: &case::Case,
    lead: &str,
) -> anyhow::Result<case::Case> {
    let mut desk = all.caller_at(DESK, address)?.escalation();
    let request = case::AcknowledgeCaseRequest {
        name: concern.name.clone(),
        request_id: all.request_id(),
        ..case::AcknowledgeCaseRequest::default()
    };
    desk.acknowledge_case(request).await.granted()?;
    let request = case::LogDutyDeskCallRequest {
        name: concern.name.clone(),
        request_id: all.request_id(),
        etag: String::new(),
        inspector: inspector(lead),
        called_time: Some(timestamp(all.now())),
        summary: format!("{MARKER}: What was seen, and who was told."),
        outcome: i32::from(Outcome::SeekDecision),
    };
    let logged = desk.log_duty_desk_call(request).await.granted()?;
    let request = case::DecideNfdRequest {
        name: concern.name.clone(),
        request_id: all.request_id(),
        etag: logged.etag.clone(),
        required: Some(true),
        rationale: format!("{MARKER}: Children are at risk today."),
    };
    let region = logged.region.trim_start_matches("regions/");
    let mut director = all
        .caller_at(&cast::director(region), address)?
        .escalation();
    director.decide_nfd(request).await.granted()
}

/// The NFD straight away: started, a finding, the site left, completed.
pub async fn inspected(all: &Deployment, decided: &case::Case, lead: &str) -> anyhow::Result<()> {
    let mut escalation = all.caller(lead, "escalation")?.escalation();
    let name = decided.name.clone();
    let request = case::StartNfdRequest {
        name: name.clone(),
        request_id: all.request_id(),
        etag: String::new(),
        straight_away: true,
    };
    escalation.start_nfd(request).await.granted()?;
    let concern = decided.concerns.first().context("a case has a concern")?;
    let request = case::RecordNfdFindingRequest {
        name: name.clone(),
        request_id: all.request_id(),
        etag: String::new(),
        concern_id: concern.concern_id.clone(),
        text: format!("{MARKER}: One gate was not supervised at home time. Leaders put it right."),
    };
    escalation.record_nfd_finding(request).await.granted()?;
    all.go_to(at(10, 20, 15, 40))?;
    let request = case::RecordLeavingSiteRequest {
        name: name.clone(),
        request_id: all.request_id(),
        etag: String::new(),
        left_site_time: Some(timestamp(all.now())),
    };
    escalation.record_leaving_site(request).await.granted()?;
    let request = case::CompleteNfdRequest {
        name,
        request_id: all.request_id(),
        etag: String::new(),
    };
    escalation.complete_nfd(request).await.granted()?;
    Ok(())
}

/// Waits until recording has heard of the decision.
pub async fn recording_stopped(all: &Deployment, visit: &str, lead: &str) -> anyhow::Result<()> {
    let mut recording = all.caller(lead, "recording")?.recording();
    eventually("recording stops the visit", async || {
        let request = record::GetVisitRecordRequest {
            name: record_of(visit),
        };
        let record = recording.get_visit_record(request).await.granted()?;
        Ok((record.state() == record::visit_record::State::Stopped).then_some(()))
    })
    .await
}
