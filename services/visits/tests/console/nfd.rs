//! An NFD from its plan to its letter, and the clock record of its case.

use visits::demo::case;
use visits::demo::stage::at;
use visits_proto::escalation::v1::Case;

use crate::scene::{SCHOOL, Scene, begin, page_of};

/// Friday 23 October, 14:30: an NFD is necessary.
async fn decided(scene: &Scene) -> Case {
    let case = scene.raise().await;
    let stage = &scene.stage;
    case::acknowledge(stage, &case).await.expect("acknowledged");
    scene.go_to(23, 12, 40).await;
    let called = at(10, 23, 12, 20);
    let called = case::log_call(stage, &case, "HMI-007", called).await;
    let called = called.expect("called");
    scene.go_to(23, 14, 30).await;
    let reasons = "The school has no leader today.";
    let decided = case::decide(stage, "RD-EAST-MIDLANDS", &called, true, reasons).await;
    decided.expect("decided");
    stage.settle().await.expect("settled");
    case
}

#[tokio::test(flavor = "multi_thread")]
async fn m29_m31_m32_m33_an_nfd_is_planned_carried_out_and_completed_on_its_page() {
    let scene = begin().await;
    let case = decided(&scene).await;
    let page = format!("{}/nfd", page_of(&case));
    let mut director = scene.director("east-midlands").await;
    director
        .open(&page_of(&case))
        .await
        .says("The NFD: plan, findings, completion");
    director.open(&page).await.says("Plan the NFD");
    director.submit("/plan", &[("planned-time", "noon")]).await;
    assert_eq!(director.page.status, 422);
    director
        .page
        .says("Enter a date and a time, such as 25 10 2020 and 9:30am");
    let late = [("planned-day", "26"), ("planned-time", "9:30am")];
    director.submit("/plan", &late).await;
    assert_ne!(director.page.status, 200, "outside of the window");
    director.page.says("Error: Fosse Lane Academy");
    let in_time = [("planned-day", "24"), ("planned-time", "9:30am")];
    director.submit("/plan", &in_time).await;
    director.page.says("The NFD is planned.");
    director.page.says("Saturday 24 October 2020 at 9:30am BST");
    director.page.says("HMI-007, HMI-008");

    let mut lead = scene.inspector("HMI-007").await;
    lead.open(&page).await;
    lead.page
        .says("There is nothing for you to do about this NFD at the moment.");
    lead.open(&page_of(&case)).await;
    lead.submit("/start", &[]).await;
    lead.open(&page).await.says("What did the NFD find?");
    director
        .open(&page)
        .await
        .says_nothing_of("What did the NFD find?");
    lead.submit("/complete", &[]).await;
    assert_eq!(lead.page.status, 409, "{}", lead.page.text());
    lead.submit("/finding-1", &[("finding-1", " ")]).await;
    assert_eq!(lead.page.status, 422);
    lead.page.says("Enter what was found");
    let found = "An acting head has been named and is in school.";
    lead.submit("/finding-1", &[("finding-1", found)]).await;
    lead.page.says("The finding is on record.");
    lead.page.says(found);
    lead.submit("/leave", &[("left-time", "2:30pm")]).await;
    lead.page.says("Leaving the site is on record.");
    lead.submit("/complete", &[]).await;
    lead.page.says("The NFD is complete. Its letter follows.");
    lead.submit("/section-5", &[]).await;
    lead.page.says("Enter your reasons");
    lead.submit(
        "/section-5",
        &[("reason", "It has to be looked at as a whole.")],
    )
    .await;
    lead.page.says("The recommendation is on record.");
    lead.page
        .says_nothing_of("Recommend a section 5 inspection");
    scene.stage.settle().await.expect("settled");
    lead.submit("/letter", &[]).await;
    assert_eq!(lead.page.status, 200, "{}", lead.page.text());
    lead.page.says("Letter about an NFD");
    lead.page.says(found);
}

#[tokio::test(flavor = "multi_thread")]
async fn r_con_17_r_con_19_the_clock_record_is_evidence_that_prints() {
    let scene = begin().await;
    let case = decided(&scene).await;
    let page = format!("{}/clock-record", page_of(&case));
    scene.go_to(25, 12, 30).await;
    let mut director = scene.director("east-midlands").await;
    director
        .open(&page_of(&case))
        .await
        .says("Clock record, to print");
    director.open(&page).await.says("Clock record");
    for words in [
        SCHOOL,
        "As it stood on Sunday 25 October 2020 at 12:30pm GMT, shown to RD-EAST-MIDLANDS.",
        "Taken on Friday 23 October 2020 at 2:30pm BST 2020-10-23T13:30:00Z",
        "Taken by RD-EAST-MIDLANDS",
        "Deadline Sunday 25 October 2020 at 1:30pm GMT 2020-10-25T13:30:00Z",
        "Length 48 hours The clocks change from BST to GMT in between",
        "Running for 47 hours, 1 hour before the deadline",
        "Call with the duty desk Friday 23 October 2020 at 12:20pm BST",
        "Warning: 24 hours left to start the NFD",
        case.name.as_str(),
        case.visit.as_str(),
    ] {
        director.page.says(words);
    }
    let sheet = director
        .page
        .body
        .split("href=\"")
        .find(|part| part.contains("clock-record.css"));
    let sheet = sheet
        .and_then(|part| part.split('"').next())
        .expect("a stylesheet");
    let sheet = sheet.to_owned();
    director.open(&sheet).await;
    assert_eq!(director.page.status, 200);
    assert!(director.page.body.contains("@media print"));
    let mut stranger = scene.inspector("HMI-001").await;
    stranger.open(&page).await;
    assert_eq!(stranger.page.status, 404);
    stranger.page.says_nothing_of(SCHOOL);
}
