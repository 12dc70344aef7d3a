//! Who reads drafts and rounds (M11): the team and publishers; behind the barrier nobody.

use tonic::Code;
use visits_core::Role;
use visits_proto::letters::v1 as wire;
use visits_testkit::{Database, on_every_database};

use crate::world::World;

async fn read(world: &World, who: &str, role: Role, name: &str) -> Result<(), Code> {
    let request = wire::GetLetterRequest {
        name: name.to_owned(),
    };
    let outcome = world.client(who, role).get_letter(request).await;
    outcome.map(drop).map_err(|status| status.code())
}

async fn listed(world: &World, who: &str, role: Role) -> Result<usize, Code> {
    let outcome = world
        .client(who, role)
        .list_letters(wire::ListLettersRequest::default())
        .await;
    outcome
        .map(|answer| answer.into_inner().letters.len())
        .map_err(|status| status.code())
}

async fn m11_drafts_are_the_teams_and_the_publishers_and_absent_for_other_inspectors(
    database: Database,
) {
    let world = World::new(database).await;
    world.visit_over().await;
    let letter = world.draft().await.expect("drafted");
    let rows = [
        ("HMI-001", Role::Hmi, Ok(()), Ok(1)),
        ("HMI-002", Role::Hmi, Ok(()), Ok(1)),
        ("publisher-1", Role::Publisher, Ok(()), Ok(1)),
        ("service:recording", Role::Service, Ok(()), Ok(1)),
        ("HMI-009", Role::Hmi, Err(Code::NotFound), Ok(0)),
        (
            "desk-1",
            Role::DutyDesk,
            Err(Code::PermissionDenied),
            Err(Code::PermissionDenied),
        ),
        (
            "researcher-1",
            Role::Researcher,
            Err(Code::PermissionDenied),
            Err(Code::PermissionDenied),
        ),
    ];
    for (who, role, one, many) in rows {
        assert_eq!(read(&world, who, role, &letter.name).await, one, "{who}");
        assert_eq!(listed(&world, who, role).await, many, "{who}");
    }
    let audit = world.audit().await;
    let refused: Vec<_> = audit
        .iter()
        .filter(|row| row.outcome == "refused")
        .collect();
    assert_eq!(refused.len(), 5, "three reads and two lists: {refused:?}");
    assert!(
        refused
            .iter()
            .any(|row| row.actor == "HMI-009" && row.resource == letter.name)
    );
}

async fn m11_an_assignment_to_the_schools_routine_inspection_ends_access_at_once(
    database: Database,
) {
    let world = World::new(database).await;
    let ready = world.ready_letter().await;
    assert_eq!(
        read(&world, "HMI-001", Role::Hmi, &ready.name).await,
        Ok(())
    );
    world.assigned("HMI-001").await;
    world.bench.settle().await;
    assert_eq!(
        read(&world, "HMI-001", Role::Hmi, &ready.name).await,
        Err(Code::NotFound)
    );
    assert_eq!(listed(&world, "HMI-001", Role::Hmi).await, Ok(0));
    let revise = world
        .revise(&ready, "A new text.")
        .await
        .expect_err("barred");
    assert_eq!(revise.code(), Code::NotFound);
    let check = wire::GetFactualCheckRequest {
        name: ready.name.clone(),
    };
    let round = world
        .lead()
        .get_factual_check(check)
        .await
        .expect_err("barred");
    assert_eq!(round.code(), Code::NotFound);
    assert_eq!(
        read(&world, "HMI-002", Role::Hmi, &ready.name).await,
        Ok(()),
        "the others read on"
    );
    // A role in the token doesn't lift the barrier.
    assert_eq!(
        read(&world, "HMI-001", Role::Publisher, &ready.name).await,
        Err(Code::NotFound)
    );

    world.publish(&ready).await.expect("published");
    let public = wire::GetPublishedLetterRequest {
        name: ready.name.clone(),
    };
    world
        .lead()
        .get_published_letter(public)
        .await
        .expect("published letters are anybody's");
    assert_eq!(
        read(&world, "HMI-001", Role::Hmi, &ready.name).await,
        Err(Code::NotFound)
    );
    let audit = world.audit().await;
    assert!(audit.iter().any(|row| {
        row.outcome == "refused"
            && row.actor == "HMI-001"
            && row.reason.as_deref() == Some("NOT_FOUND")
    }));
}

async fn m11_a_barred_lead_drafts_nothing(database: Database) {
    let world = World::new(database).await;
    world.assigned("HMI-001").await;
    world.visit_over().await;
    assert_eq!(
        world.draft().await.expect_err("barred").code(),
        Code::NotFound
    );
}

