//! Converted visits (M30, M32): the interim letter is never published, the NFD's letter is.

use axum::http::StatusCode;
use visits_proto::letters::v1 as wire;
use visits_testkit::{Database, on_every_database};

use crate::html::{assert_valid, form, get, post};
use crate::world::{World, reason};

async fn m30_an_unpublished_interim_letter_is_superseded_wherever_it_stands(database: Database) {
    for ready in [false, true] {
        let world = World::new(database).await;
        let letter = if ready {
            world.ready_letter().await
        } else {
            world.visit_over().await;
            world.draft().await.expect("drafted")
        };
        world.decided(true).await;
        world.bench.settle().await;
        let superseded = world.get(&letter).await;
        assert_eq!(superseded.state(), wire::letter::State::Superseded);
        assert_eq!(superseded.superseded_reason_code, "NFD_REQUIRED");
        assert_eq!(
            reason(world.publish(&superseded).await),
            "LETTER_SUPERSEDED"
        );
        let said = world.said().await;
        assert_eq!(said.last().map(String::as_str), Some("LetterSuperseded"));
        assert_eq!(world.durable.pending_jobs(&letter.name).await, Ok(vec![]));
        world.assert_settled().await;
    }
}

async fn m30_the_schools_link_to_a_superseded_letter_shows_nothing_and_takes_nothing(
    database: Database,
) {
    let world = World::new(database).await;
    world.visit_over().await;
    let letter = world.draft().await.expect("drafted");
    world.send(&letter).await.expect("sent");
    let link = world.link("invitation");
    let fields = form(&get(&world.pages, &link).await.body);
    world.stopped().await;
    world.bench.settle().await;
    assert_eq!(
        world.get(&letter).await.superseded_reason_code,
        "VISIT_STOPPED"
    );
    let page = get(&world.pages, &link).await;
    assert_eq!(page.status, StatusCode::GONE);
    assert!(!page.body.contains("Most pupils"));
    let mut fields = fields;
    fields.insert("respondent_role".into(), "headteacher".into());
    assert_eq!(
        post(&world.pages, &link, &fields).await.status,
        StatusCode::GONE
    );
}

async fn m30_a_published_interim_letter_stays_and_the_nfd_has_its_own_address(database: Database) {
    let world = World::new(database).await;
    let interim = world.published_letter().await;
    world.decided(true).await;
    world.nfd_completed().await;
    world.bench.settle().await;
    assert_eq!(
        world.get(&interim).await.state(),
        wire::letter::State::Published
    );
    let nfd = world.draft_nfd().await.expect("drafted");
    world.send(&nfd).await.expect("sent");
    world.reply(&nfd, &[]).await.expect("replied");
    let ready = world.ready(&nfd).await.expect("ready");
    let published = world.publish(&ready).await.expect("published");
    assert_ne!(published.public_path, interim.public_path);
    for letter in [&interim, &published] {
        let page = get(&world.pages, &letter.public_path).await;
        assert_eq!(page.status, StatusCode::OK);
        assert_valid(&page);
    }
}

async fn m30_no_interim_letter_is_drafted_for_a_converted_visit_and_no_deadline_runs_for_it(
    database: Database,
) {
    let world = World::new(database).await;
    world.visit_over().await;
    world.decided(true).await;
    world.bench.settle().await;
    assert_eq!(reason(world.draft().await), "LETTER_OF_CONVERTED_VISIT");
    assert_eq!(
        world.durable.pending_jobs(&crate::world::visit()).await,
        Ok(vec![])
    );
}

async fn m30_a_decision_against_an_nfd_changes_nothing(database: Database) {
    let world = World::new(database).await;
    let letter = world.ready_letter().await;
    world.decided(false).await;
    world.bench.settle().await;
    world.publish(&letter).await.expect("published");
}

async fn m32_the_letter_of_a_converted_visit_lives_its_whole_life(database: Database) {
    let world = World::new(database).await;
    world.agreed(1).await;
    world.decided(true).await;
    world.stopped().await;
    world.nfd_completed().await;
    world.bench.settle().await;
    let nfd = world.draft_nfd().await.expect("drafted");
    world.send(&nfd).await.expect("sent");
    world.reply(&nfd, &[]).await.expect("replied");
    let ready = world.ready(&nfd).await.expect("ready");
    let published = world.publish(&ready).await.expect("published");
    let page = get(&world.pages, &published.public_path).await;
    assert!(page.body.contains("Checks on adults are complete."));
    assert_eq!(
        world.said().await,
        ["LetterSentToSchool", "SchoolReplied", "LetterPublished"]
    );
    world.assert_settled().await;
}

on_every_database!(
    m30_an_unpublished_interim_letter_is_superseded_wherever_it_stands,
    m30_the_schools_link_to_a_superseded_letter_shows_nothing_and_takes_nothing,
    m30_a_published_interim_letter_stays_and_the_nfd_has_its_own_address,
    m30_no_interim_letter_is_drafted_for_a_converted_visit_and_no_deadline_runs_for_it,
    m30_a_decision_against_an_nfd_changes_nothing,
    m32_the_letter_of_a_converted_visit_lives_its_whole_life,
);
