//! A case from the concern to the NFD, by people in browsers of their own.

use crate::scene::{CALL, SCHOOL, SEEN, begin, page_of};

#[tokio::test(flavor = "multi_thread")]
async fn r_con_26_r_con_18_r_con_19_r_con_27_a_concern_goes_to_its_nfd_without_script() {
    let scene = begin().await;
    let mut desk = scene.desk("").await;
    desk.page.says("No case is open.");
    let case = scene.raise().await;
    let page = page_of(&case);
    desk.open("/queue").await.says(SCHOOL);
    desk.page.says("New concern");
    desk.page.says("Duty desk: acknowledge the concern");
    desk.open(&page).await.says(SEEN);
    desk.submit("/acknowledge", &[("note", "desk has it")])
        .await;
    desk.page.says("The duty desk has taken this case on.");
    desk.page.says("With the duty desk");
    desk.page.says("desk has it");

    scene.go_to(23, 12, 40).await;
    desk.open(&page).await.says("Call script");
    desk.page.says("Two grounds and no others");
    desk.submit("/call", &CALL).await;
    desk.page.says("Awaiting decision");
    desk.page.says(
        "Happened Friday 23 October 2020 at 12:20pm BST, \
         recorded Friday 23 October 2020 at 12:40pm BST",
    );
    desk.page.says_nothing_of("Record the decision");

    let mut director = scene.director("east-midlands").await;
    director
        .page
        .says("Decision wanted by Friday 23 October 2020");
    director
        .open(&page)
        .await
        .says("School open inside the 48 hours");
    director.submit("/decision", &[]).await;
    assert_eq!(director.page.status, 422);
    director.page.says("Error: Fosse Lane Academy");
    director.page.says("Select whether an NFD is necessary");
    director.page.says("Enter your reasons");
    scene.go_to(23, 14, 30).await;
    director.open("/").await.says("Sign in");
    let mut director = scene.director("east-midlands").await;
    director.open(&page).await;
    let decision = [
        ("required", "yes"),
        ("rationale", "The school has no leader today."),
    ];
    director.submit("/decision", &decision).await;
    director.page.says("NFD required");
    director.page.says("48 hours left");
    director
        .page
        .says("The NFD starts by Sunday 25 October 2020 at 1:30pm GMT");
    director.page.says("The school has no leader today.");

    scene.go_to(25, 12, 30).await;
    let mut desk = scene.desk("").await;
    desk.page.says("Less than 6 hours left");
    desk.page.says("1 hour left");
    desk.open(&page)
        .await
        .says("Warning: 4 hours left to start the NFD");
    let mut lead = scene.inspector("HMI-007").await;
    lead.open(&page).await.says("Start the NFD straight away");
    lead.submit("/start", &[]).await;
    lead.page.says("NFD under way");
    lead.page.says("1 hour before its deadline");
    desk.open(&page)
        .await
        .says("Stopped: the NFD started on Sunday 25 October 2020 at 12:30pm GMT");
}

#[tokio::test(flavor = "multi_thread")]
async fn r_con_16_who_comes_second_sees_both_versions_and_keeps_what_they_wrote() {
    let scene = begin().await;
    let case = scene.raise().await;
    let page = page_of(&case);
    let mut first = scene.desk("desk-1").await;
    let mut second = scene.desk("desk-2").await;
    first.open(&page).await;
    second.open(&page).await;
    first.submit("/acknowledge", &[("note", "mine")]).await;
    assert_eq!(first.page.status, 200);
    second
        .submit("/acknowledge", &[("note", "calling the lead now")])
        .await;
    assert_eq!(second.page.status, 409, "{}", second.page.text());
    second.page.says("When you opened the form New concern");
    second.page.says("As it stands now With the duty desk");
    second.page.says("Acknowledged by the duty desk by desk-1");
    second
        .page
        .says("What you wrote, not recorded calling the lead now");
    second
        .open(&page)
        .await
        .says_nothing_of("calling the lead now");
}

#[tokio::test(flavor = "multi_thread")]
async fn r_con_20_r_con_29_each_role_sees_its_own_cases_and_its_own_step() {
    let scene = begin().await;
    let case = scene.raise().await;
    let page = page_of(&case);
    let mut elsewhere = scene.director("south-west").await;
    elsewhere.page.says("No case is open.");
    elsewhere.open(&page).await;
    assert_eq!(elsewhere.page.status, 404);
    elsewhere.page.says("There is nothing here for you to see");
    elsewhere.page.says_nothing_of(SCHOOL);
    let mut director = scene.director("east-midlands").await;
    director.open(&page).await.says(SCHOOL);
    director
        .page
        .says_nothing_of("Acknowledge: the desk has it");
    director.page.says_nothing_of("Record the decision");
    let mut lead = scene.inspector("HMI-007").await;
    lead.open(&page).await.says(SEEN);
    let mut stranger = scene.inspector("HMI-001").await;
    stranger.open(&page).await;
    assert_eq!(stranger.page.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn r_con_12_an_acknowledgement_takes_a_note_that_everybody_reads() {
    let scene = begin().await;
    let case = scene.raise().await;
    let page = page_of(&case);
    let mut desk = scene.desk("").await;
    desk.open(&page).await.says("Note for the desk (optional)");
    let note = [("note", "I ring the lead at two.")];
    desk.submit("/acknowledge", &note).await;
    desk.page.says("I ring the lead at two.");
    let mut director = scene.director("east-midlands").await;
    let mut lead = scene.inspector("HMI-007").await;
    for reader in [&mut director, &mut lead] {
        reader.open(&page).await.says("I ring the lead at two.");
    }
}

/// A page that goes by itself takes away what is typed (WCAG 2.2.1): only who asks for it has it.
#[tokio::test(flavor = "multi_thread")]
async fn r_con_26_without_script_the_queue_is_opened_anew_for_those_who_ask_for_it() {
    let scene = begin().await;
    scene.raise().await;
    let mut desk = scene.desk("").await;
    let refreshes = |body: &str| body.contains("http-equiv=\"refresh\"");
    desk.open("/queue").await;
    assert!(!refreshes(&desk.page.body));
    desk.page.says("Add a note");
    desk.open("/queue?updates=every-minute").await;
    assert!(refreshes(&desk.page.body));
    desk.page.says_nothing_of("Add a note");
    desk.page.says("Stop that");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_sent_twice_is_recorded_once() {
    let scene = begin().await;
    let case = scene.raise().await;
    let page = page_of(&case);
    let mut desk = scene.desk("").await;
    desk.open(&page).await;
    let form = desk.page.clone();
    desk.submit("/acknowledge", &[("note", "once")]).await;
    desk.page = form;
    desk.submit("/acknowledge", &[("note", "once")]).await;
    assert_eq!(desk.page.status, 200, "{}", desk.page.text());
    let times = desk
        .page
        .text()
        .matches("Acknowledged by the duty desk")
        .count();
    assert_eq!(times, 1);
}
