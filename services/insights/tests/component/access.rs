//! Who may read what. Whoever may not is refused, and the refusal is audited.

use tonic::{Code, Status};
use visits_core::Role;
use visits_proto::insights::v1::{
    CodeAnswersRequest, CreateReleaseRequest, GetCodingFrameRequest, GetConversionCountsRequest,
    GetReleaseRequest, GetVisitCodingRequest, ImportCodingFrameRequest, ListAnswersToCodeRequest,
    ListReleasesRequest,
};

use visits_testkit::{Database, on_every_database};

use crate::world::{Client, World, coding_name, reason, visit};

/// What a role is told: refused by its role, or let through to whatever comes then.
fn passes<T>(outcome: Result<T, Status>) -> bool {
    outcome
        .err()
        .is_none_or(|status| status.code() != Code::PermissionDenied)
}

/// Which of the calls a role may make: import, frames, answers, one's answers, code, create,
/// releases, a release, conversion.
async fn calls(mut client: Client) -> [bool; 9] {
    let key = coding_name(visit(1));
    [
        passes(
            client
                .import_coding_frame(ImportCodingFrameRequest::default())
                .await,
        ),
        passes(
            client
                .get_coding_frame(GetCodingFrameRequest::default())
                .await,
        ),
        passes(
            client
                .list_answers_to_code(ListAnswersToCodeRequest::default())
                .await,
        ),
        passes(
            client
                .get_visit_coding(GetVisitCodingRequest { name: key.clone() })
                .await,
        ),
        passes(
            client
                .code_answers(CodeAnswersRequest {
                    name: key,
                    ..Default::default()
                })
                .await,
        ),
        passes(client.create_release(CreateReleaseRequest::default()).await),
        passes(client.list_releases(ListReleasesRequest::default()).await),
        passes(client.get_release(GetReleaseRequest::default()).await),
        passes(
            client
                .get_conversion_counts(GetConversionCountsRequest {})
                .await,
        ),
    ]
}

async fn m11_every_role_may_do_exactly_what_its_row_says(database: Database) {
    let world = World::new(database).await;
    const X: bool = true;
    const O: bool = false;
    // import, frames, answers, one's answers, code, create, releases, a release, conversion
    let table = [
        (Role::Researcher, [X, X, X, X, X, X, X, X, X]),
        (Role::Hmi, [O, O, O, O, O, O, X, X, O]),
        (Role::DutyDesk, [O, O, O, O, O, O, X, X, X]),
        (Role::RegionalDirector, [O, O, O, O, O, O, X, X, X]),
        (Role::Scheduler, [O, O, O, O, O, O, X, X, X]),
        (Role::Publisher, [O, O, O, O, O, O, X, X, O]),
        (Role::Auditor, [O, X, O, O, O, O, X, X, X]),
        (Role::Operator, [O, O, O, O, O, O, X, X, O]),
        (Role::Service, [O, O, O, O, O, O, X, X, O]),
    ];
    assert_eq!(table.len(), Role::ALL.len());
    for (role, row) in table {
        assert_eq!(calls(world.client("someone", role)).await, row, "{role}");
    }
}

async fn m11_an_inspector_or_a_publisher_is_refused_the_answers_and_it_is_audited(
    database: Database,
) {
    let world = World::new(database).await;
    world.school("123166", |_| {});
    world.whole_visit(visit(1), "123166").await;
    let name = coding_name(visit(1));
    for (principal, role) in [("HMI-001", Role::Hmi), ("publisher-1", Role::Publisher)] {
        let mut client = world.client(principal, role);
        let asked = GetVisitCodingRequest { name: name.clone() };
        let refused = client.get_visit_coding(asked).await.expect_err("refused");
        assert_eq!(
            (refused.code(), reason(&refused)),
            (Code::PermissionDenied, "ACTION_NOT_PERMITTED")
        );
        let refused = client
            .list_answers_to_code(ListAnswersToCodeRequest::default())
            .await;
        assert_eq!(refused.expect_err("refused").code(), Code::PermissionDenied);
        let audit = world.audit().await;
        let kept: Vec<&str> = audit
            .iter()
            .filter(|row| row.actor == principal && row.outcome == "refused")
            .map(|row| row.resource.as_str())
            .collect();
        assert_eq!(kept, [name.as_str(), "visitCodings"]);
    }
}

async fn without_a_token_nothing_is_answered(database: Database) {
    let world = World::new(database).await;
    let refused = world
        .stranger()
        .list_releases(ListReleasesRequest::default())
        .await;
    assert_eq!(refused.expect_err("no token").code(), Code::Unauthenticated);
}

on_every_database!(
    m11_every_role_may_do_exactly_what_its_row_says,
    m11_an_inspector_or_a_publisher_is_refused_the_answers_and_it_is_audited,
    without_a_token_nothing_is_answered,
);
