//! Lists while records come in: none twice, none of those that were there lost (R-API-3).

mod staging;

use std::collections::BTreeSet;

use staging::absent::list;
use staging::{Stage, VISIT};
use uuid::Uuid;
use visits_core::{ErrorKind, IdSource as _, SeededIds};
use visits_proto::recording::v1 as proto;
use visits_testkit::{Database, on_every_database, seed};

/// Makes records of visits whose identifiers fall anywhere among the others.
async fn more_visits(stage: &Stage, ids: &SeededIds, number: usize) -> Vec<String> {
    let mut names = Vec::new();
    for _ in 0..number {
        let scattered = ids.next(stage.durable.now()).as_u128().rotate_left(64);
        let id = Uuid::from_u128(scattered);
        {
            let mut plan = stage.plan.lock().expect("lock");
            let mut visit = plan.visits[0].clone();
            visit.name = format!("visits/{id}");
            plan.visits.push(visit);
        }
        stage.hear_ready(id, 1).await;
        names.push(format!("visitRecords/{id}"));
    }
    names
}

async fn r_api_3_a_list_is_paged_without_doubles_and_without_losses_while_records_come_in(
    database: Database,
) {
    let stage = Stage::ready(database).await;
    let ids = SeededIds::new(seed());
    let mut there: BTreeSet<String> = more_visits(&stage, &ids, 20).await.into_iter().collect();
    there.insert(format!("visitRecords/{VISIT}"));
    let mut client = stage.hmi("HMI-002");
    for order in ["", "name desc", "visit_date desc, name"] {
        let mut seen = Vec::new();
        let mut asked = proto::ListVisitRecordsRequest {
            page_size: 3,
            filter: "state = AWAITING_ARRIVAL".to_owned(),
            order_by: order.to_owned(),
            ..Default::default()
        };
        loop {
            let page = client.list_visit_records(asked.clone()).await;
            let page = staging::answer(page).expect("a list");
            assert!(page.visit_records.len() <= 3);
            seen.extend(page.visit_records.into_iter().map(|record| record.name));
            asked.page_token = page.next_page_token;
            if asked.page_token.is_empty() {
                break;
            }
            more_visits(&stage, &ids, 1).await;
        }
        let said = format!("seed {}, order `{order}`", seed());
        let once: BTreeSet<String> = seen.iter().cloned().collect();
        assert_eq!(once.len(), seen.len(), "{said}: one came twice");
        assert!(once.is_superset(&there), "{said}: one was lost");
        there.extend(once);
    }
}

async fn a_page_token_goes_with_its_filter_and_carries_no_right(database: Database) {
    let stage = Stage::ready(database).await;
    more_visits(&stage, &SeededIds::new(seed()), 2).await;
    let mut client = stage.hmi("HMI-002");
    let first = list(&mut client, "", 1, "").await;
    let request = proto::ListVisitRecordsRequest {
        page_size: 1,
        page_token: first.next_page_token.clone(),
        filter: "state = ON_VISIT".to_owned(),
        ..Default::default()
    };
    let fault = staging::answer(client.list_visit_records(request).await).expect_err("other");
    assert_eq!(fault.kind, ErrorKind::InvalidInput);
    let mut stranger = stage.hmi("HMI-003");
    let page = list(&mut stranger, "", 1, &first.next_page_token).await;
    assert_eq!(
        (page.visit_records.len(), page.next_page_token),
        (0, String::new())
    );
}

on_every_database!(
    r_api_3_a_list_is_paged_without_doubles_and_without_losses_while_records_come_in,
    a_page_token_goes_with_its_filter_and_carries_no_right,
);
