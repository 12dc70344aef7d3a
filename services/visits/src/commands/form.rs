//! `visits form`: versions of the visit form (M8).

use std::path::PathBuf;

use clap::Subcommand;
use visits_core::Role;
use visits_proto::recording::v1 as pb;
use visits_proto::recording::v1::recording_service_client::RecordingServiceClient;

use super::Context;
use crate::client;
use crate::failure::Failure;
use crate::output::{Column, column};

/// What to do with the visit form.
#[derive(Debug, Subcommand)]
pub enum FormCommand {
    /// Import a version of the form; importing the same again changes nothing
    #[command(after_help = "Example:\n  visits form import services/recording/forms/2020-09.toml")]
    Import {
        /// The form as TOML
        file: PathBuf,
    },
}

const FORM: [Column; 5] = [
    column("FORM", "/name"),
    column("TITLE", "/title"),
    column("EFFECTIVE FROM", "/effectiveFrom"),
    column("IMPORTED", "/createTime"),
    column("SHA-256", "/digest"),
];

pub(super) async fn run(context: &Context, command: FormCommand) -> Result<(), Failure> {
    let FormCommand::Import { file } = command;
    let toml = tokio::fs::read_to_string(&file).await.map_err(|error| {
        Failure::invalid("file", format!("{} can't be read: {error}", file.display()))
    })?;
    let channel = client::connect(&context.global, Role::Scheduler).await?;
    let request = pb::ImportVisitFormRequest {
        toml,
        request_id: client::request_id(&context.global)?,
    };
    let form = RecordingServiceClient::new(channel)
        .import_visit_form(request)
        .await?;
    context.output.show(form.get_ref(), &FORM)
}
