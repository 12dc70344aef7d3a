//! The chain of one service's audit, held against its hashes: in pieces, since an audit grows for ever,
//! and each answer must come while somebody waits for it.

use axum::extract::{Path, State};
use axum::response::Response;
use tonic::Status;
use visits_components::{Button, Content, Html, Tag};
use visits_proto::operations::v1 as pb;

use super::PATH;
use crate::form::{Posted, see};
use crate::parked::{about, known, operations};
use crate::session::Session;
use crate::sheet::{self as page, Desk, Sheet};
use crate::shell::Place;
use crate::state::{App, Shared};
use crate::visits::words::when;

/// Pieces that are read while somebody waits; then they are asked to go on.
const PIECES: usize = 5;
const AFTER_PLACE: &str = "after_place";
const AFTER_HASH: &str = "after_hash";
const KEEP: &str = "Write the number and the hash of the last entry down elsewhere: held against them later, the chain shows that it \
     was not made anew.";

/// The chain of one service, held against its hashes, or the next part of it. Nothing changes by it
/// but the audit itself.
pub(crate) async fn verify(
    State(app): State<Shared>,
    Path(service): Path<String>,
    posted: Posted,
) -> Response {
    let Posted { session, filled } = posted;
    let Some((service, words)) = known(&service) else {
        return page::nowhere().await;
    };
    let request = pb::VerifyAuditRequest {
        parent: format!("services/{service}"),
        after_place: filled.get(AFTER_PLACE).parse().unwrap_or_default(),
        after_hash: filled.get(AFTER_HASH).to_owned(),
        page_size: 0,
    };
    let verdict = match read(&app, &session, service, request).await {
        Ok(verdict) => verdict,
        Err(status) => return page::refused(&session, &status, PATH),
    };
    let facts = page::facts([
        ("Entries read", verdict.entry_count.to_string().into()),
        ("Hash of the last", hash(&verdict.head_hash).into()),
        ("Read on", when(verdict.verify_time.as_ref()).into()),
    ]);
    let (tag, said) = said(&verdict);
    let sheet = Sheet::new(&session, Place::Audit, "The chain of the audit")
        .caption(words)
        .back(format!("{PATH}?service={service}"), "Back to the audit")
        .and(&page::state(&tag))
        .and(&page::paragraph(said))
        .and(&facts);
    if verdict.complete {
        return sheet.and(&page::paragraph(KEEP)).answer();
    }
    let reached = vec![
        (AFTER_PLACE, verdict.entry_count.to_string()),
        (AFTER_HASH, verdict.head_hash),
    ];
    let go_on = button(&app, &session, service, reached, Button::new("Go on"));
    sheet.and(&go_on.await).answer()
}

/// The address of the verdict, opened again: the audit of that service.
pub(crate) async fn back(Path(service): Path<String>) -> Response {
    match known(&service) {
        Some((service, _)) => see(&format!("{PATH}?service={service}")),
        None => page::nowhere().await,
    }
}

/// What begins it.
pub(super) async fn form(app: &App, session: &Session, service: &str) -> Html {
    let begin = Button::secondary("Hold the chain against its hashes");
    button(app, session, service, Vec::new(), begin).await
}

async fn button(
    app: &App,
    session: &Session,
    service: &str,
    carried: Vec<(&'static str, String)>,
    button: Button,
) -> Html {
    let desk = Desk {
        app,
        session,
        tried: None,
    };
    let begun = desk
        .begin(format!("{PATH}/{service}/verify"), Default::default())
        .await;
    begun.carrying("", Vec::new(), carried, button)
}

/// Reads as many pieces as anybody waits for.
async fn read(
    app: &App,
    session: &Session,
    service: &str,
    mut request: pb::VerifyAuditRequest,
) -> Result<pb::AuditVerdict, Status> {
    let mut client = operations(app, session, service);
    let mut verdict = pb::AuditVerdict::default();
    for _ in 0..PIECES {
        let asked = about(service, request.clone());
        verdict = client.verify_audit(asked).await?.into_inner();
        if verdict.complete {
            break;
        }
        request.after_place = verdict.entry_count;
        request.after_hash.clone_from(&verdict.head_hash);
    }
    Ok(verdict)
}

fn hash(hash: &str) -> Html {
    let hash = Content::from(hash);
    Html::trusted(format!("<span class=\"desk-hash\">{hash}</span>"))
}

fn said(verdict: &pb::AuditVerdict) -> (Tag, String) {
    match (verdict.intact, verdict.broken_place) {
        (true, _) => (
            Tag::new("Intact", "govuk-tag--green"),
            "Every entry is what its hash says, and none is missing.".to_owned(),
        ),
        (false, 0) => (
            Tag::new("Not read to its end", "govuk-tag--yellow"),
            "So far every entry is what its hash says, and none is missing. There are more."
                .to_owned(),
        ),
        (false, place) => (
            Tag::new("Broken", "govuk-tag--red"),
            format!("Entry {place} is not what its hash says, or is missing."),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r18_a_chain_that_is_not_read_to_its_end_is_not_called_intact() {
        let verdict = |intact, broken_place| pb::AuditVerdict {
            intact,
            broken_place,
            ..pb::AuditVerdict::default()
        };
        let words = |verdict| said(&verdict).1;
        assert!(words(verdict(false, 0)).contains("There are more"));
        assert!(words(verdict(false, 7)).starts_with("Entry 7 is not"));
        assert!(words(verdict(true, 0)).starts_with("Every entry"));
    }
}
