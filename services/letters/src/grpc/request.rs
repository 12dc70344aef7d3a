//! Requests read: every field at fault is reported at once.

use uuid::Uuid;
use visits_core::{Fault, Fields};
use visits_proto::letters::v1 as wire;
use visits_runtime::filter;

use crate::domain::command::SchoolReply;
use crate::domain::letter::{CaseId, Channel, Outcome};
use crate::domain::{Command, Kind, LetterId, Section, State, Text, VisitId};
use crate::sources::Occasion;
use crate::store::search::Wanted;

/// A title or a heading.
const LINE_MAX: usize = 200;
/// A paragraph, and each of the school's words.
const PARAGRAPH_MAX: usize = 4_000;
/// A reason or a note.
const NOTE_MAX: usize = 1_000;
/// Sections of a letter, and paragraphs of a section.
const PARTS_MAX: usize = 40;
/// Corrections in one reply, and ids in one confirmation.
const ITEMS_MAX: usize = 100;
/// A mailbox: as long as SMTP allows.
const ADDRESS_MAX: usize = 254;
/// A role at the school.
const ROLE_MAX: usize = 80;

/// What every changing request carries, and the command that it asks for.
pub struct Asked {
    /// The letter.
    pub id: LetterId,
    /// The caller's mark (R17).
    pub request_id: Uuid,
    /// The command.
    pub command: Command,
}

fn finish(
    mut fields: Fields,
    name: &str,
    request_id: &str,
    command: Command,
) -> Result<Asked, Fault> {
    let id = fields.name("name", name, "letters");
    let request_id = fields.request_id(request_id);
    fields.finish()?;
    Ok(Asked {
        id,
        request_id,
        command,
    })
}

/// The name of a letter alone.
pub fn name(name: &str) -> Result<LetterId, Fault> {
    let mut fields = Fields::new();
    let id = fields.name("name", name, "letters");
    fields.finish()?;
    Ok(id)
}

/// What a letter is asked for.
pub fn draft(request: &wire::DraftLetterRequest) -> Result<(Occasion, Uuid), Fault> {
    use wire::draft_letter_request::Ground;
    let mut fields = Fields::new();
    let occasion = match &request.ground {
        Some(Ground::Visit(visit)) => {
            Occasion::Visit(fields.name::<VisitId>("visit", visit, "visits"))
        }
        Some(Ground::Case(case)) => Occasion::Case(fields.name::<CaseId>("case", case, "cases")),
        None => {
            fields.violate("ground", "is required: a visit or a case");
            Occasion::Visit(VisitId(Uuid::nil()))
        }
    };
    let request_id = fields.request_id(&request.request_id);
    fields.finish()?;
    Ok((occasion, request_id))
}

/// A new text.
pub fn revise(request: &wire::ReviseLetterRequest) -> Result<Asked, Fault> {
    let mut fields = Fields::new();
    let text = read_text(&mut fields, request.text.as_ref());
    finish(
        fields,
        &request.name,
        &request.request_id,
        Command::Revise { text },
    )
}

/// Marks to confirm.
pub fn confirm(request: &wire::ConfirmMarksRequest) -> Result<Asked, Fault> {
    let mut fields = Fields::new();
    if request.finding_ids.is_empty() {
        fields.violate("finding_ids", "is required: at least one mark");
    }
    let ids = marks(&mut fields, "finding_ids", &request.finding_ids);
    finish(
        fields,
        &request.name,
        &request.request_id,
        Command::ConfirmMarks { ids },
    )
}

/// The draft to the school. The step makes the link, which belongs to the coming round.
pub fn send(request: &wire::SendToSchoolRequest) -> Result<Asked, Fault> {
    let mut fields = Fields::new();
    let recipient = fields.text("recipient", &request.recipient, ADDRESS_MAX);
    let is_address = recipient
        .split_once('@')
        .is_some_and(|(mailbox, host)| !mailbox.is_empty() && host.contains('.'))
        && !recipient.contains(char::is_whitespace);
    if !is_address {
        fields.violate("recipient", "must be a mailbox such as head@school.example");
    }
    let command = Command::SendToSchool {
        recipient,
        link_hash: String::new(),
    };
    finish(fields, &request.name, &request.request_id, command)
}

/// The school's reply, on its page or written down.
pub fn reply(request: &wire::RecordSchoolReplyRequest, channel: Channel) -> Result<Asked, Fault> {
    let mut fields = Fields::new();
    let respondent_role = fields.text("respondent_role", &request.respondent_role, ROLE_MAX);
    if request.corrections.len() > ITEMS_MAX {
        fields.violate("corrections", format!("at most {ITEMS_MAX} are allowed"));
    }
    let corrections = request
        .corrections
        .iter()
        .take(ITEMS_MAX)
        .enumerate()
        .map(|(index, item)| {
            let passage = format!("corrections[{index}].passage");
            let correction = format!("corrections[{index}].correction");
            (
                fields.text(&passage, &item.passage, PARAGRAPH_MAX),
                fields.text(&correction, &item.correction, PARAGRAPH_MAX),
            )
        })
        .collect();
    let command = Command::RecordReply(SchoolReply {
        round: None,
        respondent_role,
        channel,
        corrections,
    });
    finish(fields, &request.name, &request.request_id, command)
}

