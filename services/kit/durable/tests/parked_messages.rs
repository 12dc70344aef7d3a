//! What the broker gave up before it was an event waits for an operator too (R10), and shows nothing of
//! what it says (R19).

mod tally;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tally::{count, count_up, request, start};
use uuid::Uuid;
use visits_bus::{EVENT_UNREADABLE, Envelope, EventBus as _, GivenUp, Receiver, Subscription};
use visits_core::parked::{ParkedItem, ParkedKind, ParkedState};
use visits_core::{Actor, ErrorKind, Fault, Page, Role, SignedDuration, SortKey};
use visits_durable::sea_orm::{ConnectionTrait as _, Statement};
use visits_durable::{Cause, Durable, Fingerprint};
use visits_testkit::{Bench, Database, on_every_database};

const RAVING: &[u8] = b"{\"name\": \"Jane Roe\"}";
const SENT_AS: &str = "ofsted.visits.tally.v1.Counted";

fn given_up(body: &[u8]) -> GivenUp {
    let not_kept = || {
        Fault::new(
            ErrorKind::InvalidInput,
            "EVENT_NOT_STORABLE",
            "can't be kept",
        )
    };
    GivenUp {
        sent_as: SENT_AS.to_owned(),
        body: body.to_vec(),
        why: Envelope::read(body).err().unwrap_or_else(not_kept),
    }
}

async fn put_aside(durable: &Durable, body: &[u8]) {
    let put = durable.receiver().put_aside(given_up(body)).await;
    put.expect("put aside");
}

async fn parked(durable: &Durable) -> Vec<ParkedItem> {
    let page = Page {
        limit: 10,
        order: vec![SortKey::ascending("park_time"), SortKey::ascending("name")],
        after: None,
    };
    let parked = durable.parked(Some(ParkedKind::Message), &page).await;
    parked.expect("parked")
}

fn order(number: u128) -> Cause {
    Cause::Request {
        actor: Actor::new("operator-1", Role::Operator),
        method: "RetryParkedItem",
        request_id: Uuid::from_u128(number),
        fingerprint: Fingerprint::of(b"order"),
    }
}

/// Everything that the database holds of the messages, as text.
async fn kept(durable: &Durable) -> String {
    let all = "SELECT hex(body) AS it FROM parked_messages WHERE body IS NOT NULL";
    let backend = durable.reads().get_database_backend();
    let all = match backend {
        visits_durable::sea_orm::DbBackend::Postgres => {
            all.replace("hex(body)", "encode(body, 'hex')")
        }
        _ => all.to_owned(),
    };
    let rows = durable
        .reads()
        .query_all_raw(Statement::from_string(backend, all));
    let rows = rows.await.expect("asked");
    let texts = rows
        .iter()
        .map(|row| row.try_get::<String>("", "it").expect("text"));
    texts.collect()
}

async fn a_message_that_is_no_event_is_one_item_however_often_it_comes(database: Database) {
    let mut bench = database.bench("2020-10-23T09:00:00Z");
    let durable = start(&mut bench, "heard", false).await;
    let first = durable.now();
    put_aside(&durable, RAVING).await;
    bench.clock.advance(SignedDuration::from_hours(1));
    put_aside(&durable, RAVING).await;
    put_aside(&durable, b"").await;
    let items = parked(&durable).await;
    let [item, empty] = items.as_slice() else {
        panic!("two: {items:?}");
    };
    assert_eq!(
        (item.kind, item.state),
        (ParkedKind::Message, ParkedState::Parked)
    );
    assert_eq!(
        (item.attempts, item.parked_at),
        (2, first),
        "since it came first"
    );
    assert_eq!(
        (item.code.as_str(), item.reason.as_str()),
        (SENT_AS, EVENT_UNREADABLE)
    );
    assert_eq!(item.message, "JSON, but no event (line 1, column 20)");
    assert!(
        item.subject.starts_with("20 bytes, sha256:"),
        "{}",
        item.subject
    );
    assert_eq!(empty.message, "no JSON (line 1, column 0)");
    let shown = format!("{items:?}");
    assert!(!shown.contains("Jane"), "{shown}");
    let (alone, waiting) = durable.parked_item(item.id, 20).await.expect("one");
    assert_eq!((&alone, waiting.len()), (item, 0));
    let health = durable.health().await.expect("health");
    assert_eq!((health.messages_parked, health.is_settled()), (2, false));
}

