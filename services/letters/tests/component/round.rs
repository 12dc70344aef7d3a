//! The school's check for factual accuracy (M36): by the link, by the publisher, or not at all.

use axum::http::StatusCode;
use visits_core::SignedDuration;
use visits_proto::letters::v1 as wire;
use visits_proto::letters::v1::correction::Answer;
use visits_testkit::{Database, on_every_database};

use crate::html::{form, get, post};
use crate::world::{World, reason};

async fn m36_the_school_corrects_the_draft_on_its_page_and_each_correction_is_answered(
    database: Database,
) {
    let world = World::new(database).await;
    world.visit_over().await;
    let letter = world.draft().await.expect("drafted");
    world.send(&letter).await.expect("sent");
    let link = world.link("invitation");
    let page = get(&world.pages, &link).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("Most pupils are back."));
    let mut fields = form(&page.body);
    fields.insert("respondent_role".into(), "headteacher".into());
    fields.insert("passage-1".into(), "Most pupils are back.".into());
    fields.insert("correction-1".into(), "All pupils are back.".into());
    assert_eq!(
        post(&world.pages, &link, &fields).await.status,
        StatusCode::OK
    );

    let replied = world.get(&letter).await;
    assert_eq!(replied.state(), wire::letter::State::SchoolReplied);
    let round = &replied.factual_checks[0];
    assert_eq!(round.channel(), wire::ReplyChannel::Link);
    assert_eq!(round.respondent_role, "headteacher");
    assert_eq!(
        reason(world.ready(&letter).await),
        "LETTER_CORRECTION_UNANSWERED"
    );
    assert_eq!(reason(world.publish(&replied).await), "LETTER_NOT_READY");
    world
        .answer(&letter, 1, Answer::Accepted)
        .await
        .expect("answered");
    assert_eq!(
        reason(world.ready(&letter).await),
        "LETTER_CORRECTION_NOT_MADE"
    );
    world
        .revise(&letter, "All pupils are back.")
        .await
        .expect("revised");
    let ready = world.ready(&letter).await.expect("ready");
    let published = world.publish(&ready).await.expect("published");
    assert_eq!(published.state(), wire::letter::State::Published);
    let said = world.said().await;
    assert_eq!(
        said,
        ["LetterSentToSchool", "SchoolReplied", "LetterPublished"]
    );
    world.assert_settled().await;
}

async fn m36_nothing_is_published_before_the_school_has_checked_it(database: Database) {
    let world = World::new(database).await;
    world.visit_over().await;
    let letter = world.draft().await.expect("drafted");
    assert_eq!(
        reason(world.ready(&letter).await),
        "LETTER_BEFORE_FACTUAL_CHECK"
    );
    assert_eq!(
        reason(world.publish(&letter).await),
        "LETTER_BEFORE_FACTUAL_CHECK"
    );
    let sent = world.send(&letter).await.expect("sent");
    let now = world.get(&sent).await;
    assert_eq!(
        reason(world.publish(&now).await),
        "LETTER_BEFORE_FACTUAL_CHECK"
    );
    assert_eq!(
        reason(world.revise(&letter, "Another text.").await),
        "LETTER_WITH_SCHOOL"
    );
}

async fn m36_after_the_check_only_accepted_corrections_change_the_text(database: Database) {
    let world = World::new(database).await;
    world.visit_over().await;
    let letter = world.draft().await.expect("drafted");
    world.send(&letter).await.expect("sent");
    world
        .reply(&letter, &[("Most", "All")])
        .await
        .expect("replied");
    let early = world.revise(&letter, "Something else.").await;
    assert_eq!(reason(early), "LETTER_CORRECTION_UNANSWERED");
    world
        .answer(&letter, 1, Answer::Declined)
        .await
        .expect("answered");
    let revised = world
        .revise(&letter, "Something else.")
        .await
        .expect("revised");
    assert_eq!(revised.state(), wire::letter::State::Drafting);
    assert_eq!(
        reason(world.ready(&letter).await),
        "LETTER_BEFORE_FACTUAL_CHECK"
    );
    let again = world.send(&letter).await.expect("a second round");
    assert_eq!(again.factual_checks.len(), 2);
}

async fn m36_a_link_takes_one_reply_and_only_for_its_own_round(database: Database) {
    let world = World::new(database).await;
    world.visit_over().await;
    let letter = world.draft().await.expect("drafted");
    world.send(&letter).await.expect("sent");
    let link = world.link("1-invitation");
    let page = get(&world.pages, &link).await;
    let mut fields = form(&page.body);
    fields.insert("respondent_role".into(), "headteacher".into());
    assert_eq!(
        post(&world.pages, &link, &fields).await.status,
        StatusCode::OK
    );
    let repeated = post(&world.pages, &link, &fields).await;
    assert_eq!(
        repeated.status,
        StatusCode::OK,
        "the same form sent twice is one reply"
    );
    fields.insert("request_id".into(), world.request());
    assert_eq!(
        post(&world.pages, &link, &fields).await.status,
        StatusCode::GONE
    );
    let after = get(&world.pages, &link).await;
    assert_eq!(after.status, StatusCode::GONE);
    assert!(
        !after.body.contains("Most pupils"),
        "a used link shows no draft"
    );

    world
        .revise(&letter, "Pupils are back.")
        .await
        .expect("revised");
    world.send(&letter).await.expect("a second round");
    fields.insert("request_id".into(), world.request());
    assert_eq!(
        post(&world.pages, &link, &fields).await.status,
        StatusCode::GONE
    );
    let second = world.link("2-invitation");
    assert_ne!(link, second);
    assert_eq!(get(&world.pages, &second).await.status, StatusCode::OK);
}

