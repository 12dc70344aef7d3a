//! `visits letter`: letters to parents.

use clap::Subcommand;
use serde_json::Value;
use visits_core::Role;
use visits_proto::letters::v1 as pb;
use visits_proto::letters::v1::letters_service_client::LettersServiceClient;

use super::{Context, names};
use crate::client;
use crate::failure::Failure;
use crate::output::{Column, Format, column};

/// What to do with letters.
#[derive(Debug, Subcommand)]
pub enum LetterCommand {
    /// Show a published letter as anybody may read it, or one with its way there
    #[command(after_help = "\
Examples:
  visits letter show 0192f0c1-…
  visits letter show 0192f0c1-… --draft --as hmi --id HMI-001")]
    Show {
        /// letters/{uuid}, or the UUID
        letter: String,
        /// The draft and the school's rounds too: the visit's team and publishers
        #[arg(long)]
        draft: bool,
    },
}

const PUBLISHED: [Column; 6] = [
    column("LETTER", "/name"),
    column("KIND", "/kind"),
    column("SCHOOL", "/schoolDisplayName"),
    column("VISIT DATE", "/visitDate"),
    column("PAGE", "/publicPath"),
    column("WITHDRAWN", "/withdrawal/withdrawTime"),
];

const LETTER: [Column; 10] = [
    column("LETTER", "/name"),
    column("KIND", "/kind"),
    column("STATE", "/state"),
    column("VISIT", "/visit"),
    column("SCHOOL", "/school"),
    column("VISIT DATE", "/visitDate"),
    column("LEAD", "/lead"),
    column("DRAFT DUE", "/draftDueTime"),
    column("PUBLICATION TARGET", "/publicationTargetTime"),
    column("ETAG", "/etag"),
];

pub(super) async fn run(context: &Context, command: LetterCommand) -> Result<(), Failure> {
    let LetterCommand::Show { letter, draft } = command;
    let channel = client::connect(&context.global, Role::Publisher).await?;
    let mut client = LettersServiceClient::new(channel);
    let name = names::full("letters", &letter);
    let (text, shown) = if draft {
        let letter = client.get_letter(pb::GetLetterRequest { name }).await?;
        let letter = letter.into_inner();
        (letter.text.clone(), show(context, &letter, &LETTER)?)
    } else {
        let request = pb::GetPublishedLetterRequest { name };
        let letter = client.get_published_letter(request).await?.into_inner();
        let latest = letter.editions.last().and_then(|e| e.text.clone());
        (latest, show(context, &letter, &PUBLISHED)?)
    };
    match text {
        Some(text) if shown => context.output.text(&plain(&text)),
        _ => Ok(()),
    }
}

/// Shows the letter's fields; whether its text belongs beneath them.
fn show(
    context: &Context,
    letter: &impl serde::Serialize,
    columns: &[Column],
) -> Result<bool, Failure> {
    let letter: Value = serde_json::to_value(letter)
        .map_err(|error| Failure::internal(format!("json: {error}")))?;
    context.output.show(&letter, columns)?;
    Ok(context.output.format() == Format::Table)
}

fn plain(text: &pb::LetterText) -> String {
    let mut plain = format!("\n{}\n", text.title);
    for section in &text.sections {
        if !section.heading.is_empty() {
            plain.push_str(&format!("\n{}\n", section.heading));
        }
        for paragraph in &section.paragraphs {
            plain.push_str(&format!("\n{paragraph}\n"));
        }
    }
    plain
}
