//! The letter about the first visit: draft, text check, the school's check, publication.

use anyhow::Context as _;
use visits_core::london;
use visits_proto::instant;
use visits_proto::letters::v1 as pb;
use visits_proto::letters::v1::draft_letter_request::Ground;
use visits_proto::recording::v1::GetVisitRecordRequest;

use super::super::answered::Answered as _;
use super::super::cast::{FIRST_VISIT, PUBLISHER};
use super::super::pages::{self, Browser};
use super::super::stage::{Stage, at};
use super::super::steps::record_of;
use super::first_visit::FirstVisit;

const STORY: &str = "first_letter";
const SCHOOL: &str = "the school";
const HEAD: &str = "head@st-nicolas.example";
const JUDGEMENT: &str = "Leadership is outstanding.";
const WRONG: &str = "Pupils in Years 3 and 4 read to an adult every day.";
const RIGHT: &str = "Pupils in Years 3 to 6 read to an adult every day.";

/// What came of it.
#[derive(Clone, Debug)]
pub struct FirstLetter {
    /// `letters/{uuid}`.
    pub letter: String,
    /// Where anybody reads it: `/schools/{urn}/letters/{date}`.
    pub path: String,
    /// The school's one-time link, used.
    pub link: String,
}

/// From the draft to the published letter.
///
/// # Errors
/// If a service refuses what the story needs, or grants what it must refuse.
pub async fn play(stage: &mut Stage, first: &FirstVisit) -> anyhow::Result<FirstLetter> {
    stage.teller.act("The letter for parents");
    let letter = drafted(stage, &first.visit).await?;
    let letter = sent(stage, letter).await?;
    let (letter, link) = checked(stage, letter).await?;
    let letter = answered(stage, letter).await?;
    let letter = published(stage, letter).await?;
    stage.figures.fact(STORY, "letter", letter.name.as_str());
    stage
        .figures
        .fact(STORY, "path", letter.public_path.as_str());
    Ok(FirstLetter {
        letter: letter.name,
        path: letter.public_path,
        link,
    })
}

async fn drafted(stage: &mut Stage, visit: &str) -> anyhow::Result<pb::Letter> {
    let lead = FIRST_VISIT[0];
    stage.go_to(at(10, 6, 9, 15)).await?;
    let request = pb::DraftLetterRequest {
        ground: Some(Ground::Visit(visit.to_owned())),
        request_id: stage.request_id(),
    };
    let mut letters = stage.caller(lead).letters();
    let letter = letters.draft_letter(request).await.granted()?;
    stage.does(
        lead,
        "drafts the letter. Its first text is what was agreed with the school.",
    );
    Ok(letter)
}

/// A judgement slips in, and the letter doesn't leave until it is out again.
async fn sent(stage: &mut Stage, letter: pb::Letter) -> anyhow::Result<pb::Letter> {
    let lead = FIRST_VISIT[0];
    let plain = letter.text.clone().context("a draft has a text")?;
    let mut judging = plain.clone();
    if let Some(section) = judging.sections.last_mut() {
        section.paragraphs.push(JUDGEMENT.to_owned());
    }
    revise(stage, &letter, judging).await?;
    stage.go_to(at(10, 7, 9, 30)).await?;
    let refused = send(stage, &letter).await;
    stage.is_refused(
        lead,
        &format!("wrote “{JUDGEMENT}” into the draft and sends it to the school"),
        refused,
        "LETTER_STATES_A_JUDGEMENT",
    )?;
    revise(stage, &letter, plain).await?;
    let letter = send(stage, &letter).await.granted()?;
    stage.does(
        lead,
        "takes the sentence out and sends the draft for the factual accuracy check: the school \
         has five working days.",
    );
    stage.settle().await?;
    stage.by_itself("A one-time link leaves for the school's mailbox.");
    let request = pb::PublishLetterRequest {
        name: letter.name.clone(),
        etag: etag(stage, &letter.name).await?,
        request_id: stage.request_id(),
    };
    let early = stage
        .caller(PUBLISHER)
        .letters()
        .publish_letter(request)
        .await;
    stage.is_refused(
        PUBLISHER,
        "tries to publish before the school has checked",
        early,
        "LETTER_BEFORE_FACTUAL_CHECK",
    )?;
    Ok(letter)
}

