//! `visits audit`: what was done, refused and read in a service, and whether its chain holds (R18).

use std::path::PathBuf;

use clap::Subcommand;
use clap::builder::PossibleValuesParser;
use indicatif::ProgressBar;
use tonic::Code;
use visits_core::Role;
use visits_core::audited::ChainPoint;
use visits_proto::operations::v1 as pb;
use visits_proto::operations::v1::operations_service_client::OperationsServiceClient;
use visits_runtime::auth::{CheckpointKey, Issuer};

use super::checkpoints::{Held, Signed};
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
  visits audit verify --checkpoints visits-data/checkpoints
  docker compose logs --no-log-prefix escalation | visits audit verify --checkpoints - --public-key 8a88…
  visits audit verify --service escalation --after 4711 --hash 3330133f…

The exit code is 1 if an entry is not what its hash says, is missing, or is not the one that was signed. Hashes
alone show what was changed; only checkpoints, which lie where the owner of the database can't reach them, show
that an audit was cut short, restored from an older backup or written anew.")]
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
        /// Hold it against the signed checkpoints in this file, folder or log ("-": what is piped in; repeat it for more)
        #[arg(long, conflicts_with = "after", value_name = "PATH")]
        checkpoints: Vec<PathBuf>,
        /// The key that they are signed with (see: visits audit public-key). Default: that of the data folder
        #[arg(long, requires = "checkpoints", value_name = "HEX")]
        public_key: Option<String>,
    },
    /// Print the public key that checkpoints of audits are read with
    #[command(after_help = "\
Examples:
  visits audit public-key
  visits audit public-key --config /etc/visits.toml

Run it where the deployment's key is, once, and keep what it prints with the auditor.")]
    PublicKey,
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
            let found = list(client(context).await?, &service, asked, limit).await?;
            context.output.list("auditEntries", &found, &ENTRY)
        }
        AuditCommand::Verify {
            services,
            after,
            hash,
            checkpoints,
            public_key,
        } => {
            if after.is_some() && services.len() > 1 {
                let what = "must name one service: a place is one of its chain";
                return Err(Failure::invalid("--service", what));
            }
            let held = if checkpoints.is_empty() {
                Held::default()
            } else {
                Held::read(&checkpoints, &key(context, public_key.as_deref())?)?
            };
            let from = ChainPoint {
                place: after.unwrap_or_default(),
                hash: hash.unwrap_or_default(),
            };
            verify(context, services, &from, &held).await
        }
        AuditCommand::PublicKey => {
            let issuer = existing_key(context)?;
            context.output.text(&hex::encode(issuer.public_key()))
        }
    }
}

async fn client(context: &Context) -> Result<Client, Failure> {
    let channel = client::connect(&context.global, Role::Auditor).await?;
    Ok(Client::new(channel))
}

/// The key that is given, or that of the data folder or the configuration.
fn key(context: &Context, given: Option<&str>) -> Result<CheckpointKey, Failure> {
    let Some(digits) = given else {
        return existing_key(context).map(|issuer| CheckpointKey::of(&issuer));
    };
    let what = "must have 64 hexadecimal digits, as visits audit public-key prints them";
    CheckpointKey::from_hex(digits).ok_or_else(|| Failure::invalid("--public-key", what))
}

