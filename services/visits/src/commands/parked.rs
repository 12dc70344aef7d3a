//! `visits parked`: what could not be handled, or not even read, and waits for an operator.

use clap::Subcommand;
use clap::builder::PossibleValuesParser;
use tonic::Code;
use visits_core::Role;
use visits_proto::operations::v1 as pb;
use visits_proto::operations::v1::operations_service_client::OperationsServiceClient;

use super::Context;
use super::names::at_service;
use crate::client::{self, CallerChannel};
use crate::failure::Failure;
use crate::output::{Column, Format, column, count, note as remark};
use crate::services::NAMES;

type Client = OperationsServiceClient<CallerChannel>;

/// What to do with parked items.
#[derive(Debug, Subcommand)]
pub enum ParkedCommand {
    /// List what is parked, service by service, the longest parked first
    #[command(after_help = "\
Examples:
  visits parked list
  visits parked list --service letters --as auditor
  visits parked list --output ndjson | jq -r .name")]
    List {
        /// Only this service (repeat it for more). Default: all that the server has.
        #[arg(long = "service", value_parser = PossibleValuesParser::new(NAMES))]
        services: Vec<String>,
    },
    /// Show an item: what it is, why it is parked, what waits for it
    #[command(after_help = "\
Examples:
  visits parked show services/letters/parkedItems/0192f0c1-…
  visits parked show letters/0192f0c1-…")]
    Show {
        /// services/{service}/parkedItems/{uuid}, or {service}/{uuid}
        item: String,
    },
    /// Let an item be tried again, once its cause is gone
    #[command(after_help = "\
Example:
  visits parked retry letters/0192f0c1-…")]
    Retry {
        /// services/{service}/parkedItems/{uuid}, or {service}/{uuid}
        item: String,
    },
    /// Give an item up for good; what waited for it goes on
    #[command(after_help = "\
Example:
  visits parked discard letters/0192f0c1-… --note 'sent twice by a test; ticket 4711'")]
    Discard {
        /// services/{service}/parkedItems/{uuid}, or {service}/{uuid}
        item: String,
        /// Why, for the audit; no person's name
        #[arg(long)]
        note: String,
    },
}

const ROW: [Column; 7] = [
    column("ITEM", "/name"),
    column("KIND", "/kind"),
    column("CODE", "/code"),
    column("SUBJECT", "/subject"),
    column("PARKED", "/parkTime"),
    column("REASON", "/faultReason"),
    count("WAITING", "/waitingCount"),
];

const ITEM: [Column; 13] = [
    column("ITEM", "/name"),
    column("KIND", "/kind"),
    column("STATE", "/state"),
    column("CODE", "/code"),
    column("SUBJECT", "/subject"),
    column("AGGREGATE", "/aggregate"),
    column("AGGREGATE ID", "/aggregateId"),
    column("SEQUENCE", "/sequence"),
    column("ATTEMPTS", "/attempts"),
    column("RECEIVED", "/receiveTime"),
    column("PARKED", "/parkTime"),
    column("REASON", "/faultReason"),
    column("MESSAGE", "/faultMessage"),
];

const BEHIND: [Column; 4] = [
    column("WAITING EVENT", "/eventId"),
    column("TYPE", "/eventType"),
    column("SEQUENCE", "/sequence"),
    column("RECEIVED", "/receiveTime"),
];

pub(super) async fn run(context: &Context, command: ParkedCommand) -> Result<(), Failure> {
    let channel = client::connect(&context.global, Role::Operator).await?;
    let mut client = Client::new(channel);
    match command {
        ParkedCommand::List { services } => list(context, client, services).await,
        ParkedCommand::Show { item } => {
            let (name, service) = named(&item)?;
            let request = at_service(&service, pb::GetParkedItemRequest { name })?;
            let item = client.get_parked_item(request).await?.into_inner();
            context.output.show(&item, &ITEM)?;
            if item.waiting_events.is_empty() || context.output.format() != Format::Table {
                return Ok(());
            }
            context.output.text("")?;
            let waiting = &item.waiting_events;
            context.output.list("waitingEvents", waiting, &BEHIND)
        }
        ParkedCommand::Retry { item } => {
            let (name, service) = named(&item)?;
            let request_id = client::request_id(&context.global)?;
            let request = at_service(&service, pb::RetryParkedItemRequest { name, request_id })?;
            let item = client.retry_parked_item(request).await?;
            context.output.show(item.get_ref(), &ITEM)
        }
        ParkedCommand::Discard { item, note } => {
            let (name, service) = named(&item)?;
            let request = pb::DiscardParkedItemRequest {
                name,
                request_id: client::request_id(&context.global)?,
                note,
            };
            let item = client
                .discard_parked_item(at_service(&service, request)?)
                .await?;
            context.output.show(item.get_ref(), &ITEM)
        }
    }
}

async fn list(context: &Context, client: Client, asked: Vec<String>) -> Result<(), Failure> {
    let asks_for_all = asked.is_empty();
    let services = if asks_for_all {
        NAMES.iter().map(ToString::to_string).collect()
    } else {
        asked
    };
    let (mut found, mut silent, mut absent) = (Vec::new(), Vec::new(), 0);
    let mut nobody = Failure::invalid("--server", "holds none of the services");
    for service in &services {
        match list_one(client.clone(), service).await {
            Ok(items) => found.extend(items),
            // Another process holds it.
            Err(Failure::Refused(status)) if asks_for_all && status.code() == Code::NotFound => {
                absent += 1;
                if !context.global.quiet {
                    remark(&format!("{service} is not at this server"));
                }
            }
            Err(Failure::Refused(status)) if asks_for_all && status.code() == Code::Unavailable => {
                silent.push(service.as_str());
                nobody = Failure::Refused(status);
            }
            Err(failure) => return Err(failure),
        }
    }
    if absent + silent.len() == services.len() {
        return Err(nobody);
    }
    context.output.list("parkedItems", &found, &ROW)?;
    if silent.is_empty() {
        return Ok(());
    }
    let what = format!("did not answer: {}", silent.join(", "));
    Err(Failure::Partial(what))
}

async fn list_one(mut client: Client, service: &str) -> Result<Vec<pb::ParkedItem>, Failure> {
    let mut found = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = pb::ListParkedItemsRequest {
            parent: format!("services/{service}"),
            page_size: 100,
            page_token,
            ..pb::ListParkedItemsRequest::default()
        };
        let page = client
            .list_parked_items(at_service(service, request)?)
            .await?;
        let page = page.into_inner();
        found.extend(page.parked_items);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(found);
        }
    }
}

/// The item's whole name, and its service's.
fn named(given: &str) -> Result<(String, String), Failure> {
    let short = given.trim().replacen("/parkedItems/", "/", 1);
    let short = short.strip_prefix("services/").unwrap_or(&short);
    match short.split_once('/') {
        Some((service, id)) => {
            let name = format!("services/{service}/parkedItems/{id}");
            Ok((name, service.to_owned()))
        }
        None => Err(Failure::invalid(
            "item",
            "must be of the form services/{service}/parkedItems/{uuid} or {service}/{uuid}",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_named_whole_or_in_short() {
        let whole = "services/letters/parkedItems/7".to_owned();
        for given in [whole.as_str(), "letters/7", "services/letters/7"] {
            let named = named(given).expect("named");
            assert_eq!(named, (whole.clone(), "letters".to_owned()), "{given}");
        }
        assert!(named("7").is_err());
    }
}
