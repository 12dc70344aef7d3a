//! Researchers code answers, and see nothing that says whose they are.

use tonic::{Code, Response};
use uuid::Uuid;
use visits_proto::insights::v1::visit_coding::State;
use visits_proto::insights::v1::{
    AnswerCodes, CodeAnswersRequest, GetCodingFrameRequest, ListAnswersToCodeRequest,
    ListCodingFramesRequest, VisitCoding,
};

use visits_testkit::{Database, on_every_database};

use crate::world::{World, coding_name, first_frame, reason, visit};

const URN: &str = "123166";

async fn world(database: Database) -> World {
    let world = World::new(database).await;
    world.school(URN, |_| {});
    world.import_frame().await;
    world
}

async fn list(world: &World, filter: &str, page_size: i32) -> Vec<VisitCoding> {
    let mut listed = Vec::new();
    let mut asked = ListAnswersToCodeRequest {
        page_size,
        filter: filter.into(),
        ..Default::default()
    };
    loop {
        let answer = world.researcher().list_answers_to_code(asked.clone()).await;
        let page = answer.expect("a page").into_inner();
        listed.extend(page.visit_codings);
        if page.next_page_token.is_empty() {
            return listed;
        }
        asked.page_token = page.next_page_token;
    }
}

async fn m11_a_researcher_sees_answers_and_nothing_that_says_whose_they_are(database: Database) {
    let world = world(database).await;
    world.whole_visit(visit(1), URN).await;
    let listed = list(&world, "", 0).await;
    let texts: Vec<(&str, &str, bool)> = listed[0]
        .answers
        .iter()
        .map(|answer| {
            (
                answer.question_code.as_str(),
                answer.text.as_str(),
                answer.declined,
            )
        })
        .collect();
    assert_eq!(
        texts,
        [
            ("at-barriers", "", true),
            ("at-data", "95% of pupils came back.", false),
            ("cu-reading", "[name] of [the school] leads phonics.", false),
        ]
    );
    assert_eq!(listed[0].answers[2].area, "CURRICULUM");
    let seen = format!("{listed:?}");
    for trace in [
        URN,
        "Abbey",
        "Okafor",
        "time-of",
        "south-east",
        &visit(1).to_string(),
    ] {
        assert!(!seen.contains(trace), "{trace}");
    }
}

async fn m11_no_table_joins_an_answer_to_its_visit(database: Database) {
    let world = world(database).await;
    world.whole_visit(visit(1), URN).await;
    let key = coding_name(visit(1));
    let key = key.trim_start_matches("visitCodings/");
    // The audit of the fetch names neither the key nor an answer.
    let audit = world.audit().await;
    let fetched = audit
        .iter()
        .find(|row| row.action == "insights.visitCodings.store");
    assert!(fetched.is_some());
    assert!(audit.iter().all(|row| !format!("{row:?}").contains(key)));
}

async fn answers_are_listed_page_by_page_and_by_state(database: Database) {
    let world = world(database).await;
    for number in 1..=5 {
        world.whole_visit(visit(number), URN).await;
    }
    world
        .code(visit(2), 1, &["theme-reading"])
        .await
        .expect("coded");
    let all = list(&world, "", 2).await;
    assert_eq!(all.len(), 5);
    assert!(all.is_sorted_by_key(|coding| coding.name.clone()));
    assert_eq!(list(&world, "state = TO_CODE", 2).await.len(), 4);
    assert_eq!(
        list(&world, "state = CODED", 2).await[0].name,
        coding_name(visit(2))
    );
    let asked = ListAnswersToCodeRequest {
        filter: "school = 123166".into(),
        ..Default::default()
    };
    let refused = world
        .researcher()
        .list_answers_to_code(asked)
        .await
        .expect_err("no such field");
    assert_eq!(reason(&refused), "FIELDS_INVALID");
}

async fn m30_nobody_chooses_the_order_of_answers_to_code(database: Database) {
    let world = world(database).await;
    for order in ["name", "name desc", "create_time", "school"] {
        let asked = ListAnswersToCodeRequest {
            order_by: order.into(),
            ..Default::default()
        };
        let refused = world.researcher().list_answers_to_code(asked).await;
        let refused = refused.expect_err(order);
        assert_eq!(reason(&refused), "FIELDS_INVALID");
        assert!(refused.message().contains("order_by"), "{refused}");
    }
}

async fn recoding_needs_a_reason_and_keeps_the_history(database: Database) {
    let world = world(database).await;
    world.whole_visit(visit(1), URN).await;
    let first = world
        .code_given(visit(1), 2, &["theme-reading"], "", "")
        .await
        .expect("coded");
    assert_eq!((first.state(), first.rounds.len()), (State::Coded, 1));

    let refused = world
        .code_given(visit(1), 3, &["theme-staff"], "", "")
        .await
        .expect_err("no reason");
    assert_eq!(
        (refused.code(), reason(&refused)),
        (Code::InvalidArgument, "RECODING_WITHOUT_REASON")
    );
    let stale = world
        .code_given(visit(1), 4, &["theme-staff"], "read again", "\"1\"")
        .await;
    assert_eq!(stale.expect_err("an old etag").code(), Code::Aborted);

    let second = world
        .code_given(visit(1), 5, &["theme-staff"], "read again", &first.etag)
        .await;
    let second = second.expect("coded again");
    let codes: Vec<(i32, &str, &str)> = second
        .rounds
        .iter()
        .map(|round| {
            (
                round.number,
                round.answers[0].codes[0].as_str(),
                round.reason.as_str(),
            )
        })
        .collect();
    assert_eq!(
        codes,
        [(1, "theme-reading", ""), (2, "theme-staff", "read again")]
    );
    assert_eq!(second.rounds[0], first.rounds[0]);
}

