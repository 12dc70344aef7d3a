//! Parked items, the audit, and who may see which page at all.

use uuid::Uuid;
use visits::demo::answered::Answered as _;
use visits::demo::case;
use visits::demo::cast::{SCHEDULER, inspector};
use visits_durable::{AggregateRef, Cause, PublicEvent};
use visits_proto::recording::v1::DepartureRecorded;
use visits_proto::scheduling::v1::AssignRoutineInspectionRequest;

use crate::browser::Browser;
use crate::scene::{SCHOOL, Scene, begin, page_of};

/// Recording says that nobody left nowhere: letters can't handle that.
async fn poison(scene: &Scene) {
    let durables = scene.stage.host().durables();
    let recording = durables
        .iter()
        .find(|durable| durable.service() == "recording");
    let said = recording
        .expect("recording")
        .unit_of_work(Cause::System, |step| {
            Box::pin(async move {
                let of = AggregateRef {
                    kind: "recording.record",
                    id: Uuid::from_u128(404),
                    subject: "visitRecords/404".to_owned(),
                    correlation_id: "visits/404".to_owned(),
                };
                let event = DepartureRecorded {
                    visit: "nowhere".to_owned(),
                    ..DepartureRecorded::default()
                };
                step.publish(&of, PublicEvent::new(&event, step.now()))
                    .await
            })
        });
    said.await.expect("said");
    scene.stage.settle().await.expect("settled");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_retries_and_discards_what_letters_could_not_handle() {
    let scene = begin().await;
    poison(&scene).await;
    let mut auditor = scene.somebody("auditor").await;
    auditor
        .open("/parked?service=letters")
        .await
        .says("DepartureRecorded");
    let mut operator = scene.somebody("operator").await;
    operator.page.says("Parked items");
    let link = operator
        .page
        .body
        .split("href=\"")
        .find(|part| part.starts_with("/parked/letters/"));
    let page = link
        .and_then(|part| part.split('"').next())
        .expect("an item")
        .to_owned();
    auditor.open(&page).await.says("Place among its events");
    auditor.page.says_nothing_of("Discard for good");
    operator.open(&page).await.says("What the last fault said");
    operator.submit("/retry", &[]).await;
    operator.page.says("The item is tried again.");
    scene.stage.settle().await.expect("settled");
    operator.open(&page).await.says("Discard for good");
    operator.submit("/discard", &[]).await;
    assert_eq!(operator.page.status, 422);
    operator.page.says("Enter why it is discarded");
    operator
        .submit("/discard", &[("note", "said by a test")])
        .await;
    operator.page.says("The item is given up.");
    operator
        .open("/parked?service=letters")
        .await
        .says("Nothing is parked.");
    scene.stage.settle().await.expect("settled");
    let found = "/audit?service=letters&action=parked_item_discarded";
    auditor.open(found).await.says("said by a test");
    auditor.page.says("operator");
}

#[tokio::test(flavor = "multi_thread")]
async fn r18_an_auditor_reads_the_audit_from_page_to_page_and_holds_its_chain_against_its_hashes() {
    let scene = begin().await;
    let mut auditor = scene.somebody("auditor").await;
    auditor.open("/audit").await.says("Concern escalation");
    auditor.open("/audit?service=scheduling&outcome=DONE").await;
    auditor
        .page
        .says("Each page that you read here is an entry of this audit too.");
    let next = auditor
        .page
        .body
        .split("href=\"")
        .find(|part| part.contains("page="));
    let next = next
        .and_then(|part| part.split('"').next())
        .expect("a next page");
    let next = next.replace("&#38;", "&");
    assert!(
        next.starts_with("/audit?outcome=DONE&service=scheduling&page="),
        "{next}"
    );
    auditor.open(&next).await.says("Entry");
    assert_eq!(auditor.page.status, 200);
    let visit = format!(
        "/audit?service=scheduling&actor=HMI-007&resource={}",
        scene.visit
    );
    auditor
        .open(&visit.replace('/', "%2F").replacen("%2Faudit", "/audit", 1))
        .await;
    auditor.page.says(&scene.visit);
    auditor.page.says_nothing_of("No entry fits this.");
    auditor.open("/audit?service=scheduling&from=soon").await;
    assert_eq!(auditor.page.status, 422);
    auditor.open("/audit?service=scheduling").await;
    auditor.submit("/verify", &[]).await;
    auditor.page.says("Intact");
    auditor.page.says("Hash of the last");
}

/// Who may open what: the services say so, and the page says it in words.
#[tokio::test(flavor = "multi_thread")]
async fn r_con_29_each_role_sees_its_own_places_and_is_refused_the_others_in_words() {
    let scene = begin().await;
    let places = [
        "/queue",
        "/calls",
        "/visits",
        "/deferrals",
        "/deputies",
        "/letters",
        "/parked",
        "/audit",
    ];
    let may = |role: &str| match role {
        "duty-desk" => "11111000",
        "regional-director" => "11111000",
        "hmi" => "11110100",
        "scheduler" => "01111000",
        "publisher" => "01110100",
        "operator" => "00000010",
        "auditor" => "00001011",
        _ => "00000000",
    };
    for role in [
        "duty-desk",
        "regional-director",
        "hmi",
        "scheduler",
        "publisher",
        "operator",
        "auditor",
        "researcher",
    ] {
        let mut browser = Browser::new(scene.console);
        browser.open("/").await;
        let fields = [
            ("role", role),
            ("region", "east-midlands"),
            ("inspector_code", "HMI-001"),
        ];
        browser.submit("/sign-in", &fields).await;
        let navigation = browser.page.body.split_once("</nav>");
        let navigation = navigation
            .map(|(before, _)| before.to_owned())
            .unwrap_or_default();
        for (place, may) in places.into_iter().zip(may(role).chars()) {
            browser.open(place).await;
            let expected = if may == '1' { 200 } else { 403 };
            assert_eq!(browser.page.status, expected, "{role} at {place}");
            if expected == 403 {
                browser.page.says("Your role does not cover this");
                let link = format!("href=\"{place}\"");
                assert!(!navigation.contains(&link), "{role} is led to {place}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn m11_an_inspector_behind_the_barrier_finds_nothing_of_the_school_on_any_page() {
    let scene = begin().await;
    let case = scene.raise().await;
    case::acknowledge(&scene.stage, &case)
        .await
        .expect("acknowledged");
    let mut member = scene.inspector("HMI-008").await;
    let pages = [
        format!("/{}", scene.visit),
        format!("/{}/call", scene.visit),
        page_of(&case),
        format!("{}/nfd", page_of(&case)),
        format!("{}/clock-record", page_of(&case)),
    ];
    for page in &pages {
        member.open(page).await;
        assert_eq!(member.page.status, 200, "{page}");
    }
    let stage = &scene.stage;
    let request = AssignRoutineInspectionRequest {
        name: inspector("HMI-008"),
        school: "schools/900002".to_owned(),
        start_date: "2021-01-11".to_owned(),
        request_id: stage.request_id(),
        ..AssignRoutineInspectionRequest::default()
    };
    let mut scheduling = stage.caller(SCHEDULER).scheduling();
    let assigned = scheduling.assign_routine_inspection(request).await;
    assigned.granted().expect("assigned");
    stage.settle().await.expect("settled");
    for page in &pages {
        member.open(page).await;
        assert_eq!(member.page.status, 404, "{page}");
        member.page.says("There is nothing here for you to see");
        member.page.says_nothing_of(SCHOOL);
    }
    for list in ["/queue", "/visits", "/calls?date=2020-10-22", "/letters"] {
        member.open(list).await;
        assert_eq!(member.page.status, 200, "{list}");
        member.page.says_nothing_of(SCHOOL);
    }
}