async fn m11_the_team_reads_drafts_until_ten_working_days_after_publication(database: Database) {
    let world = World::new(database).await;
    let letter = world.published_letter().await;
    world.bench.run_until("2020-10-27T16:59:59Z").await;
    assert_eq!(
        read(&world, "HMI-002", Role::Hmi, &letter.name).await,
        Ok(())
    );
    assert_eq!(listed(&world, "HMI-002", Role::Hmi).await, Ok(1));
    world.bench.run_until("2020-10-27T17:00:00Z").await;
    assert_eq!(
        read(&world, "HMI-002", Role::Hmi, &letter.name).await,
        Err(Code::NotFound)
    );
    assert_eq!(listed(&world, "HMI-002", Role::Hmi).await, Ok(0));
    assert_eq!(
        read(&world, "publisher-1", Role::Publisher, &letter.name).await,
        Ok(())
    );
}

async fn lists_are_filtered_and_what_a_filter_cannot_say_is_refused(database: Database) {
    let world = World::new(database).await;
    world.visit_over().await;
    world.nfd_completed().await;
    world.bench.settle().await;
    world.draft().await.expect("the interim letter");
    let nfd = world.draft_nfd().await.expect("the NFD letter");
    world.send(&nfd).await.expect("sent");
    for (filter, count) in [
        ("", 2),
        ("state = DRAFTING", 1),
        ("state = STATE_WITH_SCHOOL AND kind = NFD", 1),
        ("kind = INTERIM_VISIT AND school = \"schools/123166\"", 1),
        ("school = \"schools/100000\"", 0),
    ] {
        let request = wire::ListLettersRequest {
            filter: filter.into(),
            ..Default::default()
        };
        let found = world
            .publisher()
            .list_letters(request)
            .await
            .expect(filter)
            .into_inner();
        assert_eq!(found.letters.len(), count, "{filter}");
    }
    for filter in [
        "state = GONE",
        "kind = OTHER",
        "lead = HMI-001",
        "visit = 1",
        "state != DRAFTING",
    ] {
        let request = wire::ListLettersRequest {
            filter: filter.into(),
            ..Default::default()
        };
        let refused = world
            .publisher()
            .list_letters(request)
            .await
            .expect_err(filter);
        assert_eq!(refused.code(), Code::InvalidArgument);
    }
}

async fn a_list_is_paged_newest_first_without_loss(database: Database) {
    let world = World::new(database).await;
    world.visit_over().await;
    world.nfd_completed().await;
    world.bench.settle().await;
    let first = world.draft().await.expect("the interim letter");
    world
        .bench
        .clock
        .advance(visits_core::SignedDuration::from_secs(1));
    let second = world.draft_nfd().await.expect("the NFD letter");
    let page = |page_token: String| wire::ListLettersRequest {
        page_size: 1,
        page_token,
        ..Default::default()
    };
    let one = world
        .publisher()
        .list_letters(page(String::new()))
        .await
        .expect("a page")
        .into_inner();
    assert_eq!(one.letters[0].name, second.name);
    let two = world
        .publisher()
        .list_letters(page(one.next_page_token))
        .await
        .expect("a page")
        .into_inner();
    assert_eq!(two.letters[0].name, first.name);
    assert_eq!(two.next_page_token, "");
    let ordered = |order_by: &str| wire::ListLettersRequest {
        order_by: order_by.into(),
        ..page(String::new())
    };
    for order in ["name", "visit_date, name", "visit_date"] {
        let oldest = world.publisher().list_letters(ordered(order)).await;
        let oldest = oldest.expect("a page").into_inner();
        assert_eq!(oldest.letters[0].name, first.name, "{order}");
        let other = wire::ListLettersRequest {
            page_token: oldest.next_page_token,
            ..ordered("visit_date desc")
        };
        let refused = world.publisher().list_letters(other).await;
        let refused = refused.expect_err("a token of another order");
        assert_eq!(refused.code(), Code::InvalidArgument);
    }
    let refused = world.publisher().list_letters(ordered("school")).await;
    let refused = refused.expect_err("no such order");
    assert_eq!(refused.code(), Code::InvalidArgument);
}

on_every_database!(
    m11_drafts_are_the_teams_and_the_publishers_and_absent_for_other_inspectors,
    m11_an_assignment_to_the_schools_routine_inspection_ends_access_at_once,
    m11_a_barred_lead_drafts_nothing,
    m11_the_team_reads_drafts_until_ten_working_days_after_publication,
    lists_are_filtered_and_what_a_filter_cannot_say_is_refused,
    a_list_is_paged_newest_first_without_loss,
);
