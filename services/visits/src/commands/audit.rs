//! `visits audit`: what was done, refused and read in a service, and whether its chain holds (R18).

use clap::Subcommand;
use clap::builder::PossibleValuesParser;
use indicatif::ProgressBar;
use tonic::Code;
use visits_core::Role;
use visits_proto::operations::v1 as pb;
use visits_proto::operations::v1::operations_service_client::OperationsServiceClient;

use super::{Context, names};
use crate::client::{self, CallerChannel};
use crate::failure::Failure;
use crate::output::{Column, column, count, note as remark, somebody_watches};
use crate::services::NAMES;

type Client = OperationsServiceClient<CallerChannel>;

/// What to do with the audit.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// List what was done, refused and read in a service, the newest first
    #[command(after_help = "\
Examples:
  visits audit list --service escalation
  visits audit list --service letters --filter 'actor = \"HMI-001\" AND outcome = REFUSED'
  visits audit list --service escalation --filter 'record_time >= \"2020-10-23T00:00:00Z\"' --order-by name")]
    List {
        /// Whose audit: each service keeps its own
        #[arg(long, value_parser = PossibleValuesParser::new(NAMES))]
        service: String,
        /// Terms joined by AND over resource, actor, action, outcome and record_time
        #[arg(long, default_value = "")]
        filter: String,
        /// By name, with " desc" or without
        #[arg(long, default_value = "")]
        order_by: String,
        /// How many at most
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// Hold each entry of an audit against its hash, which covers the entry before it
    #[command(after_help = "\
Examples:
  visits audit verify
  visits audit verify --service escalation --output json
  visits audit verify --service escalation --after 4711 --hash 3330133f…

The exit code is 1 if an entry is not what its hash says, or is missing. Keep the last ENTRIES and HASH
elsewhere: given back later, they show that the chain was not made anew.")]
    Verify {
        /// Only this service (repeat it for more). Default: all that the server has
        #[arg(long = "service", value_parser = PossibleValuesParser::new(NAMES))]
        services: Vec<String>,
        /// Go on after the entry of this place, of one service, which must have --hash
        #[arg(long, requires = "hash", requires = "services", value_name = "PLACE")]
        after: Option<i64>,
        /// The hash of that entry
        #[arg(long, requires = "after")]
        hash: Option<String>,
    },
}

const ENTRY: [Column; 7] = [
    column("ENTRY", "/name"),
    column("WHEN", "/recordTime"),
    column("WHO", "/actor"),
    column("WHAT", "/action"),
    column("TO WHAT", "/resource"),
    column("OUTCOME", "/outcome"),
    column("REASON", "/reason"),
];

const VERDICT: [Column; 6] = [
    column("AUDIT", "/name"),
    column("INTACT", "/intact"),
    count("ENTRIES", "/entryCount"),
    column("BROKEN AT", "/brokenPlace"),
    column("HASH", "/headHash"),
    column("READ", "/verifyTime"),
];

pub(super) async fn run(context: &Context, command: AuditCommand) -> Result<(), Failure> {
    let channel = client::connect(&context.global, Role::Auditor).await?;
    let client = Client::new(channel);
    match command {
        AuditCommand::List {
            service,
            filter,
            order_by,
            limit,
        } => {
            let asked = pb::ListAuditEntriesRequest {
                parent: format!("services/{service}"),
                filter,
                order_by,
                ..pb::ListAuditEntriesRequest::default()
            };
            let found = list(client, &service, asked, limit).await?;
            context.output.list("auditEntries", &found, &ENTRY)
        }
        AuditCommand::Verify {
            services,
            after,
            hash,
        } => {
            if after.is_some() && services.len() > 1 {
                let what = "must name one service: a place is one of its chain";
                return Err(Failure::invalid("--service", what));
            }
            let from = (after.unwrap_or_default(), hash.unwrap_or_default());
            verify(context, client, services, from).await
        }
    }
}

async fn list(
    mut client: Client,
    service: &str,
    mut asked: pb::ListAuditEntriesRequest,
    limit: usize,
) -> Result<Vec<pb::AuditEntry>, Failure> {
    let mut found = Vec::new();
    while found.len() < limit {
        asked.page_size = i32::try_from((limit - found.len()).min(200)).unwrap_or(200);
        let request = names::at_service(service, asked.clone())?;
        let page = client.list_audit_entries(request).await?.into_inner();
        found.extend(page.audit_entries);
        asked.page_token = page.next_page_token;
        if asked.page_token.is_empty() {
            break;
        }
    }
    Ok(found)
}

async fn verify(
    context: &Context,
    client: Client,
    asked: Vec<String>,
    (place, hash): (i64, String),
) -> Result<(), Failure> {
    let asks_for_all = asked.is_empty();
    let services = if asks_for_all {
        NAMES.iter().map(ToString::to_string).collect()
    } else {
        asked
    };
    let mut verdicts = Vec::new();
    for service in &services {
        let line = progress(context);
        let verdict = verify_one(client.clone(), service, (place, &hash), &line).await;
        line.finish_and_clear();
        match verdict {
            Ok(verdict) => verdicts.push(verdict),
            // Another process holds it.
            Err(Failure::Refused(status)) if asks_for_all && status.code() == Code::NotFound => {
                if !context.global.quiet {
                    remark(&format!("{service} is not at this server"));
                }
            }
            Err(failure) => return Err(failure),
        }
    }
    if verdicts.is_empty() {
        return Err(Failure::invalid("--server", "holds none of the services"));
    }
    context.output.list("auditVerdicts", &verdicts, &VERDICT)?;
    let broken: Vec<_> = verdicts.iter().filter(|verdict| !verdict.intact).collect();
    if broken.is_empty() {
        return Ok(());
    }
    let broken = broken.into_iter();
    let broken = broken.map(|verdict| format!("{} at {}", verdict.name, verdict.broken_place));
    let broken = broken.collect::<Vec<_>>().join(", ");
    Err(Failure::internal(format!("the audit is broken: {broken}")))
}

/// A line on a terminal that says how far the reading has come.
fn progress(context: &Context) -> ProgressBar {
    if context.global.quiet || !somebody_watches() {
        return ProgressBar::hidden();
    }
    ProgressBar::new_spinner()
}

/// Piece by piece, to the chain's end.
async fn verify_one(
    mut client: Client,
    service: &str,
    (place, hash): (i64, &str),
    line: &ProgressBar,
) -> Result<pb::AuditVerdict, Failure> {
    let mut asked = pb::VerifyAuditRequest {
        parent: format!("services/{service}"),
        after_place: place,
        after_hash: hash.to_owned(),
        page_size: 0,
    };
    loop {
        let request = names::at_service(service, asked.clone())?;
        let verdict = client.verify_audit(request).await?.into_inner();
        if verdict.complete {
            return Ok(verdict);
        }
        line.set_message(format!("{service}: {} entries", verdict.entry_count));
        line.tick();
        asked.after_place = verdict.entry_count;
        asked.after_hash = verdict.head_hash;
    }
}
