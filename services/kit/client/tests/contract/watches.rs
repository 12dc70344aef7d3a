//! A watch that outlives its connections (R8).

use tonic::{Code, Status};
use visits_client::{CaseWatch, Client, Seen, WatchError};
use visits_proto::common::v1::{GoingAway, Heartbeat};
use visits_proto::escalation::v1::watch_cases_response::Message;
use visits_proto::escalation::v1::{CaseEvent, WatchCasesRequest, WatchCasesResponse};

use crate::service::{Answer, FakeService};

fn said(message: Message) -> WatchCasesResponse {
    WatchCasesResponse {
        message: Some(message),
    }
}

fn event(position: i64) -> WatchCasesResponse {
    said(Message::CaseEvent(CaseEvent {
        position,
        resume_token: format!("after-{position}"),
        ..CaseEvent::default()
    }))
}

fn heartbeat(token: &str) -> WatchCasesResponse {
    said(Message::Heartbeat(Heartbeat {
        resume_token: token.into(),
        ..Heartbeat::default()
    }))
}

fn going_away(reason_code: &str, token: &str) -> WatchCasesResponse {
    said(Message::GoingAway(GoingAway {
        reason_code: reason_code.into(),
        resume_token: token.into(),
    }))
}

/// A watch of a service that answers so, one connection after the other.
async fn watch(answers: impl IntoIterator<Item = Answer>) -> (FakeService, CaseWatch) {
    let (service, address) = FakeService::serve(answers).await;
    let client = Client::of(address).token("secret").lazily();
    let watch = client.expect("an address").watch_cases("state = OPEN");
    (service, watch)
}

/// The tokens that the watch was taken up with.
fn tokens(service: &FakeService) -> Vec<String> {
    let asked = service.asked();
    let asked = asked
        .iter()
        .map(|asked| asked.message::<WatchCasesRequest>());
    asked
        .inspect(|request| assert_eq!(request.filter, "state = OPEN"))
        .map(|request| request.resume_token)
        .collect()
}

#[tokio::test]
async fn r8_a_watch_goes_on_after_a_cut_without_gap_or_repeat() {
    let (service, mut watch) = watch([
        Answer::stream(&[heartbeat("start"), event(3), event(7)]),
        Answer::Refused(Status::unavailable("restarting")),
        Answer::stream(&[heartbeat("after-7"), event(9)]),
    ])
    .await;
    let mut seen = Vec::new();
    for _ in 0..2 {
        seen.push(watch.next_event().await.expect("an event").position);
    }
    service.cut();
    seen.push(watch.next_event().await.expect("an event").position);
    assert_eq!(seen, [3, 7, 9]);
    assert_eq!(tokens(&service), ["", "after-7", "after-7"]);
    assert_eq!(watch.resume_token(), "after-9");
    for asked in service.asked() {
        let told = asked.headers.contains_key("grpc-timeout");
        assert!(!told, "a stream has no deadline");
    }
}

#[tokio::test]
async fn a_stopping_server_and_a_lost_connection_are_told() {
    let (service, watch) = watch([
        Answer::stream(&[going_away("SHUTTING_DOWN", "here")]),
        Answer::stream(&[heartbeat("here")]),
        Answer::stream(&[heartbeat("here")]),
    ])
    .await;
    let mut watch = watch.from("earlier");
    let seen = watch.next().await.expect("it goes on");
    assert!(matches!(seen, Seen::GoingAway(_)));
    let seen = watch.next().await.expect("it goes on");
    assert!(matches!(seen, Seen::Heartbeat(_)));
    service.cut();
    let seen = watch.next().await.expect("it goes on");
    assert!(matches!(seen, Seen::Lost(_)));
    let seen = watch.next().await.expect("it goes on");
    assert!(matches!(seen, Seen::Heartbeat(_)));
    assert_eq!(tokens(&service), ["earlier", "here", "here"]);
}

/// A watch that has begun, was lost, and is taken up again with this outcome.
async fn taken_up_again(outcome: Status) -> WatchError {
    let begun = Answer::stream(&[heartbeat("start")]);
    let (service, mut watch) = watch([begun, Answer::Refused(outcome)]).await;
    watch.next().await.expect("begun");
    service.cut();
    watch.next_event().await.expect_err("the end")
}

#[tokio::test]
async fn a_position_that_is_gone_ends_the_watch_with_what_to_do() {
    let gone = Status::out_of_range("the position is no longer kept");
    let ended = taken_up_again(gone).await;
    assert!(matches!(ended, WatchError::PositionExpired(_)));
    assert!(ended.to_string().contains("list the cases"), "{ended}");
}

#[tokio::test]
async fn the_first_connection_must_stand_and_a_refusal_ends_a_watch() {
    let (_service, mut none) = watch([Answer::Refused(Status::unavailable("away"))]).await;
    let refused = none.next().await.expect_err("nobody");
    assert_eq!(refused.status().code(), Code::Unavailable);
    let expired = Status::unauthenticated("the token has expired");
    let refused = taken_up_again(expired).await;
    assert_eq!(refused.into_status().code(), Code::Unauthenticated);
}
