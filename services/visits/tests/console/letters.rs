//! A letter from its draft over the round with the school to its editions, by its writer and a
//! publisher in browsers of their own.

use visits::demo::stage::at;
use visits::demo::steps;
use visits_proto::recording::v1::Area;

use crate::browser::Browser;
use crate::scene::{SCHOOL, Scene, begin};

const HEAD: &str = "head@fosse-lane.example";

/// Friday 23 October, 14:10: the inspectors have left, the content is agreed.
async fn left(scene: &Scene) {
    let (stage, lead) = (&scene.stage, "HMI-007");
    scene.go_to(23, 13, 45).await;
    let points = [(Area::AttendanceAndBehaviour, "Pupils were glad to be back.")];
    let agreed = steps::agree_content(stage, &scene.visit, lead, &points).await;
    agreed.expect("agreed");
    let gone = steps::depart(stage, &scene.visit, lead, at(10, 23, 13, 45)).await;
    gone.expect("gone");
    stage.settle().await.expect("settled");
    scene.go_to(23, 14, 10).await;
}

/// The lead drafts the letter and sends it to the school.
async fn sent(scene: &Scene) -> Browser {
    let mut lead = scene.inspector("HMI-007").await;
    lead.open(&format!("/{}", scene.visit)).await;
    lead.submit("/letter", &[]).await;
    assert_eq!(lead.page.status, 200, "{}", lead.page.text());
    lead.page.says("Being written");
    lead.submit("/send", &[("recipient", "the head")]).await;
    assert_eq!(lead.page.status, 422);
    lead.page
        .says("The mailbox must be a mailbox such as head@school.example");
    lead.submit("/send", &[("recipient", HEAD)]).await;
    lead.page.says("The letter is on its way to the school");
    lead.page.says("With the school");
    scene.stage.settle().await.expect("settled");
    // The link has left meanwhile, which is a change of the letter.
    let page = lead.path.split('?').next().expect("a path").to_owned();
    lead.open(&page).await.says("Delivered on");
    lead
}

#[tokio::test(flavor = "multi_thread")]
async fn m36_m37_a_letter_goes_through_the_schools_check_to_its_editions() {
    let scene = begin().await;
    left(&scene).await;
    let mut lead = sent(&scene).await;
    let page = lead.path.clone();
    lead.submit("/reply", &[("passage-1", "glad to be back")])
        .await;
    assert_eq!(lead.page.status, 422);
    lead.page.says("Enter the role of whoever replied");
    lead.page
        .says("Enter the passage and what would be accurate");
    let reply = [
        ("respondent_role", "headteacher"),
        ("correction-1", "most pupils were glad to be back"),
    ];
    lead.submit("/reply", &reply).await;
    lead.page.says("The school’s reply is on record.");
    lead.page.says("most pupils were glad to be back");
    lead.page.says_nothing_of("It may be published");
    lead.submit("/answer-1", &[]).await;
    lead.page.says("Select what you answer");
    lead.page.says("Enter the reason");
    let accepted = [("answer", "accepted"), ("reason", "The register says so.")];
    lead.submit("/answer-1", &accepted).await;
    lead.page.says("The correction is answered.");
    lead.submit("/ready", &[]).await;
    assert_eq!(
        lead.page.status,
        409,
        "the correction isn't made: {}",
        lead.page.text()
    );
    lead.submit(
        "/revise",
        &[("words-2", "Most pupils were glad to be back.")],
    )
    .await;
    assert_eq!(lead.page.status, 200, "{}", lead.page.text());
    lead.page.says("The new text is saved.");
    lead.submit("/ready", &[]).await;
    lead.page.says("The letter is ready to be published.");
    lead.page.says_nothing_of("Publish for parents");

    let mut publisher = scene.somebody("publisher").await;
    publisher.page.says(SCHOOL);
    publisher.open(&page).await.says("Publish for parents");
    publisher.submit("/publish", &[]).await;
    publisher.page.says("The letter is published.");
    publisher.page.says("SHA-256");
    publisher
        .submit("/correct", &[("words-2", "Nearly all pupils were glad.")])
        .await;
    publisher.page.says("Enter what has changed");
    publisher.page.says("Nearly all pupils were glad.");
    let note = [("change_note", "We put a number right.")];
    publisher.submit("/correct", &note).await;
    publisher.page.says("The new edition is published.");
    publisher.page.says("Edition 2");
    publisher.page.says("We put a number right.");
    publisher.submit("/withdraw", &[]).await;
    publisher.page.says("Enter the reason");
    publisher
        .submit("/withdraw", &[("reason", "About another school.")])
        .await;
    publisher
        .page
        .says("The letter is withdrawn. Its address says so.");
}

#[tokio::test(flavor = "multi_thread")]
async fn m36_a_publisher_goes_on_without_a_reply_once_the_schools_time_has_passed() {
    let scene = begin().await;
    left(&scene).await;
    let page = sent(&scene).await.path;
    let mut publisher = scene.somebody("publisher").await;
    publisher
        .open(&page)
        .await
        .says_nothing_of("Go on without a reply");
    let stage = &scene.stage;
    stage.go_to(at(11, 6, 9, 30)).await.expect("time moves");
    let mut publisher = scene.somebody("publisher").await;
    publisher.open("/letters?state=WITH_SCHOOL").await;
    publisher
        .page
        .says("Publisher: the school’s time has passed, decide");
    publisher.open(&page).await;
    let reason = [("reason", "The school was called twice.")];
    publisher.submit("/no-reply", &reason).await;
    publisher
        .page
        .says("The letter goes on without the school’s reply.");
    publisher.page.says("The school was called twice.");
    publisher.submit("/ready", &[]).await;
    publisher.page.says("Ready to publish");
}

#[tokio::test(flavor = "multi_thread")]
async fn r_con_16_who_acts_on_a_letter_that_has_moved_on_is_told_and_keeps_what_they_wrote() {
    let scene = begin().await;
    left(&scene).await;
    let mut lead = sent(&scene).await;
    let mut publisher = scene.somebody("publisher").await;
    publisher.open(&lead.path).await;
    let reply = [("respondent_role", "headteacher")];
    lead.submit("/reply", &reply).await;
    lead.page.says("The school found the letter accurate");
    publisher
        .submit("/reply", &[("respondent_role", "chair of governors")])
        .await;
    assert_eq!(publisher.page.status, 409, "{}", publisher.page.text());
    publisher
        .page
        .says("What you wrote, not recorded: chair of governors");
    publisher.page.says("School has replied");
}

#[tokio::test(flavor = "multi_thread")]
async fn r_con_31_what_was_typed_about_a_letter_outlives_its_session() {
    let scene = begin().await;
    left(&scene).await;
    let mut lead = sent(&scene).await;
    let page = lead.path.clone();
    scene.go_to(23, 15, 30).await;
    let typed = [
        ("respondent_role", "headteacher"),
        ("passage-1", "glad & merry"),
    ];
    lead.submit("/reply", &typed).await;
    lead.page.says("What you wrote is kept");
    let again = [("role", "hmi"), ("inspector_code", "HMI-007")];
    lead.submit("/sign-in", &again).await;
    assert_eq!(lead.path, page);
    lead.page.says("It is not recorded yet.");
    lead.page.says("glad & merry");
}
