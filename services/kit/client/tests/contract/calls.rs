//! What is tried again, how often, and until when.

use std::time::Duration;

use tonic::{Code, Status};
use visits_client::{Client, reason, request_id, timeout};
use visits_proto::escalation::v1::{AcknowledgeCaseRequest, Case};

use crate::service::{Answer, FakeService};

fn acknowledge() -> AcknowledgeCaseRequest {
    AcknowledgeCaseRequest {
        name: "cases/1".into(),
        request_id: request_id(),
        ..AcknowledgeCaseRequest::default()
    }
}

fn away() -> Answer {
    Answer::Refused(Status::unavailable("starting"))
}

fn client(address: &str) -> Client {
    let client = Client::of(address).token("secret");
    client.lazily().expect("an address")
}

#[tokio::test]
async fn r17_a_change_that_is_tried_again_carries_the_same_request_id_each_time() {
    let case = Case {
        name: "cases/1".into(),
        ..Case::default()
    };
    let answers = [away(), away(), Answer::one(&case)];
    let (service, address) = FakeService::serve(answers).await;
    let request = acknowledge();
    let sent = request.request_id.clone();
    let client = client(&address);
    let answer = client.escalation().acknowledge_case(request).await;
    let answer = answer.expect("answered in the end").into_inner();
    assert_eq!(answer.name, "cases/1");
    let asked = service.asked();
    assert_eq!(asked.len(), 3);
    for asked in &asked {
        let message: AcknowledgeCaseRequest = asked.message();
        assert_eq!(message.request_id, sent);
        assert_eq!(asked.header("authorization"), "Bearer secret");
    }
    assert_ne!(request_id(), sent, "new for each intent");
}

#[tokio::test]
async fn a_refusal_is_not_tried_again() {
    let refusals = [
        Code::Aborted,
        Code::FailedPrecondition,
        Code::ResourceExhausted,
    ];
    let answers = refusals.map(|code| Answer::Refused(Status::new(code, "no")));
    let (service, address) = FakeService::serve(answers).await;
    let client = client(&address);
    for (number, code) in (1..).zip(refusals) {
        let answer = client.escalation().acknowledge_case(acknowledge()).await;
        assert_eq!(answer.expect_err("refused").code(), code);
        assert_eq!(service.asked().len(), number);
    }
}

#[tokio::test]
async fn a_budget_that_is_spent_ends_retries() {
    let (service, address) = FakeService::serve((0..30).map(|_| away())).await;
    let client = client(&address);
    let mut tries = Vec::new();
    for _ in 0..5 {
        let before = service.asked().len();
        let answer = client.escalation().acknowledge_case(acknowledge()).await;
        assert_eq!(answer.expect_err("away").code(), Code::Unavailable);
        tries.push(service.asked().len() - before);
    }
    // Ten second tries, and then each call is sent once.
    assert_eq!(tries, [4, 4, 4, 2, 1]);
}

#[tokio::test]
async fn r13_all_tries_share_one_deadline_and_the_service_is_told_what_is_left() {
    let (service, address) = FakeService::serve([away(), away(), Answer::Never]).await;
    let builder = Client::of(&address).call_time(Duration::from_millis(900));
    let client = builder.lazily().expect("an address");
    let answer = client.escalation().acknowledge_case(acknowledge()).await;
    let refused = answer.expect_err("too late");
    assert_eq!(refused.code(), Code::DeadlineExceeded);
    assert_eq!(reason(&refused).as_deref(), Some("DEADLINE_EXCEEDED"));
    let told: Vec<Duration> = service
        .asked()
        .iter()
        .map(|asked| timeout::read(asked.header(timeout::HEADER).as_bytes()).expect("well formed"))
        .collect();
    assert_eq!(told.len(), 3);
    assert!(told[0] <= Duration::from_millis(900), "{told:?}");
    assert!(
        told.is_sorted_by(|before, after| before > after),
        "{told:?}"
    );
}

#[tokio::test]
async fn a_service_of_its_own_address_is_called_there() {
    let case = Case::default();
    let (service, address) = FakeService::serve([Answer::one(&case)]).await;
    let builder = Client::of("http://127.0.0.1:1").service("escalation", &address);
    let client = builder.lazily().expect("addresses");
    let answer = client.escalation().acknowledge_case(acknowledge()).await;
    answer.expect("answered");
    assert_eq!(service.asked().len(), 1);
}

#[tokio::test]
async fn an_address_that_is_none_or_where_nobody_is_is_named() {
    let none = Client::of("not an address").lazily().expect_err("none");
    assert!(none.to_string().contains("not an address"), "{none}");
    let nobody = Client::of("http://127.0.0.1:1").connect().await;
    let nobody = nobody.expect_err("nobody");
    assert_eq!(nobody.to_string(), "nothing answers at http://127.0.0.1:1");
}
