//! A day's calls, visits, the call sheet, and a deferral that the region decides.

use visits::demo::answered::Answered as _;
use visits::demo::cast::DEFERRED;
use visits::demo::stage::at;
use visits::demo::steps::{self, Wanted};
use visits_proto::common::v1::Mode;
use visits_proto::scheduling::v1 as plan;

use crate::scene::{SCHOOL, Scene, begin};

const DEFERRING: &str = "Millbeck Junior School";

/// A visit on Thursday 5 November, whose call is due the day before.
fn wanted() -> Wanted {
    Wanted {
        school: "schools/900003".to_owned(),
        visit_date: "2020-11-05".to_owned(),
        lead: DEFERRED[0].to_owned(),
        other: DEFERRED[1].to_owned(),
        mode: Mode::OnSite,
    }
}

/// Wednesday 4 November, 10:40: the school asks on the call for its visit to be deferred.
async fn deferral_asked_for(scene: &Scene) -> String {
    let stage = &scene.stage;
    let visit = steps::plan_visit(stage, &wanted()).await.expect("planned");
    stage.go_to(at(11, 4, 10, 5)).await.expect("time moves");
    let attempt = plan::RecordCallAttemptRequest {
        name: visit.name.clone(),
        request_id: stage.request_id(),
        ..plan::RecordCallAttemptRequest::default()
    };
    let mut scheduling = stage.caller(DEFERRED[0]).scheduling();
    let tried = scheduling.record_call_attempt(attempt).await;
    tried.granted().expect("tried");
    stage.go_to(at(11, 4, 10, 30)).await.expect("time moves");
    let begun = steps::start_call(stage, &visit.name, DEFERRED[0]).await;
    begun.expect("begun");
    stage.go_to(at(11, 4, 10, 40)).await.expect("time moves");
    let request = plan::RequestDeferralRequest {
        name: visit.name.clone(),
        reason: i32::from(plan::deferral::Reason::CovidClosure),
        note: "Two year groups have to isolate.".to_owned(),
        request_id: stage.request_id(),
        ..plan::RequestDeferralRequest::default()
    };
    let asked = scheduling.request_deferral(request).await;
    asked.granted().expect("asked").name
}

#[tokio::test(flavor = "multi_thread")]
async fn m13_m14_the_lead_logs_the_call_beside_its_script_and_nobody_else_does() {
    let scene = begin().await;
    let stage = &scene.stage;
    let visit = steps::plan_visit(stage, &wanted()).await.expect("planned");
    let sheet = format!("/{}/call", visit.name);
    stage.go_to(at(11, 4, 9, 20)).await.expect("time moves");
    let mut lead = scene.inspector(DEFERRED[0]).await;
    let early = lead.open(&sheet).await;
    early.says_nothing_of("The school has answered");
    stage.go_to(at(11, 4, 10, 5)).await.expect("time moves");
    lead.open("/calls").await.says("Call sheet");
    lead.open(&sheet).await;
    lead.submit("/no-answer", &[]).await;
    lead.page.says("That nobody answered is on record.");
    lead.page.says("No answer at 10:05am GMT");
    stage.go_to(at(11, 4, 10, 30)).await.expect("time moves");
    lead.open(&sheet).await;
    lead.submit("/begin", &[]).await;
    lead.page.says("The call has begun.");
    lead.page.says_nothing_of("The call is over");
    let mut other = scene.inspector(DEFERRED[1]).await;
    other.open(&sheet).await.says("Call under way");
    other.page.says_nothing_of("Record the steps");
    lead.submit("/steps", &[]).await;
    assert_eq!(lead.page.status, 422);
    lead.page
        .says("Select the steps that you have gone through");
    let body = lead.page.body.clone();
    let steps = body.split("name=\"step-").skip(1);
    let steps = steps.filter_map(|rest| rest.split('"').next());
    let steps: Vec<_> = steps.map(|step| format!("step-{step}")).collect();
    let all: Vec<_> = steps.iter().map(|step| (step.as_str(), "on")).collect();
    lead.submit("/steps", &all).await;
    lead.page.says("The steps are on record.");
    lead.page.says_nothing_of("Not gone through yet");
    lead.submit("/end", &[]).await;
    lead.page.says("The call is on record.");
    lead.page.says("Reached");
    let mut desk = scene.desk("").await;
    desk.open("/calls").await.says("Call ended at 10:30am GMT");
    desk.page.says_nothing_of("Call sheet");
}

