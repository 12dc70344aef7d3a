//! The live feed: what happens appears, and nothing is missed over a lost connection.

use crate::browser::Browser;
use crate::scene::{begin, page_of};

#[tokio::test(flavor = "multi_thread")]
async fn r_con_1_r_con_2_the_feed_tells_each_event_once_over_a_lost_connection() {
    let scene = begin().await;
    let desk = scene.desk("").await;
    let mut feed = desk.feed(None).await;
    let first = feed.next_named("beat").await;
    assert!(first.data.contains("\"resumed\":false"), "{first:?}");
    let case = scene.raise().await;
    let raised = feed.next_case().await;
    assert!(
        page_of(&case).ends_with(case_in(&raised.data)),
        "{raised:?}"
    );
    assert!(raised.data.contains("New concern"), "{raised:?}");
    drop(feed);

    scene.acknowledge(&case).await;
    let mut feed = desk.feed(Some(&raised.id)).await;
    let beat = feed.next_named("beat").await;
    assert!(beat.data.contains("\"resumed\":true"), "{beat:?}");
    let acknowledged = feed.next_case().await;
    assert!(
        acknowledged.data.contains("With the duty desk"),
        "{acknowledged:?}"
    );
    assert_ne!(acknowledged.id, raised.id);

    // Once more from the beginning: both, in order, and no third.
    let mut whole = desk.feed(Some(&first.id)).await;
    assert_eq!(whole.next_case().await.data, raised.data);
    assert_eq!(whole.next_case().await.data, acknowledged.data);
    let beat = whole.next().await.expect("a beat");
    assert_eq!(beat.name, "beat", "{beat:?}");
}

fn case_in(data: &str) -> &str {
    let (_, rest) = data.split_once("\"case\":\"").expect("a case");
    rest.split('"').next().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn r_con_2_a_token_of_somebody_else_begins_a_feed_of_ones_own() {
    let scene = begin().await;
    let desk = scene.desk("").await;
    let mut feed = desk.feed(None).await;
    let beat = feed.next_named("beat").await;
    let other = scene.director("south-west").await;
    let mut feed = other.feed(Some(&beat.id)).await;
    let beat = feed.next_named("beat").await;
    assert!(beat.data.contains("\"resumed\":false"), "{beat:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_is_not_signed_in_is_told_to_stop_asking() {
    let scene = begin().await;
    let mut stranger = Browser::new(scene.console);
    let answer = stranger.send("GET", "/live", &[], "").await;
    assert_eq!(answer.status, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn r12_an_open_feed_does_not_hold_up_the_stop() {
    let scene = begin().await;
    let desk = scene.desk("").await;
    let mut feed = desk.feed(None).await;
    feed.next_named("beat").await;
    scene.stage.close().await.expect("closed");
    while feed.next().await.is_some() {}
}

#[tokio::test(flavor = "multi_thread")]
async fn r_con_8_r_con_11_a_concern_rings_on_every_device_until_one_acknowledges_it() {
    let scene = begin().await;
    let first = scene.desk("desk-1").await;
    let second = scene.desk("desk-2").await;
    let director = scene.director("east-midlands").await;
    let mut feeds = [
        first.feed(None).await,
        second.feed(None).await,
        director.feed(None).await,
    ];
    for feed in &mut feeds {
        feed.next_named("beat").await;
    }
    let case = scene.raise().await;
    for (feed, alarm) in feeds.iter_mut().zip(["ring", "ring", ""]) {
        let raised = feed.next_case().await;
        let expected = format!("\"open\":true,\"what\":\"New concern\",\"alarm\":\"{alarm}\"");
        assert!(raised.data.contains(&expected), "{raised:?}");
    }
    // A page that is loaded now goes on ringing.
    let open = first.feed(None).await.next_named("ringing").await;
    assert!(page_of(&case).ends_with(in_list(&open.data)), "{open:?}");
    scene.acknowledge(&case).await;
    for feed in &mut feeds {
        let acknowledged = feed.next_case().await;
        assert!(
            acknowledged.data.contains("\"open\":false"),
            "{acknowledged:?}"
        );
    }
    let open = first.feed(None).await.next_named("ringing").await;
    assert_eq!(open.data, "{\"cases\":[]}");
}

fn in_list(data: &str) -> &str {
    let (_, rest) = data.split_once("[\"").expect("a case");
    rest.split('"').next().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn r_con_10_a_concern_of_long_ago_is_told_and_does_not_ring() {
    let scene = begin().await;
    let desk = scene.desk("desk-1").await;
    let beat = desk.feed(None).await.next_named("beat").await;
    let case = scene.raise().await;
    scene.acknowledge(&case).await;
    scene.go_to(23, 11, 55).await;
    let mut feed = desk.feed(Some(&beat.id)).await;
    let raised = feed.next_case().await;
    assert!(raised.data.contains("\"alarm\":\"\""), "{raised:?}");
    assert!(raised.data.contains("\"missed\":true"), "{raised:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn r_con_9_an_acknowledged_concern_without_its_call_alerts_again() {
    let scene = begin().await;
    let mut desk = scene.desk("desk-1").await;
    let case = scene.raise().await;
    scene.acknowledge(&case).await;
    let mut feed = desk.feed(None).await;
    feed.next_named("beat").await;
    scene.go_to(23, 12, 6).await;
    // Nobody is on duty, which is another alarm.
    let expected = "\"what\":\"No call is logged yet\",\"alarm\":\"notice\"";
    while !feed.next_case().await.data.contains(expected) {}
    let page = format!("{}/alert", page_of(&case));
    desk.open(&page)
        .await
        .says("Change when the desk is alerted");
    desk.submit("/alert", &[("after_minutes", "500")]).await;
    assert_eq!(desk.page.status, 422, "{}", desk.page.text());
    let minutes = [("after_minutes", "60"), ("reason", "In class until one.")];
    desk.submit("/alert", &minutes).await;
    desk.page
        .says("The desk is alerted again after the time that you chose.");
    desk.page.says("Friday 23 October 2020 at 1:06pm BST");
    desk.page.says("In class until one. (desk-1)");
}