async fn m36_without_a_reply_a_publisher_decides_but_not_before_the_schools_time_has_passed(
    database: Database,
) {
    let world = World::new(database).await;
    world.visit_over().await;
    let letter = world.draft().await.expect("drafted");
    let sent = world.send(&letter).await.expect("sent");
    let due = sent.factual_checks[0].reply_due_time.expect("a due time");
    assert_eq!(
        visits_proto::instant(Some(&due)),
        "2020-10-20T16:00:00Z".parse().ok()
    );
    world.bench.run_until("2020-10-20T15:59:59Z").await;
    assert_eq!(
        reason(world.no_reply(&letter).await),
        "LETTER_SCHOOL_STILL_HAS_TIME"
    );
    assert_eq!(world.messages().len(), 2, "the invitation and one reminder");
    assert!(
        world.get(&letter).await.factual_checks[0]
            .overdue_time
            .is_none()
    );
    world.bench.run_until("2020-10-20T16:00:00Z").await;
    assert!(
        world.get(&letter).await.factual_checks[0]
            .overdue_time
            .is_some()
    );
    let request = wire::DecideNoReplyRequest {
        name: letter.name.clone(),
        reason: "called".into(),
        etag: String::new(),
        request_id: world.request(),
    };
    let by_lead = world
        .lead()
        .decide_no_reply(request)
        .await
        .expect_err("a publisher's");
    assert_eq!(by_lead.code(), tonic::Code::PermissionDenied);
    let decided = world.no_reply(&letter).await.expect("decided");
    let decision = decided.factual_checks[0]
        .no_reply
        .clone()
        .expect("a decision");
    assert_eq!(decision.decided_by, "publisher-1");
    let ready = world.ready(&letter).await.expect("ready");
    world.publish(&ready).await.expect("published");
    let audit = world.audit().await;
    assert!(
        audit
            .iter()
            .any(|row| row.action == "letter.no_reply_decided" && row.actor == "publisher-1")
    );
    world.assert_settled().await;
}

async fn m36_a_link_expires(database: Database) {
    let world = World::new(database).await;
    world.visit_over().await;
    let letter = world.draft().await.expect("drafted");
    world.send(&letter).await.expect("sent");
    let link = world.link("invitation");
    let page = get(&world.pages, &link).await;
    let mut fields = form(&page.body);
    fields.insert("respondent_role".into(), "headteacher".into());
    world.bench.run_until("2020-10-27T16:59:59Z").await;
    assert_eq!(get(&world.pages, &link).await.status, StatusCode::OK);
    world.bench.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(get(&world.pages, &link).await.status, StatusCode::GONE);
    assert_eq!(
        post(&world.pages, &link, &fields).await.status,
        StatusCode::GONE
    );
    assert_eq!(
        world.get(&letter).await.state(),
        wire::letter::State::WithSchool
    );
}

async fn r19_a_link_is_stored_as_its_hash_and_no_event_carries_words(database: Database) {
    let world = World::new(database).await;
    world.visit_over().await;
    let letter = world.draft().await.expect("drafted");
    world.send(&letter).await.expect("sent");
    world
        .reply(&letter, &[("Most pupils", "All pupils")])
        .await
        .expect("replied");
    let link = world.link("invitation");
    let token = link.rsplit('/').next().expect("a token");
    assert!(!world.database_holds(token).await);
    assert!(
        !world.database_holds("head@appleby.example").await,
        "the school's mailbox is forgotten once it has replied"
    );
    for words in [
        "Most pupils",
        "All pupils",
        "appleby.example",
        "headteacher",
        "Appleby",
    ] {
        assert!(!world.outbox_holds(words).await, "{words}");
    }
}

async fn m36_get_factual_check_gives_the_latest_round_to_internal_callers(database: Database) {
    let world = World::new(database).await;
    world.visit_over().await;
    let letter = world.draft().await.expect("drafted");
    let request = wire::GetFactualCheckRequest {
        name: letter.name.clone(),
    };
    let mut service = world.client("service:recording", visits_core::Role::Service);
    let none = service
        .get_factual_check(request.clone())
        .await
        .expect_err("no round yet");
    assert_eq!(none.code(), tonic::Code::NotFound);
    world.send(&letter).await.expect("sent");
    let round = service
        .get_factual_check(request)
        .await
        .expect("a round")
        .into_inner();
    assert_eq!(round.round, 1);
    assert!(round.delivered_time.is_some());
    assert_eq!(round.text, letter.text);
}

on_every_database!(
    m36_the_school_corrects_the_draft_on_its_page_and_each_correction_is_answered,
    m36_nothing_is_published_before_the_school_has_checked_it,
    m36_after_the_check_only_accepted_corrections_change_the_text,
    m36_a_link_takes_one_reply_and_only_for_its_own_round,
    m36_without_a_reply_a_publisher_decides_but_not_before_the_schools_time_has_passed,
    m36_a_link_expires,
    r19_a_link_is_stored_as_its_hash_and_no_event_carries_words,
    m36_get_factual_check_gives_the_latest_round_to_internal_callers,
);
