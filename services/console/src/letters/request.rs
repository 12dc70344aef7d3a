//! The request that a form of a letter's page becomes.

use tonic::{Response, Status};
use visits_proto::letters::v1 as pb;
use visits_proto::letters::v1::correction;

use super::offer::OfLetter;
use super::text;
use crate::client::Letters;
use crate::form::Filled;
use crate::problem::Problem;
use crate::sheet::{Called, explained};

/// The corrections that one written reply has room for.
pub(super) const CORRECTIONS: usize = 5;
/// What the form's field of a mark is called before the mark's id.
pub(super) const MARK: &str = "mark-";

const fn called(
    field: &'static str,
    id: &'static str,
    missing: &'static str,
    name: &'static str,
) -> Called {
    Called {
        field,
        id,
        missing,
        name,
    }
}

const CALLED: [Called; 10] = [
    called(
        "finding_ids",
        "mark",
        "Select at least one mark",
        "The marks",
    ),
    called("text.title", "title", "Enter the title", "The title"),
    called("text", "words-1", "Enter the text", "The text"),
    called(
        "recipient",
        "recipient",
        "Enter the school’s mailbox",
        "The mailbox",
    ),
    called(
        "respondent_role",
        "respondent_role",
        "Enter the role of whoever replied",
        "The role of whoever replied",
    ),
    called(
        "corrections",
        "passage-1",
        "Enter the passage and what would be accurate",
        "A correction",
    ),
    called("answer", "answer", "Select what you answer", ""),
    called(
        "reason",
        "reason",
        "Enter the reason",
        "The reason: this text",
    ),
    called(
        "change_note",
        "change_note",
        "Enter what has changed",
        "What has changed: this text",
    ),
    called(
        "confirmed_finding_ids",
        "mark",
        "Select the marks",
        "The marks",
    ),
];

/// Asks the service for it.
pub(super) async fn send(
    offer: &OfLetter,
    client: Letters,
    name: &str,
    filled: &Filled,
) -> Result<(), Problem> {
    let asked = Asked {
        name: name.to_owned(),
        etag: filled.get("etag").to_owned(),
        request_id: filled.get("request_id").to_owned(),
    };
    let sent = ask(offer, client, asked, filled).await;
    sent.map_err(|status| explained(&status, &CALLED))
}

/// What every request carries.
struct Asked {
    name: String,
    etag: String,
    request_id: String,
}

/// What a letter's service answers.
type Answer = Result<Response<pb::Letter>, Status>;

async fn ask(
    offer: &OfLetter,
    client: Letters,
    asked: Asked,
    filled: &Filled,
) -> Result<(), Status> {
    let answer = match offer {
        OfLetter::Confirm | OfLetter::Revise | OfLetter::Send => {
            write(offer, client, asked, filled).await
        }
        OfLetter::Reply | OfLetter::NoReply | OfLetter::Answer(_) => {
            check(offer, client, asked, filled).await
        }
        OfLetter::Ready | OfLetter::Publish | OfLetter::Correct | OfLetter::Withdraw => {
            publish(offer, client, asked, filled).await
        }
    };
    answer.map(drop)
}

/// Up to the school.
async fn write(offer: &OfLetter, mut client: Letters, asked: Asked, filled: &Filled) -> Answer {
    let Asked {
        name,
        etag,
        request_id,
    } = asked;
    match offer {
        OfLetter::Confirm => {
            let request = pb::ConfirmMarksRequest {
                finding_ids: marks(filled),
                name,
                etag,
                request_id,
            };
            client.confirm_marks(request).await
        }
        OfLetter::Revise => {
            let request = pb::ReviseLetterRequest {
                text: Some(text::read(filled)),
                name,
                etag,
                request_id,
            };
            client.revise_letter(request).await
        }
        _ => {
            let request = pb::SendToSchoolRequest {
                recipient: filled.get("recipient").to_owned(),
                name,
                etag,
                request_id,
            };
            client.send_to_school(request).await
        }
    }
}

/// The round with the school.
async fn check(offer: &OfLetter, mut client: Letters, asked: Asked, filled: &Filled) -> Answer {
    let reason = filled.get("reason").to_owned();
    let Asked {
        name,
        etag,
        request_id,
    } = asked;
    match offer {
        OfLetter::Reply => {
            let request = pb::RecordSchoolReplyRequest {
                respondent_role: filled.get("respondent_role").to_owned(),
                corrections: corrections(filled),
                name,
                etag,
                request_id,
            };
            client.record_school_reply(request).await
        }
        OfLetter::Answer(number) => {
            let request = pb::AnswerCorrectionRequest {
                number: *number,
                answer: answer(filled).into(),
                name,
                reason,
                etag,
                request_id,
            };
            client.answer_correction(request).await
        }
        _ => {
            let request = pb::DecideNoReplyRequest {
                name,
                reason,
                etag,
                request_id,
            };
            client.decide_no_reply(request).await
        }
    }
}

/// From the check to publication, and after it.
async fn publish(offer: &OfLetter, mut client: Letters, asked: Asked, filled: &Filled) -> Answer {
    let Asked {
        name,
        etag,
        request_id,
    } = asked;
    match offer {
        OfLetter::Publish => {
            let request = pb::PublishLetterRequest {
                name,
                etag,
                request_id,
            };
            client.publish_letter(request).await
        }
        OfLetter::Correct => {
            let request = pb::CorrectLetterRequest {
                text: Some(text::read(filled)),
                change_note: filled.get("change_note").to_owned(),
                confirmed_finding_ids: marks(filled),
                name,
                etag,
                request_id,
            };
            client.correct_letter(request).await
        }
        OfLetter::Withdraw => {
            let request = pb::WithdrawLetterRequest {
                reason: filled.get("reason").to_owned(),
                name,
                etag,
                request_id,
            };
            client.withdraw_letter(request).await
        }
        _ => {
            let request = pb::MarkReadyRequest {
                name,
                etag,
                request_id,
            };
            client.mark_ready(request).await
        }
    }
}

/// The marks that are chosen.
fn marks(filled: &Filled) -> Vec<String> {
    let chosen = filled.all().filter(|(_, value)| *value == "on");
    let chosen = chosen.filter_map(|(name, _)| name.strip_prefix(MARK));
    chosen.map(str::to_owned).collect()
}

fn corrections(filled: &Filled) -> Vec<pb::CorrectionInput> {
    let all = (1..=CORRECTIONS).map(|number| pb::CorrectionInput {
        passage: filled.get(&format!("passage-{number}")).trim().to_owned(),
        correction: filled
            .get(&format!("correction-{number}"))
            .trim()
            .to_owned(),
    });
    all.filter(|each| !(each.passage.is_empty() && each.correction.is_empty()))
        .collect()
}

fn answer(filled: &Filled) -> correction::Answer {
    match filled.get("answer") {
        "accepted" => correction::Answer::Accepted,
        "declined" => correction::Answer::Declined,
        _ => correction::Answer::Unspecified,
    }
}
