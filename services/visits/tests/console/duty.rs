//! On duty: sound, handing over, the log of shifts, notes, and who else looks.

use std::collections::BTreeMap;

use crate::browser::{Browser, encoded};
use crate::scene::{SCHOOL, begin, page_of};

#[tokio::test(flavor = "multi_thread")]
async fn r_con_7_r_con_13_a_shift_begins_with_the_sound_and_ends_with_a_handover_of_each_case() {
    let scene = begin().await;
    let mut first = scene.desk("desk-1").await;
    first.open("/duty").await.says("Nobody is on duty");
    first.page.says("Test sound and go on duty");
    first.submit("/duty/on", &[("sound_tested", "on")]).await;
    first.page.says("You have been on duty since");
    first.page.says("Tested");
    first.page.says("Not watching");
    let case = scene.raise().await;
    let page = page_of(&case);
    first.open(&page).await;
    first.submit("/acknowledge", &[]).await;
    first.page.says("With desk-1");
    first.open("/duty").await.says("You hold these cases.");
    first.submit("/duty/off", &[]).await;
    assert_eq!(first.page.status, 422, "{}", first.page.text());
    first.page.says(&format!("Select who takes {SCHOOL}"));

    let mut second = scene.desk("desk-2").await;
    second.open("/duty").await;
    second.submit("/duty/on", &[]).await;
    second.page.says("Not tested");
    first.open("/duty").await.says("desk-2");
    let field = format!("case-{}", page.trim_start_matches("/cases/"));
    let words = ("handover_note", "The lead rings back at two.");
    first
        .submit("/duty/off", &[(&field, "desk-2"), words])
        .await;
    first.page.says("You are off duty.");
    second.open(&page).await.says("With desk-2");
    second.page.says("Handed over to desk-2");

    second.open("/duty/log").await.says("to desk-2");
    second.page.says("The lead rings back at two.");
    let shift = link_to(&second.page.body, "/duty/log/", "desk-1");
    second.open(&shift).await.says("Shift of desk-1");
    second.page.says("Acknowledged by the duty desk");
    second.page.says("Handed over to desk-2");
    let mut inspector = scene.inspector("HMI-007").await;
    inspector.open("/duty").await;
    assert_eq!(inspector.page.status, 403);
}

/// The address of a link that says this.
fn link_to(page: &str, begin: &str, words: &str) -> String {
    let link = format!("href=\"{begin}");
    let links = page.split(&link).skip(1);
    let found = links
        .filter_map(|link| link.split_once("\">"))
        .find(|(_, rest)| rest.starts_with(words));
    let (id, _) = found.unwrap_or_else(|| panic!("no link {words} on: {page}"));
    format!("{begin}{id}")
}

#[tokio::test(flavor = "multi_thread")]
async fn r_con_13_a_case_is_released_and_taken_by_whoever_is_on_duty() {
    let scene = begin().await;
    let mut desk = scene.desk("desk-1").await;
    let case = scene.raise().await;
    scene.acknowledge(&case).await;
    let page = format!("{}/hold", page_of(&case));
    desk.open(&page).await.says("Release to the whole desk");
    desk.page.says_nothing_of("Take it yourself");
    desk.submit("/hold", &[("operator", "-")]).await;
    desk.page.says("The case is with whom you said.");
    desk.page.says("Nobody: released to the whole desk");
    desk.open("/duty").await;
    desk.submit("/duty/on", &[("sound_tested", "on")]).await;
    desk.open(&page).await.says("Take it yourself");
    desk.submit("/hold", &[("operator", "desk-1")]).await;
    desk.page.says("With desk-1");
}

#[tokio::test(flavor = "multi_thread")]
async fn r_con_14_a_note_is_added_from_the_list_and_everybody_sees_it() {
    let scene = begin().await;
    let mut desk = scene.desk("desk-1").await;
    let case = scene.raise().await;
    desk.open("/queue").await.says("Add a note");
    let note = "<b>The lead</b> rings back at two.";
    desk.submit("/note", &[("note", note)]).await;
    assert!(desk.path.starts_with("/queue"), "{}", desk.path);
    desk.page.says("The note is added.");
    let mut director = scene.director("east-midlands").await;
    director.open(&page_of(&case)).await.says(note);
    director.page.says("Note by desk-1 on");
    let empty = format!("{}/note", page_of(&case));
    director.open(&empty).await;
    director.submit("/note", &[]).await;
    assert_eq!(director.page.status, 422, "{}", director.page.text());
    let mut lead = scene.inspector("HMI-007").await;
    lead.open(&page_of(&case)).await.says(note);
    lead.page.says_nothing_of("Add a note");
}

/// What the module of a page says by itself.
async fn report(browser: &mut Browser, token: &str, case: &str, audible: &str) -> (u16, String) {
    let console = format!("00000000-0000-4000-8000-{:012}", browser.cookies.len());
    let fields = [
        ("form_token", token),
        ("console", &console),
        ("live", "true"),
        ("audible", audible),
        ("case", case),
    ];
    let fields: BTreeMap<String, String> = fields
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    let answer = browser
        .send("POST", "/duty/console", &[], &encoded(&fields))
        .await;
    (answer.status, answer.body)
}

fn token_on(page: &str) -> String {
    let (_, rest) = page
        .split_once("name=\"form_token\" value=\"")
        .expect("a token");
    rest.split('"').next().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn r_con_16_who_else_looks_at_a_case_is_told_to_the_page() {
    let scene = begin().await;
    let case = scene.raise().await;
    let id = page_of(&case).trim_start_matches("/cases/").to_owned();
    let mut desk = scene.desk("desk-1").await;
    let mut director = scene.director("east-midlands").await;
    let mut lead = scene.inspector("HMI-007").await;
    desk.open(&page_of(&case)).await;
    let token = token_on(&desk.page.body);
    let nobody = report(&mut desk, &token, &id, "true").await;
    assert_eq!(
        nobody,
        (200, "{\"viewers\":[],\"watched\":false}".to_owned()),
        "not on duty"
    );
    let of_director = token_on(&director.page.body);
    let (_, told) = report(&mut director, &of_director, &id, "false").await;
    assert!(told.contains("[\"desk-1\"]"), "{told}");
    let of_lead = token_on(&lead.page.body);
    let (_, told) = report(&mut lead, &of_lead, &id, "false").await;
    assert!(
        told.contains("\"watched\":true"),
        "they need not know: {told}"
    );

    desk.open("/duty").await;
    desk.submit("/duty/on", &[("sound_tested", "on")]).await;
    let (_, told) = report(&mut desk, &token, "", "true").await;
    assert!(told.contains("\"watched\":true"), "{told}");
    desk.open("/duty").await.says("Live and audible");
    let (forged, _) = report(&mut desk, &of_lead, &id, "true").await;
    assert_eq!(forged, 403);
    let mut stranger = Browser::new(scene.console);
    let (unknown, _) = report(&mut stranger, &token, &id, "true").await;
    assert_eq!(unknown, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn r_con_31_a_page_that_nobody_uses_keeps_no_session_awake() {
    let scene = begin().await;
    let mut desk = scene.desk("desk-1").await;
    let token = token_on(&desk.page.body);
    for minute in [20, 50] {
        scene.go_to(23, 12, minute).await;
        let (status, _) = report(&mut desk, &token, "", "true").await;
        assert_eq!(status, if minute == 20 { 200 } else { 401 });
    }
}
