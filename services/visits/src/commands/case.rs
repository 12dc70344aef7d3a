//! `visits case`: concerns and what became of them.

use std::time::Duration;

use clap::Subcommand;
use indicatif::ProgressBar;
use serde_json::{Value, json};
use visits_client::Seen;
use visits_core::Role;
use visits_proto::escalation::v1 as pb;
use visits_proto::escalation::v1::escalation_service_client::EscalationServiceClient;

use super::{Context, names};
use crate::client;
use crate::failure::Failure;
use crate::output::{Column, Format, column, note, somebody_watches};

/// What to do with cases.
#[derive(Debug, Subcommand)]
pub enum CaseCommand {
    /// List the cases that you may read, newest first unless asked otherwise
    #[command(after_help = "\
Examples:
  visits case list
  visits case list --filter 'state = AWAITING_DECISION AND region = \"south-east\"'
  visits case list --filter 'state = NFD_REQUIRED' --order-by deadline_time")]
    List {
        /// Terms joined by AND over state, region, school and visit
        #[arg(long, default_value = "")]
        filter: String,
        /// By name, create_time or deadline_time, each with " desc" or without, comma-separated
        #[arg(long, default_value = "")]
        order_by: String,
        /// How many at most
        #[arg(long, default_value_t = 500)]
        limit: usize,
    },
    /// Raise a concern about a visit that has begun, as one of its inspectors
    #[command(after_help = "\
Example:
  visits case raise --visit 0192f0c1-… --id HMI-001 --area safeguarding \\
      --seen \"The lead for safeguarding has left, and nobody does the work.\"")]
    Raise {
        /// visits/{uuid}, or the UUID
        #[arg(long)]
        visit: String,
        /// safeguarding, or leadership-and-management: there is no third (M26)
        #[arg(long)]
        area: String,
        /// What was seen or heard: facts, no names
        #[arg(long)]
        seen: String,
    },
    /// Take a case on as the duty desk
    #[command(after_help = "\
Examples:
  visits case acknowledge 0192f0c1-… --id desk-1
  visits case acknowledge cases/0192f0c1-… --note 'I ring the lead.'")]
    Acknowledge {
        /// cases/{uuid}, or the UUID
        case: String,
        /// A short note for the desk
        #[arg(long, default_value = "")]
        note: String,
    },
    /// Follow the cases: each event once, across lost connections and restarts of the server
    #[command(after_help = "\
Examples:
  visits case watch
  visits case watch --output ndjson | jq .caseEvent.case
  visits case watch --resume TOKEN")]
    Watch {
        /// Terms joined by AND over state, region, school and visit
        #[arg(long, default_value = "")]
        filter: String,
        /// Go on after an earlier watch with the same filter
        #[arg(long, default_value = "")]
        resume: String,
        /// End after so many events
        #[arg(long)]
        limit: Option<usize>,
        /// With --output ndjson, print heartbeats and the server's farewell too
        #[arg(long)]
        heartbeats: bool,
    },
}

const ROW: [Column; 7] = [
    column("CASE", "/name"),
    column("STATE", "/state"),
    column("RAISED", "/createTime"),
    column("SCHOOL", "/schoolDisplayName"),
    column("REGION", "/region"),
    column("VISIT", "/visit"),
    column("DEADLINE", "/window/deadlineTime"),
];

pub(super) async fn run(context: &Context, command: CaseCommand) -> Result<(), Failure> {
    match command {
        CaseCommand::List {
            filter,
            order_by,
            limit,
        } => list(context, (&filter, &order_by), limit).await,
        CaseCommand::Raise { visit, area, seen } => {
            let channel = client::connect(&context.global, Role::Hmi).await?;
            let request = pb::RaiseConcernRequest {
                visit: names::full("visits", &visit),
                request_id: client::request_id(&context.global)?,
                area,
                what_was_seen: seen,
            };
            let mut client = EscalationServiceClient::new(channel);
            let case = client.raise_concern(request).await?;
            context.output.show(case.get_ref(), &ROW)
        }
        CaseCommand::Acknowledge { case, note } => {
            let channel = client::connect(&context.global, Role::DutyDesk).await?;
            let request = pb::AcknowledgeCaseRequest {
                name: names::full("cases", &case),
                request_id: client::request_id(&context.global)?,
                note,
                ..pb::AcknowledgeCaseRequest::default()
            };
            let mut client = EscalationServiceClient::new(channel);
            let case = client.acknowledge_case(request).await?;
            context.output.show(case.get_ref(), &ROW)
        }
        CaseCommand::Watch {
            filter,
            resume,
            limit,
            heartbeats,
        } => {
            let watch = Watch {
                context,
                filter,
                token: resume,
                left: limit,
                heartbeats,
                line: staleness(context),
            };
            watch.run().await
        }
    }
}