/// An answer to a correction.
pub fn answer(request: &wire::AnswerCorrectionRequest) -> Result<Asked, Fault> {
    let mut fields = Fields::new();
    let number = u32::try_from(request.number)
        .ok()
        .filter(|number| *number > 0);
    let number = fields.known(
        "number",
        number,
        "must be the number of a correction, from 1",
    );
    let outcome = match request.answer() {
        wire::correction::Answer::Accepted => Some(Outcome::Accepted),
        wire::correction::Answer::Declined => Some(Outcome::Declined),
        wire::correction::Answer::Unspecified => None,
    };
    let outcome = fields.known("answer", outcome, "must be ACCEPTED or DECLINED");
    let reason = fields.text("reason", &request.reason, NOTE_MAX);
    let command = Command::AnswerCorrection {
        number: number.unwrap_or_default(),
        outcome: outcome.unwrap_or(Outcome::Declined),
        reason,
    };
    finish(fields, &request.name, &request.request_id, command)
}

/// The decision to go on without a reply.
pub fn no_reply(request: &wire::DecideNoReplyRequest) -> Result<Asked, Fault> {
    let mut fields = Fields::new();
    let reason = fields.text("reason", &request.reason, NOTE_MAX);
    finish(
        fields,
        &request.name,
        &request.request_id,
        Command::DecideNoReply { reason },
    )
}

/// A command that needs no more than the letter's name.
pub fn bare(name: &str, request_id: &str, command: Command) -> Result<Asked, Fault> {
    finish(Fields::new(), name, request_id, command)
}

/// A new edition.
pub fn correct(request: &wire::CorrectLetterRequest) -> Result<Asked, Fault> {
    let mut fields = Fields::new();
    let text = read_text(&mut fields, request.text.as_ref());
    let change_note = fields.text("change_note", &request.change_note, NOTE_MAX);
    let confirmed = marks(
        &mut fields,
        "confirmed_finding_ids",
        &request.confirmed_finding_ids,
    );
    let command = Command::Correct {
        text,
        change_note,
        confirmed,
    };
    finish(fields, &request.name, &request.request_id, command)
}

/// A withdrawal.
pub fn withdraw(request: &wire::WithdrawLetterRequest) -> Result<Asked, Fault> {
    let mut fields = Fields::new();
    let reason = fields.text("reason", &request.reason, NOTE_MAX);
    finish(
        fields,
        &request.name,
        &request.request_id,
        Command::Withdraw { reason },
    )
}

/// A text to check.
pub fn text(given: &wire::LetterText) -> Result<Text, Fault> {
    let mut fields = Fields::new();
    let text = read_text(&mut fields, Some(given));
    fields.finish()?;
    Ok(text)
}

/// What a list asks for.
pub fn wanted(text: &str, fields: &[&str]) -> Result<Wanted, Fault> {
    let mut wanted = Wanted::default();
    for term in filter::parse(text, fields)? {
        let value = term.equal()?;
        match term.field.as_str() {
            "state" => {
                let code = value.trim_start_matches("STATE_").to_lowercase();
                let state = State::ALL.into_iter().find(|state| state.code() == code);
                wanted.state = Some(state.ok_or_else(|| term.refuse("no such state"))?);
            }
            "kind" => {
                let kind = match value.trim_start_matches("LETTER_KIND_") {
                    "INTERIM_VISIT" => Kind::Interim,
                    "NFD" => Kind::Nfd,
                    _ => return Err(term.refuse("must be INTERIM_VISIT or NFD")),
                };
                wanted.kind = Some(kind);
            }
            "school" => {
                let urn = value.strip_prefix("schools/").unwrap_or(value);
                wanted.urn = Some(urn.to_owned());
            }
            _ => {
                let id = value.strip_prefix("visits/").unwrap_or(value);
                let id = Uuid::parse_str(id).map_err(|_| term.refuse("must be visits/{uuid}"))?;
                wanted.visit = Some(id);
            }
        }
    }
    Ok(wanted)
}

fn marks(fields: &mut Fields, field: &str, ids: &[String]) -> Vec<String> {
    if ids.len() > ITEMS_MAX {
        fields.violate(field, format!("at most {ITEMS_MAX} are allowed"));
    }
    ids.iter().take(ITEMS_MAX).cloned().collect()
}

fn read_text(fields: &mut Fields, given: Option<&wire::LetterText>) -> Text {
    let Some(given) = given else {
        fields.violate("text", "is required");
        return Text::default();
    };
    let title = fields.text("text.title", &given.title, LINE_MAX);
    if given.sections.len() > PARTS_MAX {
        fields.violate("text.sections", format!("at most {PARTS_MAX} are allowed"));
    }
    let sections = given
        .sections
        .iter()
        .take(PARTS_MAX)
        .enumerate()
        .map(|(index, section)| read_section(fields, index, section))
        .collect();
    Text { title, sections }
}

fn read_section(fields: &mut Fields, index: usize, given: &wire::Section) -> Section {
    let field = format!("text.sections[{index}]");
    if given.paragraphs.len() > PARTS_MAX {
        fields.violate(
            format!("{field}.paragraphs"),
            format!("at most {PARTS_MAX} are allowed"),
        );
    }
    let heading = fields.optional_text(&format!("{field}.heading"), &given.heading, LINE_MAX);
    let paragraphs = given
        .paragraphs
        .iter()
        .take(PARTS_MAX)
        .enumerate()
        .map(|(number, words)| {
            fields.text(
                &format!("{field}.paragraphs[{number}]"),
                words,
                PARAGRAPH_MAX,
            )
        })
        .collect();
    Section {
        heading,
        paragraphs,
    }
}