async fn a_message_that_is_still_no_event_stays_until_it_is_given_up_and_its_words_go(
    database: Database,
) {
    let mut bench = database.bench("2020-10-23T09:00:00Z");
    let durable = start(&mut bench, "heard", false).await;
    put_aside(&durable, RAVING).await;
    let id = parked(&durable).await[0].id;
    let fault = durable
        .retry_parked(order(1), id)
        .await
        .expect_err("no event");
    assert_eq!(
        (fault.kind, fault.reason),
        (ErrorKind::WrongState, EVENT_UNREADABLE)
    );
    assert_eq!(parked(&durable).await.len(), 1);
    assert_eq!(kept(&durable).await.len(), 2 * RAVING.len());
    let note = "a stranger's; ticket 4711".to_owned();
    let discarded = durable
        .discard_parked(order(2), id, note)
        .await
        .expect("given up");
    assert_eq!(discarded.state, ParkedState::Discarded);
    assert_eq!(kept(&durable).await, "", "its words are gone");
    assert!(durable.health().await.expect("health").is_settled());
    bench.settle().await;
    let audit = durable.audit_page(None, 0).await.expect("audit");
    let actions: Vec<_> = audit.iter().map(|row| row.action.as_str()).collect();
    assert_eq!(actions, ["RetryParkedItem", "parked_item_discarded"]);
    assert!(!format!("{audit:?}").contains("Jane"), "{audit:?}");
    // It comes again, and waits again.
    put_aside(&durable, RAVING).await;
    let item = parked(&durable).await.remove(0);
    assert_eq!(
        (item.id, item.attempts, item.state),
        (id, 2, ParkedState::Parked)
    );
}

async fn what_is_larger_than_any_event_is_shown_and_not_kept(database: Database) {
    let mut bench = database.bench("2020-10-23T09:00:00Z");
    let durable = start(&mut bench, "heard", false).await;
    put_aside(&durable, &vec![b' '; 1024 * 1024 + 1]).await;
    assert_eq!(kept(&durable).await, "");
    let item = parked(&durable).await.remove(0);
    assert!(
        item.subject.starts_with("1048577 bytes"),
        "{}",
        item.subject
    );
    let fault = durable
        .retry_parked(order(1), item.id)
        .await
        .expect_err("not kept");
    assert_eq!(
        (fault.kind, fault.reason),
        (ErrorKind::WrongState, EVENT_UNREADABLE)
    );
}

#[derive(Default)]
struct Tape(Mutex<Vec<Envelope>>);

#[async_trait]
impl Receiver for Tape {
    async fn receive(&self, envelopes: &[Envelope]) -> Result<(), Fault> {
        self.0.lock().expect("lock").extend_from_slice(envelopes);
        Ok(())
    }

    async fn put_aside(&self, message: GivenUp) -> Result<(), Fault> {
        panic!("nothing here is to be given up: {message:?}")
    }
}

/// What one service says, as it travels.
async fn said(bench: &mut Bench, times: u128) -> Vec<Vec<u8>> {
    let durable = start(bench, "said", false).await;
    let tape = Arc::new(Tape::default());
    let subscription = Subscription {
        group: "tape",
        aggregates: vec!["said"],
        receiver: tape.clone(),
    };
    bench.bus.subscribe(subscription).await.expect("subscribed");
    for number in 0..times {
        let counted = count_up(&durable, request(number, "a"), false).await;
        counted.expect("counted");
    }
    bench.settle().await;
    let heard = tape.0.lock().expect("lock");
    heard
        .iter()
        .map(|event| serde_json::to_vec(event).expect("JSON"))
        .collect()
}

async fn a_message_that_can_be_read_by_now_is_taken_in_once_and_in_its_order(database: Database) {
    let mut bench = database.bench("2020-10-23T09:00:00Z");
    let bodies = said(&mut bench, 2).await;
    let heard = start(&mut bench, "heard", false).await;
    for body in &bodies {
        put_aside(&heard, body).await;
    }
    let items = parked(&heard).await;
    assert_eq!(items[0].reason, "EVENT_NOT_STORABLE");
    let ids: Vec<Uuid> = items.iter().map(|item| item.id).collect();
    assert_eq!(ids.len(), 2);
    for (number, id) in ids.iter().rev().enumerate() {
        let retried = heard.retry_parked(order(number as u128 + 10), *id).await;
        assert_eq!(retried.expect("taken in").state, ParkedState::Retried);
    }
    bench.settle().await;
    assert_eq!(count(&heard).await, 2, "each once");
    assert!(heard.health().await.expect("health").is_settled());
    assert_eq!(kept(&heard).await, "");
}

on_every_database!(
    a_message_that_is_no_event_is_one_item_however_often_it_comes,
    a_message_that_is_still_no_event_stays_until_it_is_given_up_and_its_words_go,
    what_is_larger_than_any_event_is_shown_and_not_kept,
    a_message_that_can_be_read_by_now_is_taken_in_once_and_in_its_order,
);
