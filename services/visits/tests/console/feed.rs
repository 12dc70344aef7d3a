//! The live feed: what happens appears, and nothing is missed over a lost connection.

use crate::browser::Browser;
use crate::scene::{begin, page_of};

#[tokio::test(flavor = "multi_thread")]
async fn r_con_1_r_con_2_the_feed_tells_each_event_once_over_a_lost_connection() {
    let scene = begin().await;
    let desk = scene.desk("").await;
    let mut feed = desk.feed(None).await;
    let first = feed.next().await.expect("a beat");
    assert_eq!(first.name, "beat");
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
    let beat = feed.next().await.expect("a beat");
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
    let beat = feed.next().await.expect("a beat");
    let other = scene.director("south-west").await;
    let mut feed = other.feed(Some(&beat.id)).await;
    let beat = feed.next().await.expect("a beat");
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
    feed.next().await.expect("a beat");
    scene.stage.close().await.expect("closed");
    while feed.next().await.is_some() {}
}
