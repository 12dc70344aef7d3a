//! Lists: pages, filters and orders (R-API-3).

use visits_proto::scheduling::v1 as proto;
use visits_testkit::{Database, on_every_database};

use crate::stage::{Stage, answer, refused};

async fn lists_are_paged_without_gap_or_repeat_and_bound_to_their_filter(database: Database) {
    let stage = Stage::new(database).await;
    let (mut token, mut urns) = (String::new(), Vec::new());
    loop {
        let list = proto::ListSchoolsRequest {
            page_size: 1,
            page_token: token.clone(),
            filter: "local_authority_code = 931".to_owned(),
            order_by: String::new(),
        };
        let page = answer(stage.planner().list_schools(list).await).expect("a page");
        urns.extend(page.schools.into_iter().map(|school| school.urn));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
        let other = proto::ListSchoolsRequest {
            page_token: token.clone(),
            ..Default::default()
        };
        let outcome = answer(stage.planner().list_schools(other).await);
        assert_eq!(refused(outcome), "FIELDS_INVALID");
    }
    assert_eq!(urns, ["123166", "123167", "123168"]);
    let graded = proto::ListSchoolsRequest {
        filter: "previous_grade = GOOD AND status = OPEN".to_owned(),
        ..Default::default()
    };
    let found = answer(stage.planner().list_schools(graded).await).expect("a page");
    assert_eq!(found.schools.len(), 1, "M5: for choosing the sample");
}

async fn r_api_3_schools_come_by_their_size_and_those_without_one_last(database: Database) {
    let stage = Stage::new(database).await;
    for (order, descending) in [
        ("pupils_on_roll", false),
        ("pupils_on_roll desc, urn", true),
    ] {
        let mut sizes: Vec<Option<i32>> = Vec::new();
        let mut asked = proto::ListSchoolsRequest {
            page_size: 2,
            order_by: order.to_owned(),
            ..Default::default()
        };
        loop {
            let page = stage.planner().list_schools(asked.clone()).await;
            let page = answer(page).expect("a page");
            sizes.extend(page.schools.iter().map(|school| school.pupils_on_roll));
            asked.page_token = page.next_page_token;
            if asked.page_token.is_empty() {
                break;
            }
        }
        let mut expected = sizes.clone();
        expected.sort_by_key(|size| match size {
            None => (true, 0),
            Some(size) if descending => (false, -size),
            Some(size) => (false, *size),
        });
        assert_eq!(sizes, expected, "{order}");
        assert!(sizes.len() > 2, "{order}: {sizes:?}");
    }
    let visits = proto::ListVisitsRequest {
        order_by: "school".to_owned(),
        ..Default::default()
    };
    let outcome = answer(stage.planner().list_visits(visits).await);
    assert_eq!(refused(outcome), "FIELDS_INVALID");
}

on_every_database!(
    lists_are_paged_without_gap_or_repeat_and_bound_to_their_filter,
    r_api_3_schools_come_by_their_size_and_those_without_one_last,
);
