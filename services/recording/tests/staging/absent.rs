//! Asks for everything, and holds that a hidden record reads as an absent one.

use uuid::Uuid;
use visits_core::{ErrorKind, Fault};
use visits_proto::recording::v1 as proto;

use super::{Client, Stage, answer, record};

pub type Outcomes = Vec<(&'static str, Result<(), Fault>)>;

/// Asks for everything that an inspector can read of a record.
pub async fn every_read(client: &mut Client, name: &str) -> Outcomes {
    let get = proto::GetVisitRecordRequest {
        name: name.to_owned(),
    };
    let coverage = proto::GetCoverageRequest {
        name: name.to_owned(),
    };
    let list = proto::ListAnswersRequest {
        parent: name.to_owned(),
        ..Default::default()
    };
    let content = proto::GetAgreedContentRequest {
        name: name.to_owned(),
        version: 0,
    };
    vec![
        (
            "GetVisitRecord",
            answer(client.get_visit_record(get).await).map(drop),
        ),
        (
            "GetCoverage",
            answer(client.get_coverage(coverage).await).map(drop),
        ),
        (
            "ListAnswers",
            answer(client.list_answers(list).await).map(drop),
        ),
        (
            "GetAgreedContent",
            answer(client.get_agreed_content(content).await).map(drop),
        ),
    ]
}

/// Asks for a change of every kind.
pub async fn every_write(stage: &Stage, client: &mut Client, name: &str) -> Outcomes {
    let mark = || (name.to_owned(), stage.request_id());
    macro_rules! ask {
        ($method:ident, $request:expr) => {{
            let mut request = $request;
            (request.name, request.request_id) = mark();
            (
                stringify!($method),
                answer(client.$method(request).await).map(drop),
            )
        }};
    }
    let discussion = proto::Discussion {
        discussion_id: Uuid::nil().to_string(),
        ..Default::default()
    };
    vec![
        ask!(start_visit, stage.start()),
        ask!(open_discussion, stage.open(proto::Area::Curriculum)),
        ask!(
            close_discussion,
            proto::CloseDiscussionRequest {
                discussion_id: Uuid::nil().to_string(),
                ..Default::default()
            }
        ),
        ask!(
            record_answers,
            stage.answers(&discussion, &[("CUR-2", "words")])
        ),
        ask!(
            record_follow_up,
            proto::RecordFollowUpRequest {
                answer_id: Uuid::nil().to_string(),
                question: "Since when?".to_owned(),
                declined: true,
                ..Default::default()
            }
        ),
        ask!(
            correct_answer,
            proto::CorrectAnswerRequest {
                answer_id: Uuid::nil().to_string(),
                reason: "misheard".to_owned(),
                declined: true,
                ..Default::default()
            }
        ),
        ask!(
            hold_executive_conversation,
            proto::HoldExecutiveConversationRequest::default()
        ),
        ask!(
            explain_unmet_conversation,
            proto::ExplainUnmetConversationRequest {
                reason: "away".to_owned(),
                ..Default::default()
            }
        ),
        ask!(record_departure, stage.depart()),
        ask!(agree_letter_content, stage.agree()),
        ask!(record_school_feedback, stage.feedback()),
        ask!(complete_visit, stage.complete_with(Vec::new())),
    ]
}

/// Everything about a fault that a caller can see, with the record's name taken out.
fn seen(fault: &Fault, name: &str) -> String {
    format!("{fault:?}").replace(name, "NAME")
}

/// Nothing tells the record from one that isn't there, whatever is asked.
pub async fn reads_as_absent(stage: &Stage, inspector: &str) {
    let mut client = stage.hmi(inspector);
    let absent = format!("visitRecords/{}", Uuid::from_u128(404));
    let there = record();
    let mut outcomes = every_read(&mut client, &there).await;
    outcomes.extend(every_write(stage, &mut client, &there).await);
    let mut nowhere = every_read(&mut client, &absent).await;
    nowhere.extend(every_write(stage, &mut client, &absent).await);
    for ((method, hidden), (_, missing)) in outcomes.into_iter().zip(nowhere) {
        let hidden = hidden.expect_err(method);
        let missing = missing.expect_err(method);
        assert_eq!(hidden.kind, ErrorKind::NotFound, "{method}");
        assert_eq!(seen(&hidden, &there), seen(&missing, &absent), "{method}");
    }
    let listed = list(&mut client, "", 0, "").await;
    assert_eq!(
        (listed.visit_records.len(), listed.next_page_token),
        (0, String::new())
    );
}

pub async fn list(
    client: &mut Client,
    filter: &str,
    page_size: i32,
    page_token: &str,
) -> proto::ListVisitRecordsResponse {
    let request = proto::ListVisitRecordsRequest {
        page_size,
        page_token: page_token.to_owned(),
        filter: filter.to_owned(),
        ..Default::default()
    };
    answer(client.list_visit_records(request).await).expect("a list")
}

pub async fn refusals_audited(stage: &Stage, actor: &str) -> usize {
    stage.bench.settle().await;
    let (mut refused, mut position) = (0, 0);
    loop {
        let page = stage
            .durable
            .audit_page(None, position)
            .await
            .expect("audit");
        let Some(last) = page.last() else {
            return refused;
        };
        position = last.position.expect("chained");
        let by = page
            .iter()
            .filter(|row| row.actor == actor && row.outcome == "refused");
        refused += by.count();
    }
}