fn existing_key(context: &Context) -> Result<Issuer, Failure> {
    let global = &context.global;
    client::issuer(global)?.ok_or_else(|| {
        let data = global.data.display();
        let what = format!(
            "is needed: {data} holds no key; visits audit public-key prints it where the key is"
        );
        Failure::invalid("--public-key", what)
    })
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
    asked: Vec<String>,
    from: &ChainPoint,
    held: &Held,
) -> Result<(), Failure> {
    let asks_for_all = asked.is_empty();
    let services = if asks_for_all {
        NAMES.iter().map(ToString::to_string).collect()
    } else {
        asked
    };
    let client = client(context).await?;
    let mut verdicts = Vec::new();
    for service in &services {
        let mut reading = Reading {
            client: client.clone(),
            service,
            line: progress(context),
        };
        let signed = held.of(service);
        let verdict = reading.through(from.clone(), signed).await;
        reading.line.finish_and_clear();
        match verdict {
            Ok((verdict, found)) => {
                if found.is_some() || !signed.is_empty() && !context.global.quiet {
                    remark(&found.unwrap_or_else(|| held_all(service, signed)));
                }
                verdicts.push(verdict);
            }
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

fn held_all(service: &str, signed: &[Signed]) -> String {
    let latest = signed.iter().map(|one| one.at).max().unwrap_or_default();
    let count = signed.len();
    format!("{service}: checkpoints held: {count}, the latest of {latest}")
}

/// A line on a terminal that says how far the reading has come.
fn progress(context: &Context) -> ProgressBar {
    if context.global.quiet || !somebody_watches() {
        return ProgressBar::hidden();
    }
    ProgressBar::new_spinner()
}

/// An audit that is read again.
struct Reading<'a> {
    client: Client,
    service: &'a str,
    line: ProgressBar,
}

impl Reading<'_> {
    /// To the chain's end, by way of each entry that was signed; and in words what of those is not
    /// as it was, if the hashes alone don't show it.
    async fn through(
        &mut self,
        mut from: ChainPoint,
        signed: &[Signed],
    ) -> Result<(pb::AuditVerdict, Option<String>), Failure> {
        let service = self.service;
        // Replicas sign the same place, and should say the same of it.
        for same in signed.chunk_by(|one, next| one.point.place == next.point.place) {
            let (place, at) = (same[0].point.place, same[0].at);
            let verdict = self.read(from, place).await?;
            if verdict.broken_place > 0 {
                return Ok((verdict, None));
            }
            let (end, hash) = (verdict.entry_count, verdict.head_hash.clone());
            if end < place {
                let words = format!("{service} ends at entry {end}: {place} were signed at {at}");
                return Ok((broken(verdict, end + 1), Some(words)));
            }
            if let Some(other) = same.iter().find(|one| one.point.hash != hash) {
                let at = other.at;
                let words = format!("{service}: entry {place} is not the one signed at {at}");
                return Ok((broken(verdict, place), Some(words)));
            }
            from = ChainPoint { place, hash };
        }
        Ok((self.read(from, i64::MAX).await?, None))
    }

    /// Piece by piece, to a place or to the chain's end.
    async fn read(&mut self, mut from: ChainPoint, to: i64) -> Result<pb::AuditVerdict, Failure> {
        loop {
            let verdict = self.piece(&from, to - from.place).await?;
            let is_there = verdict.entry_count >= to;
            if verdict.complete || verdict.broken_place > 0 || is_there {
                return Ok(verdict);
            }
            let message = format!("{}: {} entries", self.service, verdict.entry_count);
            self.line.set_message(message);
            self.line.tick();
            from = ChainPoint {
                place: verdict.entry_count,
                hash: verdict.head_hash,
            };
        }
    }

    /// As many entries as one call reads, or fewer.
    async fn piece(&mut self, from: &ChainPoint, limit: i64) -> Result<pb::AuditVerdict, Failure> {
        let asked = pb::VerifyAuditRequest {
            parent: format!("services/{}", self.service),
            after_place: from.place,
            after_hash: from.hash.clone(),
            page_size: i32::try_from(limit).unwrap_or(i32::MAX),
        };
        let request = names::at_service(self.service, asked)?;
        Ok(self.client.verify_audit(request).await?.into_inner())
    }
}

/// What was found, with the first entry that is not as it was signed.
fn broken(verdict: pb::AuditVerdict, place: i64) -> pb::AuditVerdict {
    pb::AuditVerdict {
        intact: false,
        broken_place: place,
        ..verdict
    }
}