#[tokio::test(flavor = "multi_thread")]
async fn m14_m28_the_lead_records_beside_the_script_that_the_school_asks_for_deferral() {
    let scene = begin().await;
    let stage = &scene.stage;
    let visit = steps::plan_visit(stage, &wanted()).await.expect("planned");
    let sheet = format!("/{}/call", visit.name);
    stage.go_to(at(11, 4, 10, 5)).await.expect("time moves");
    let mut lead = scene.inspector(DEFERRED[0]).await;
    let before = lead.open(&sheet).await;
    before.says_nothing_of("If the school asks for deferral");
    lead.submit("/begin", &[]).await;
    lead.submit("/deferral", &[]).await;
    assert_eq!(lead.page.status, 422);
    lead.page.says("Select why the school asks");
    lead.submit("/deferral", &[("reason", "other")]).await;
    assert_eq!(lead.page.status, 422);
    lead.page.says("Enter the school’s reason in its words");
    let asked = [("reason", "covid-closure"), ("note", "Two year groups.")];
    lead.submit("/deferral", &asked).await;
    assert_eq!(lead.page.status, 200, "{}", lead.page.text());
    lead.page
        .says("The request for deferral is on record. The region decides.");
    lead.page.says("Call ended at 10:05am GMT");
    lead.page.says_nothing_of("If the school asks for deferral");
    let mut director = scene.director("east-midlands").await;
    director.open("/deferrals").await.says(DEFERRING);
    director.page.says("The school or a part of it is closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn m13_a_days_calls_say_who_is_called_when_and_who_was_reached() {
    let scene = begin().await;
    let mut desk = scene.desk("").await;
    desk.open("/calls").await.says("Today’s calls");
    desk.page
        .says("No school that you may see is to be called on this day.");
    desk.open("/calls?date=2020-10-22").await.says(SCHOOL);
    desk.page.says("Calls on Thursday 22 October 2020");
    desk.page.says("10:00am BST");
    desk.page.says("Reached");
    desk.page.says("Call ended at 10:00am BST");
    desk.page.says_nothing_of("Call sheet");
    let mut lead = scene.inspector("HMI-007").await;
    lead.open("/calls?date=2020-10-22").await.says(SCHOOL);
    let mut stranger = scene.inspector("HMI-001").await;
    stranger.open("/calls?date=2020-10-22").await;
    stranger.page.says_nothing_of(SCHOOL);
    desk.open("/calls?date=yesterday").await;
    assert_eq!(desk.page.status, 422);
    desk.page.says("Error: Calls on yesterday");

    let visit = deferral_asked_for(&scene).await;
    let mut desk = scene.desk("").await;
    desk.open("/calls").await.says(DEFERRING);
    desk.page.says("No answer at 10:05am GMT");
    desk.open(&format!("/{visit}"))
        .await
        .says("Deferral asked for");
    desk.page.says("Two year groups have to isolate.");
}

#[tokio::test(flavor = "multi_thread")]
async fn m6_m11_m18_a_visit_and_its_call_sheet_are_shown_to_those_who_may() {
    let scene = begin().await;
    let page = format!("/{}", scene.visit);
    let mut lead = scene.inspector("HMI-008").await;
    lead.open("/visits").await.says(SCHOOL);
    lead.open(&page)
        .await
        .says("Visit on Friday 23 October 2020");
    lead.page.says("HMI-007 (lead), HMI-008");
    lead.page
        .says("The library, windows open, two metres apart.");
    lead.page.says_nothing_of("Draft the letter");
    lead.open(&format!("{page}/call"))
        .await
        .says("Context pack");
    lead.page.says("IDACI quintile");
    lead.page.says("Gone through at 10:00am BST");
    let mut desk = scene.desk("").await;
    desk.open(&page).await.says("In progress");
    desk.page.says_nothing_of("Previous inspection’s grade");
    desk.open(&format!("{page}/call")).await;
    assert_eq!(desk.page.status, 403);
    desk.page.says("Your role does not cover this");
    desk.open("/visits?state=PLANNED")
        .await
        .says_nothing_of(SCHOOL);
    desk.page.says("No visit that you may see fits this.");
    desk.open("/visits?state=IN_PROGRESS&region=east-midlands&school=900002&from=2020-10-23")
        .await
        .says(SCHOOL);
    desk.open("/visits?from=soon").await;
    assert_eq!(desk.page.status, 422);
    desk.page.says("Enter a day such as 2020-10-23");
    for nowhere in ["/visits/1", "/visits/0192f0c1-0000-7000-8000-000000000000"] {
        desk.open(nowhere).await;
        assert_eq!(desk.page.status, 404, "{nowhere}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn r_con_27_m28_the_region_decides_a_deferral_with_its_reasons() {
    let scene = begin().await;
    let visit = deferral_asked_for(&scene).await;
    let id = visit.trim_start_matches("visits/");
    let page = format!("/deferrals/{id}");
    let mut elsewhere = scene.director("london").await;
    elsewhere.open("/deferrals").await;
    elsewhere
        .page
        .says("No school of your region waits for a decision.");
    elsewhere.open(&page).await.says("Is the visit deferred?");
    let reasons = [("decision", "refused"), ("rationale", "Only two groups.")];
    elsewhere.submit("/decision", &reasons).await;
    assert_ne!(elsewhere.page.status, 200, "not of this region");
    elsewhere.page.says("Error: Millbeck");

    let mut director = scene.director("east-midlands").await;
    director.open("/deferrals").await.says(DEFERRING);
    director.page.says("Decide by");
    director.open(&page).await;
    director.page.says("Two year groups have to isolate.");
    director.submit("/decision", &[]).await;
    assert_eq!(director.page.status, 422);
    director.page.says("Select whether the visit is deferred");
    director.page.says("Enter your reasons");
    let granted = [("decision", "granted"), ("rationale", "Most are at home.")];
    director.submit("/decision", &granted).await;
    director
        .page
        .says("Enter the new date of the visit, such as 9 11 2020");
    director.page.says("Most are at home.");
    let date = [("new-day", "19"), ("new-month", "11"), ("new-year", "2020")];
    director.submit("/decision", &date).await;
    assert_eq!(director.page.status, 200, "{}", director.page.text());
    director.page.says("The deferral is decided.");
    director.page.says("Thursday 19 November 2020");
    director.page.says("RD-EAST-MIDLANDS");
    director.page.says_nothing_of("Record the decision");
}
