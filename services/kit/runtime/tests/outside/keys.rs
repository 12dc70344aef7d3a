//! The issuer's keys: asked for when they are needed, no oftener, and never guessed.

use serde_json::{Value, json};
use visits_core::{ErrorKind, SignedDuration, Timestamp};

use crate::publisher::{DISCOVERY, KEYS, Publisher, head, now, public, signed};

fn later(seconds: i64) -> Timestamp {
    now() + SignedDuration::from_secs(seconds)
}

/// A token of the key `id` that is good at `at`.
fn token(issuer: &Publisher, id: u8, at: Timestamp) -> String {
    let (mut head, mut claims) = (head(), issuer.claims());
    head["kid"] = json!(id.to_string());
    for (claim, second) in [("iat", 0), ("nbf", 0), ("exp", 600)] {
        claims[claim] = json!(at.as_second() + second);
    }
    signed(&head, &claims, id)
}

#[tokio::test]
async fn r16_a_new_key_is_looked_for_once_and_many_strange_ones_cost_one_look() {
    let issuer = Publisher::start().await;
    let verifier = issuer.verifier();
    for _ in 0..5 {
        verifier.admit(&issuer.token(), now()).await.expect("good");
    }
    assert_eq!(issuer.looks(), 1);
    // Within the pause nobody makes us ask again.
    for id in 2..20 {
        let fault = verifier.admit(&token(&issuer, id, now()), now()).await;
        assert_eq!(fault.expect_err("unknown").reason, "TOKEN_INVALID");
    }
    assert_eq!(issuer.looks(), 1);
    issuer.publish(&[1, 2]);
    let at = later(10);
    let verified = verifier.admit(&token(&issuer, 2, at), at).await;
    verified.expect("the new key is found");
    assert_eq!(issuer.looks(), 2);
}

#[tokio::test]
async fn r16_a_key_that_was_taken_back_is_believed_no_more_after_the_next_look() {
    let issuer = Publisher::start().await;
    let verifier = issuer.verifier();
    verifier.admit(&issuer.token(), now()).await.expect("good");
    issuer.publish(&[2]);
    let at = later(11);
    verifier
        .admit(&token(&issuer, 2, at), at)
        .await
        .expect("the new one");
    let old = verifier.admit(&token(&issuer, 1, at), at).await;
    assert_eq!(old.expect_err("taken back").reason, "TOKEN_INVALID");
}

#[tokio::test]
async fn r16_keys_that_are_due_for_a_look_answer_at_once_and_are_looked_for_beside() {
    let issuer = Publisher::start().await;
    let verifier = issuer.verifier();
    verifier.admit(&issuer.token(), now()).await.expect("good");
    let at = later(10 * 60);
    verifier
        .admit(&token(&issuer, 1, at), at)
        .await
        .expect("at once");
    while issuer.looks() < 2 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn r16_without_keys_every_token_is_refused_until_the_issuer_can_be_asked() {
    let issuer = Publisher::start().await;
    let verifier = issuer.verifier();
    issuer.break_down();
    let fault = verifier
        .admit(&issuer.token(), now())
        .await
        .expect_err("no keys");
    assert_eq!(fault.reason, "ISSUER_UNREACHABLE");
    assert_eq!(fault.kind, ErrorKind::Transient);
    issuer.recover();
    let fault = verifier.admit(&issuer.token(), later(9)).await;
    assert_eq!(fault.expect_err("a pause").reason, "ISSUER_UNREACHABLE");
    let at = later(10);
    verifier
        .admit(&issuer.token(), at)
        .await
        .expect("asked again");
}

#[tokio::test]
async fn r16_known_keys_outlive_an_outage_of_the_issuer_for_an_hour() {
    let issuer = Publisher::start().await;
    let verifier = issuer.verifier();
    verifier.admit(&issuer.token(), now()).await.expect("good");
    issuer.break_down();
    let at = later(3599);
    verifier
        .admit(&token(&issuer, 1, at), at)
        .await
        .expect("still believed");
    let at = later(3700);
    let fault = verifier.admit(&token(&issuer, 1, at), at).await;
    assert_eq!(fault.expect_err("too old").reason, "ISSUER_UNREACHABLE");
}

#[tokio::test]
async fn r16_a_discovery_document_of_another_or_keys_without_tls_are_not_taken() {
    let bad: [fn(&Publisher) -> Value; 4] = [
        |_| json!({"issuer": "https://evil.example", "jwks_uri": "https://evil.example/keys"}),
        |issuer| json!({"issuer": issuer.address, "jwks_uri": "http://keys.example/keys"}),
        |issuer| json!({"issuer": issuer.address}),
        |_| json!("nothing"),
    ];
    for document in bad {
        let issuer = Publisher::start().await;
        issuer.put(DISCOVERY, document(&issuer));
        let fault = issuer.verifier().admit(&issuer.token(), now()).await;
        assert_eq!(fault.expect_err("no keys").reason, "ISSUER_UNREACHABLE");
        assert_eq!(issuer.looks(), 0);
    }
}

#[tokio::test]
async fn r16_one_odd_key_among_the_published_ones_spoils_none_of_the_others() {
    let issuer = Publisher::start().await;
    let odd = [
        json!({"kty": "new"}),
        json!(7),
        json!({"kid": "1"}),
        public(1),
    ];
    issuer.put(KEYS, json!({"keys": odd}));
    let verified = issuer.verifier().admit(&issuer.token(), now()).await;
    verified.expect("the good key is among them");
}
