//! The NFD's letter: from the findings, with a school that does not reply.

use anyhow::Context as _;
use visits_proto::letters::v1 as pb;
use visits_proto::letters::v1::draft_letter_request::Ground;

use super::super::answered::Answered as _;
use super::super::cast::{CONCERN, PUBLISHER};
use super::super::pages::{self, Browser};
use super::super::stage::{Stage, at};
use super::safeguarding::Concern;

const STORY: &str = "nfd_letter";
const HEAD: &str = "head@appleby-bridge.example";

/// Wednesday 21 October: drafted and sent.
///
/// # Errors
/// If a service refuses what the story needs, or grants what it must refuse.
pub async fn send(stage: &mut Stage, concern: &Concern) -> anyhow::Result<String> {
    let lead = CONCERN[0];
    stage.teller.act("The NFD's letter");
    stage.go_to(at(10, 21, 10, 30)).await?;
    let request = pb::DraftLetterRequest {
        ground: Some(Ground::Case(concern.case.clone())),
        request_id: stage.request_id(),
    };
    let mut letters = stage.caller(lead).letters();
    let letter = letters.draft_letter(request).await.granted()?;
    let request = pb::SendToSchoolRequest {
        name: letter.name.clone(),
        recipient: HEAD.to_owned(),
        etag: String::new(),
        request_id: stage.request_id(),
    };
    letters.send_to_school(request).await.granted()?;
    stage.does(
        lead,
        "drafts the NFD's letter from its findings and sends it to the school to check.",
    );
    stage.settle().await?;
    let refused = no_reply(stage, &letter.name).await;
    stage.is_refused(
        PUBLISHER,
        "would rather not wait for the school",
        refused,
        "LETTER_SCHOOL_STILL_HAS_TIME",
    )?;
    Ok(letter.name)
}

/// Thursday 29 October: no reply; decided, published.
///
/// # Errors
/// If a service refuses what the story needs.
pub async fn publish(stage: &mut Stage, letter: &str) -> anyhow::Result<String> {
    stage.teller.act("The NFD's letter is published");
    stage.go_to(at(10, 29, 9, 30)).await?;
    let checked = get(stage, letter).await?;
    let round = checked.factual_checks.last().context("a round was begun")?;
    for (when, words) in [
        (
            &round.reminded_time,
            "The school is reminded: a day is left.",
        ),
        (
            &round.overdue_time,
            "The school's five working days are over, and nobody has replied.",
        ),
    ] {
        if let Some(when) = visits_proto::instant(when.as_ref()) {
            stage.teller.by_itself(when, words);
        }
    }
    no_reply(stage, letter).await.granted()?;
    stage.does(
        PUBLISHER,
        "decides, with the reason and in the audit, to go on without a reply.",
    );
    let request = pb::MarkReadyRequest {
        name: letter.to_owned(),
        etag: String::new(),
        request_id: stage.request_id(),
    };
    let mut letters = stage.caller(PUBLISHER).letters();
    letters.mark_ready(request).await.granted()?;
    stage.go_to(at(10, 29, 10, 0)).await?;
    let request = pb::PublishLetterRequest {
        name: letter.to_owned(),
        etag: get(stage, letter).await?.etag,
        request_id: stage.request_id(),
    };
    let published = letters.publish_letter(request).await.granted()?;
    let browser = Browser::new(stage.pages());
    let file = pages::keep(&browser, stage.folder(), &published.public_path).await?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    stage.does(
        PUBLISHER,
        &format!(
            "publishes the letter about the NFD at {}; a copy is in published/{name}.",
            published.public_path
        ),
    );
    stage.settle().await?;
    stage.figures.fact(STORY, "letter", published.name);
    stage
        .figures
        .fact(STORY, "path", published.public_path.as_str());
    Ok(published.public_path)
}

async fn no_reply(
    stage: &Stage,
    letter: &str,
) -> Result<tonic::Response<pb::Letter>, tonic::Status> {
    let request = pb::DecideNoReplyRequest {
        name: letter.to_owned(),
        reason: "The school was called twice.".to_owned(),
        etag: String::new(),
        request_id: stage.request_id(),
    };
    stage
        .caller(PUBLISHER)
        .letters()
        .decide_no_reply(request)
        .await
}

async fn get(stage: &Stage, letter: &str) -> anyhow::Result<pb::Letter> {
    let request = pb::GetLetterRequest {
        name: letter.to_owned(),
    };
    let mut letters = stage.caller(PUBLISHER).letters();
    letters.get_letter(request).await.granted()
}
