//! Publication, corrections, withdrawal (M37), and freshness (R-API-6, R17).

use tonic::{Code, Response};
use visits_core::Role;
use visits_proto::letters::v1 as wire;
use visits_testkit::{Database, on_every_database};

use crate::world::{World, reason, school};

async fn m37_publication_needs_the_etag_of_what_was_read(database: Database) {
    let world = World::new(database).await;
    let letter = world.ready_letter().await;
    let missing = wire::Letter {
        etag: String::new(),
        ..letter.clone()
    };
    let status = world.publish(&missing).await.expect_err("required");
    assert_eq!(status.code(), Code::InvalidArgument);
    let stale = wire::Letter {
        etag: "\"1\"".into(),
        ..letter.clone()
    };
    assert_eq!(
        world.publish(&stale).await.expect_err("stale").code(),
        Code::Aborted
    );
    world.publish(&letter).await.expect("published");
}

async fn a_repeated_publication_is_one_publication(database: Database) {
    let world = World::new(database).await;
    let letter = world.ready_letter().await;
    let request = wire::PublishLetterRequest {
        name: letter.name.clone(),
        etag: letter.etag.clone(),
        request_id: world.request(),
    };
    let first = world
        .publisher()
        .publish_letter(request.clone())
        .await
        .expect("published");
    let again = world
        .publisher()
        .publish_letter(request)
        .await
        .expect("the same answer");
    assert_eq!(first.into_inner(), again.into_inner());
    let said = world.said().await;
    assert_eq!(
        said.iter()
            .filter(|name| *name == "LetterPublished")
            .count(),
        1
    );
}

async fn m37_editions_only_grow_and_each_says_what_changed(database: Database) {
    let world = World::new(database).await;
    let letter = world.published_letter().await;
    let same = wire::CorrectLetterRequest {
        name: letter.name.clone(),
        text: letter.text.clone(),
        change_note: "Nothing.".into(),
        confirmed_finding_ids: vec![],
        etag: letter.etag.clone(),
        request_id: world.request(),
    };
    let same = world
        .publisher()
        .correct_letter(same)
        .await
        .map(Response::into_inner);
    assert_eq!(reason(same), "LETTER_NOTHING_CORRECTED");
    let judged = world
        .correct(&letter, "The school is outstanding.", "A word.")
        .await;
    assert_eq!(reason(judged), "LETTER_STATES_A_JUDGEMENT");
    let judging = world
        .correct(&letter, "All pupils are back.", "The school is good.")
        .await;
    assert_eq!(reason(judging), "LETTER_STATES_A_JUDGEMENT");
    let corrected = world
        .correct(&letter, "All pupils are back.", "A number.")
        .await
        .expect("corrected");
    assert_eq!(corrected.state(), wire::letter::State::Corrected);
    assert_eq!(corrected.editions.len(), 2);
    assert_eq!(corrected.editions[0], letter.editions[0]);
    assert_eq!(corrected.editions[1].change_note, "A number.");
    assert_eq!(
        reason(world.revise(&letter, "Other.").await),
        "LETTER_ALREADY_PUBLISHED"
    );
}

async fn m37_a_withdrawn_letter_stays_withdrawn(database: Database) {
    let world = World::new(database).await;
    let letter = world.published_letter().await;
    let withdrawn = world
        .withdraw(&letter, "It was about another school.")
        .await
        .expect("withdrawn");
    assert_eq!(withdrawn.state(), wire::letter::State::Withdrawn);
    assert_eq!(
        reason(world.correct(&withdrawn, "Again.", "Again.").await),
        "LETTER_WITHDRAWN"
    );
    let public = wire::GetPublishedLetterRequest {
        name: letter.name.clone(),
    };
    let read = world
        .client("desk-1", Role::DutyDesk)
        .get_published_letter(public)
        .await;
    let read = read.expect("its notice").into_inner();
    assert_eq!(read.editions, []);
    assert_eq!(
        read.withdrawal.expect("withdrawn").reason,
        "It was about another school."
    );
    let said = world.said().await;
    assert_eq!(said.last().map(String::as_str), Some("LetterWithdrawn"));
}

async fn m3_anybody_with_any_token_reads_published_letters_and_nobody_without(database: Database) {
    let world = World::new(database).await;
    let letter = world.ready_letter().await;
    let ask = || wire::GetPublishedLetterRequest {
        name: letter.name.clone(),
    };
    let list = || wire::ListPublishedLettersRequest {
        filter: format!("school = \"{}\"", school()),
        ..Default::default()
    };
    let mut researcher = world.client("researcher-1", Role::Researcher);
    let early = researcher
        .get_published_letter(ask())
        .await
        .expect_err("unpublished");
    assert_eq!(early.code(), Code::NotFound);
    assert_eq!(
        researcher
            .list_published_letters(list())
            .await
            .expect("a list")
            .into_inner()
            .letters,
        []
    );
    world.publish(&letter).await.expect("published");
    let found = researcher
        .list_published_letters(list())
        .await
        .expect("a list")
        .into_inner();
    assert_eq!(found.letters.len(), 1);
    let stranger = world
        .stranger()
        .get_published_letter(ask())
        .await
        .expect_err("no token");
    assert_eq!(stranger.code(), Code::Unauthenticated);
}

async fn only_publishers_publish(database: Database) {
    let world = World::new(database).await;
    let letter = world.ready_letter().await;
    for (who, role) in [
        ("HMI-001", Role::Hmi),
        ("desk-1", Role::DutyDesk),
        ("a-1", Role::Auditor),
    ] {
        let request = wire::PublishLetterRequest {
            name: letter.name.clone(),
            etag: letter.etag.clone(),
            request_id: world.request(),
        };
        let refused = world
            .client(who, role)
            .publish_letter(request)
            .await
            .expect_err(who);
        assert_eq!(refused.code(), Code::PermissionDenied);
    }
}

on_every_database!(
    m37_publication_needs_the_etag_of_what_was_read,
    a_repeated_publication_is_one_publication,
    m37_editions_only_grow_and_each_says_what_changed,
    m37_a_withdrawn_letter_stays_withdrawn,
    m3_anybody_with_any_token_reads_published_letters_and_nobody_without,
    only_publishers_publish,
);