async fn checked(stage: &mut Stage, letter: pb::Letter) -> anyhow::Result<(pb::Letter, String)> {
    stage.go_to(at(10, 8, 14, 0)).await?;
    let link = pages::link_in_mailbox(stage.letters_folder(), HEAD)?;
    let browser = Browser::new(stage.pages());
    browser
        .reply(&link, "headteacher", &[(WRONG, RIGHT)])
        .await?;
    stage.does(
        SCHOOL,
        "opens the link, reads the draft and asks for one correction: it is Years 3 to 6 who read.",
    );
    let again = browser.status(&link).await?;
    stage.does(
        SCHOOL,
        &format!(
            "opens the link again: it worked once and answers {} now.",
            again.as_u16()
        ),
    );
    stage.settle().await?;
    let letter = get(stage, &letter.name).await?;
    Ok((letter, link))
}

async fn answered(stage: &mut Stage, letter: pb::Letter) -> anyhow::Result<pb::Letter> {
    let lead = FIRST_VISIT[0];
    stage.go_to(at(10, 8, 15, 30)).await?;
    let request = pb::MarkReadyRequest {
        name: letter.name.clone(),
        etag: String::new(),
        request_id: stage.request_id(),
    };
    let early = stage.caller(lead).letters().mark_ready(request).await;
    stage.is_refused(
        lead,
        "calls the letter ready with the correction unanswered",
        early,
        "LETTER_CORRECTION_UNANSWERED",
    )?;
    let request = pb::AnswerCorrectionRequest {
        name: letter.name.clone(),
        number: 1,
        answer: i32::from(pb::correction::Answer::Accepted),
        reason: "The school's own list says so.".to_owned(),
        etag: String::new(),
        request_id: stage.request_id(),
    };
    let mut letters = stage.caller(lead).letters();
    letters.answer_correction(request).await.granted()?;
    let mut text = letter.text.clone().context("a letter has a text")?;
    for paragraph in text.sections.iter_mut().flat_map(|s| &mut s.paragraphs) {
        *paragraph = paragraph.replace(WRONG, RIGHT);
    }
    revise(stage, &letter, text).await?;
    let request = pb::MarkReadyRequest {
        name: letter.name.clone(),
        etag: String::new(),
        request_id: stage.request_id(),
    };
    let letter = letters.mark_ready(request).await.granted()?;
    stage.does(
        lead,
        "accepts the correction, makes it, and calls the letter ready.",
    );
    Ok(letter)
}

async fn published(stage: &mut Stage, letter: pb::Letter) -> anyhow::Result<pb::Letter> {
    stage.go_to(at(10, 9, 10, 0)).await?;
    let request = pb::PublishLetterRequest {
        name: letter.name.clone(),
        etag: etag(stage, &letter.name).await?,
        request_id: stage.request_id(),
    };
    let mut letters = stage.caller(PUBLISHER).letters();
    let letter = letters.publish_letter(request).await.granted()?;
    let browser = Browser::new(stage.pages());
    let file = pages::keep(&browser, stage.folder(), &letter.public_path).await?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    stage.does(
        PUBLISHER,
        &format!(
            "publishes the letter. Anybody reads it at {}; a copy is in published/{name}.",
            letter.public_path
        ),
    );
    stage.settle().await?;
    let request = GetVisitRecordRequest {
        name: record_of(&letter.visit),
    };
    let mut recording = stage.caller(FIRST_VISIT[0]).recording();
    let record = recording.get_visit_record(request).await.granted()?;
    let until = instant(record.access_ends_time.as_ref()).context("access will end")?;
    let words = format!(
        "The visit's own team reads what was said until {}, ten working days from now.",
        london::spoken(until)
    );
    stage.by_itself(&words);
    Ok(letter)
}

async fn revise(stage: &Stage, letter: &pb::Letter, text: pb::LetterText) -> anyhow::Result<()> {
    let request = pb::ReviseLetterRequest {
        name: letter.name.clone(),
        text: Some(text),
        etag: String::new(),
        request_id: stage.request_id(),
    };
    let mut letters = stage.caller(FIRST_VISIT[0]).letters();
    letters.revise_letter(request).await.granted()?;
    Ok(())
}

async fn send(
    stage: &Stage,
    letter: &pb::Letter,
) -> Result<tonic::Response<pb::Letter>, tonic::Status> {
    let request = pb::SendToSchoolRequest {
        name: letter.name.clone(),
        recipient: HEAD.to_owned(),
        etag: String::new(),
        request_id: stage.request_id(),
    };
    stage
        .caller(FIRST_VISIT[0])
        .letters()
        .send_to_school(request)
        .await
}

async fn get(stage: &Stage, name: &str) -> anyhow::Result<pb::Letter> {
    let request = pb::GetLetterRequest {
        name: name.to_owned(),
    };
    let mut letters = stage.caller(PUBLISHER).letters();
    letters.get_letter(request).await.granted()
}

async fn etag(stage: &Stage, name: &str) -> anyhow::Result<String> {
    Ok(get(stage, name).await?.etag)
}