async fn a_repeated_request_codes_once_and_another_under_its_id_is_refused(database: Database) {
    let world = world(database).await;
    world.whole_visit(visit(1), URN).await;
    let first = world
        .code_given(visit(1), 1, &["theme-reading"], "", "")
        .await
        .expect("coded");
    let again = world
        .code_given(visit(1), 1, &["theme-reading"], "", "")
        .await
        .expect("the same");
    assert_eq!(first, again);
    let other = world
        .code_given(visit(1), 1, &["theme-staff"], "", "")
        .await
        .expect_err("reused");
    assert_eq!(reason(&other), "REQUEST_ID_REUSED");
}

async fn codes_that_do_not_fit_are_refused_with_everything_that_is_wrong(database: Database) {
    let world = world(database).await;
    world.whole_visit(visit(1), URN).await;
    let codes = |answer: i32, codes: &[&str]| AnswerCodes {
        answer,
        codes: codes.iter().map(ToString::to_string).collect(),
    };
    let asked = CodeAnswersRequest {
        name: coding_name(visit(1)),
        request_id: Uuid::from_u128(1).to_string(),
        frame: "codingFrames/2020-09".into(),
        answers: vec![codes(1, &[]), codes(2, &["theme-sport"])],
        ..Default::default()
    };
    let refused = world
        .researcher()
        .code_answers(asked.clone())
        .await
        .expect_err("three faults");
    let fault = visits_runtime::from_status(&refused);
    let fields: Vec<&str> = fault
        .violations
        .iter()
        .map(|found| found.field.as_str())
        .collect();
    assert_eq!(
        fields,
        ["answers[0].answer", "answers[1].codes[0]", "answers"]
    );

    let unknown_frame = CodeAnswersRequest {
        frame: "codingFrames/2021-01".into(),
        request_id: Uuid::from_u128(2).to_string(),
        ..asked.clone()
    };
    let refused = world
        .researcher()
        .code_answers(unknown_frame)
        .await
        .expect_err("no such frame");
    assert_eq!(refused.code(), Code::NotFound);
    let unknown_key = CodeAnswersRequest {
        name: coding_name(visit(2)),
        request_id: Uuid::from_u128(3).to_string(),
        ..asked
    };
    let refused = world
        .researcher()
        .code_answers(unknown_key)
        .await
        .expect_err("no such answers");
    assert_eq!(refused.code(), Code::NotFound);
}

async fn m30_a_visit_left_out_cannot_be_coded(database: Database) {
    let world = world(database).await;
    world.whole_visit(visit(1), URN).await;
    world.decided(visit(1), URN, true).await;
    world.bench.settle().await;
    let refused = world
        .code_given(visit(1), 1, &["theme-reading"], "", "")
        .await
        .expect_err("left out");
    assert_eq!(
        (refused.code(), reason(&refused)),
        (Code::FailedPrecondition, "VISIT_LEFT_OUT")
    );
    assert!(list(&world, "", 0).await.is_empty());
}

async fn m1_a_frame_is_imported_once_and_never_changed(database: Database) {
    let world = world(database).await;
    let mut researcher = world.researcher();
    let again = researcher
        .import_coding_frame(first_frame(2))
        .await
        .expect("nothing changes")
        .into_inner();
    assert_eq!(again.codes.len(), 38);
    let mut other = first_frame(3);
    other.title = "Another".into();
    let refused = researcher
        .import_coding_frame(other.clone())
        .await
        .expect_err("taken");
    assert_eq!(
        (refused.code(), reason(&refused)),
        (Code::AlreadyExists, "CODING_FRAME_VERSION_TAKEN")
    );

    other.version = "2020-10".into();
    other.effective_date = "2020-10-19".into();
    other.request_id = Uuid::from_u128(4).to_string();
    researcher
        .import_coding_frame(other)
        .await
        .expect("a version of its own");
    let mut versions = Vec::new();
    let mut asked = ListCodingFramesRequest {
        page_size: 1,
        ..Default::default()
    };
    loop {
        let page = researcher
            .list_coding_frames(asked.clone())
            .await
            .expect("a page")
            .into_inner();
        versions.extend(page.coding_frames.into_iter().map(|frame| frame.version));
        if page.next_page_token.is_empty() {
            break;
        }
        asked.page_token = page.next_page_token;
    }
    assert_eq!(versions, ["2020-10", "2020-09"]);
    for (order, first) in [("name", "2020-09"), ("effective_date desc", "2020-10")] {
        let asked = ListCodingFramesRequest {
            order_by: order.into(),
            ..Default::default()
        };
        let page = researcher.list_coding_frames(asked).await;
        let frames = page.expect("a page").into_inner().coding_frames;
        assert_eq!((frames.len(), frames[0].version.as_str()), (2, first));
    }
    let name = "codingFrames/2020-09".to_owned();
    let one = researcher
        .get_coding_frame(GetCodingFrameRequest { name })
        .await;
    assert_eq!(one.map(Response::into_inner).expect("a frame"), again);
}

on_every_database!(
    m11_a_researcher_sees_answers_and_nothing_that_says_whose_they_are,
    m11_no_table_joins_an_answer_to_its_visit,
    answers_are_listed_page_by_page_and_by_state,
    m30_nobody_chooses_the_order_of_answers_to_code,
    recoding_needs_a_reason_and_keeps_the_history,
    a_repeated_request_codes_once_and_another_under_its_id_is_refused,
    codes_that_do_not_fit_are_refused_with_everything_that_is_wrong,
    m30_a_visit_left_out_cannot_be_coded,
    m1_a_frame_is_imported_once_and_never_changed,
);