async fn list(
    context: &Context,
    (filter, order_by): (&str, &str),
    limit: usize,
) -> Result<(), Failure> {
    let channel = client::connect(&context.global, Role::DutyDesk).await?;
    let mut client = EscalationServiceClient::new(channel);
    let mut found = Vec::new();
    let mut page_token = String::new();
    while found.len() < limit {
        let request = pb::ListCasesRequest {
            page_size: i32::try_from((limit - found.len()).min(500)).unwrap_or(500),
            page_token,
            filter: filter.to_owned(),
            order_by: order_by.to_owned(),
        };
        let page = client.list_cases(request).await?.into_inner();
        found.extend(page.cases);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    context.output.list("cases", &found, &ROW)
}

/// A line on a terminal that says how fresh what stands above it is.
fn staleness(context: &Context) -> ProgressBar {
    if context.global.quiet || !somebody_watches() {
        return ProgressBar::hidden();
    }
    let line = ProgressBar::new_spinner();
    line.enable_steady_tick(Duration::from_secs(1));
    line
}

/// A watch, told as it goes on.
struct Watch<'a> {
    context: &'a Context,
    filter: String,
    token: String,
    left: Option<usize>,
    heartbeats: bool,
    line: ProgressBar,
}

impl Watch<'_> {
    async fn run(mut self) -> Result<(), Failure> {
        let outcome = self.follow().await;
        self.line.finish_and_clear();
        outcome
    }

    /// Follows until everything that was wanted has been seen.
    async fn follow(&mut self) -> Result<(), Failure> {
        let client = client::client(&self.context.global, Role::DutyDesk).await?;
        let mut watch = client.watch_cases(&self.filter).from(&self.token);
        loop {
            let seen = watch.next().await;
            self.token = watch.resume_token().to_owned();
            match seen.map_err(|error| Failure::from(error.into_status()))? {
                Seen::Event(event) => {
                    self.line.suspend(|| self.print(&event))?;
                    self.left = self.left.map(|left| left.saturating_sub(1));
                    if self.left == Some(0) {
                        self.end();
                        return Ok(());
                    }
                }
                Seen::Heartbeat(heartbeat) => {
                    self.beside("heartbeat", &heartbeat)?;
                    let now = visits_proto::instant(heartbeat.server_time.as_ref());
                    let now = now.map_or_else(String::new, |t| self.context.output.time(t));
                    self.line.set_message(format!("nothing missed up to {now}"));
                }
                Seen::GoingAway(last) => self.beside("goingAway", &last)?,
                Seen::Lost(_) => self.line.set_message("no connection; trying again"),
            }
        }
    }

    fn end(&self) {
        self.line.finish_and_clear();
        if self.context.output.format() == Format::Table && !self.context.global.quiet {
            note(&format!(
                "go on with: visits case watch --resume {}",
                self.token
            ));
        }
    }

    /// What is said beside the events, for programs that want it.
    fn beside(&self, name: &str, message: &impl serde::Serialize) -> Result<(), Failure> {
        if !self.heartbeats || self.context.output.format() == Format::Table {
            return Ok(());
        }
        let message = serde_json::to_value(message)
            .map_err(|error| Failure::internal(format!("json: {error}")))?;
        self.context
            .output
            .text(&json!({ name: message }).to_string())
    }

    fn print(&self, event: &pb::CaseEvent) -> Result<(), Failure> {
        let output = self.context.output;
        let event = serde_json::to_value(event)
            .map_err(|error| Failure::internal(format!("json: {error}")))?;
        if output.format() == Format::Table {
            let (time, case, actor) = (
                text(&event, "occurredTime"),
                text(&event, "case"),
                text(&event, "actor"),
            );
            let time = time.parse().map_or(time.clone(), |t| output.time(t));
            let state = text(&event, "state").replace("STATE_", "");
            let what = happened(&event);
            return output.text(&format!("{time}  {what:24} {case}  {state}  by {actor}"));
        }
        output.text(&json!({ "caseEvent": event }).to_string())
    }
}

fn text(event: &Value, field: &str) -> String {
    event[field].as_str().unwrap_or_default().to_owned()
}

/// The name of the event itself: of the fields of a message only it is a message in turn.
fn happened(event: &Value) -> String {
    let name = event
        .as_object()
        .and_then(|fields| fields.iter().find(|(_, value)| value.is_object()))
        .map_or("", |(name, _)| name);
    let mut words = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            words.push(' ');
        }
        words.push(c.to_ascii_lowercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_named_in_words() {
        let event = json!({"position": "4", "case": "cases/1", "nfdDecided": {"required": true}});
        assert_eq!(happened(&event), "nfd decided");
    }
}
