//! The audit of each service as auditors reach it: its pages, and its chain held against its hashes.
//! Reading it is itself an entry (R18).

use serde_json::{Value, json};
use visits_core::audited::{AuditSought, AuditVerdict, AuditedEntry, ChainPoint};
use visits_core::{Actor, Fault, Fields, Page, Role, SortKey, Timestamp};
use visits_proto::operations::v1 as proto;
use visits_proto::operations::v1::audit_entry::Outcome;
use visits_proto::timestamp;

use super::grpc::Operations;
use super::wire;
use crate::asked;
use crate::filter::{self, Op, Term};
use crate::order::Orders;
use crate::paging::{Listing, Paging};
use crate::policy::Action;

/// Read the audit, and hold it against its hashes.
pub const READ_AUDIT: Action = Action {
    name: "operations.auditEntries.read",
    roles: &[Role::Auditor],
    assigned: false,
};

const ENTRIES: Listing = Listing {
    orders: Orders {
        fields: &["name"],
        default: &[SortKey::descending("name")],
        key: "name",
    },
    page_default: 50,
    page_max: 200,
};
/// Entries of the chain that one call reads again: fewer than fit into its deadline.
const VERIFIED_AT_ONCE: u64 = 20_000;
const FIELDS: [&str; 5] = ["resource", "actor", "action", "outcome", "record_time"];

/// The audit of one service.
#[tonic::async_trait]
pub trait AuditTrail: Send + Sync + 'static {
    /// A page of the entries that are sought, and one more if there is another page.
    async fn entries(&self, sought: &AuditSought, page: &Page) -> Result<Vec<AuditedEntry>, Fault>;
    /// Reads at most `limit` rows of the chain again, after a row that is known.
    async fn verify(&self, after: ChainPoint, limit: u64) -> Result<AuditVerdict, Fault>;
    /// The present instant.
    fn now(&self) -> Timestamp;
    /// Keeps in the audit that `actor` read it.
    async fn was_read(
        &self,
        actor: &Actor,
        action: &str,
        resource: &str,
        detail: Value,
    ) -> Result<(), Fault>;
}

impl Operations {
    pub(super) async fn audit(
        &self,
        actor: &Actor,
        request: &proto::ListAuditEntriesRequest,
    ) -> Result<proto::ListAuditEntriesResponse, Fault> {
        let service = wire::parent(&request.parent)?;
        let held = self
            .permitted(actor, &READ_AUDIT, &service, &request.parent)
            .await?;
        let paging = Paging::read(&asked!(request).within(&service), &ENTRIES)?;
        let sought = sought(&request.filter)?;
        held.was_read(actor, READ_AUDIT.name, &request.parent, sought.detail())
            .await?;
        let mut entries = held.entries(&sought, &paging.page).await?;
        let next_page_token = paging.finish(&mut entries, AuditedEntry::part);
        let audit_entries = entries.into_iter().map(|found| entry(&service, found));
        Ok(proto::ListAuditEntriesResponse {
            audit_entries: audit_entries.collect(),
            next_page_token,
        })
    }

    pub(super) async fn verdict(
        &self,
        actor: &Actor,
        request: &proto::VerifyAuditRequest,
    ) -> Result<proto::AuditVerdict, Fault> {
        let service = wire::parent(&request.parent)?;
        let held = self
            .permitted(actor, &READ_AUDIT, &service, &request.parent)
            .await?;
        let (after, limit) = piece(request)?;
        let begun = after.place;
        let verdict = held.verify(after, limit).await?;
        let intact = verdict.is_intact();
        let detail = json!({
            "after": begun,
            "verified": verdict.rows,
            "intact": intact,
            "complete": !verdict.more,
        });
        held.was_read(actor, READ_AUDIT.name, &request.parent, detail)
            .await?;
        Ok(proto::AuditVerdict {
            name: request.parent.clone(),
            intact,
            entry_count: verdict.rows,
            broken_place: verdict.broken_at.unwrap_or_default(),
            complete: !verdict.more,
            head_hash: verdict.head,
            verify_time: Some(timestamp(held.now())),
        })
    }
}

/// Where a piece of the chain begins, and how long it is at most.
fn piece(request: &proto::VerifyAuditRequest) -> Result<(ChainPoint, u64), Fault> {
    let mut fields = Fields::new();
    let place = request.after_place;
    if place < 0 {
        fields.violate("after_place", "must not be below 0");
    }
    let hash = request.after_hash.to_ascii_lowercase();
    let is_hash = hash.len() == 64 && hash.bytes().all(|digit| digit.is_ascii_hexdigit());
    if place > 0 && !is_hash {
        fields.violate("after_hash", "must be the 64 hexadecimal digits of a hash");
    } else if place == 0 && !hash.is_empty() {
        fields.violate(
            "after_hash",
            "must be empty: nothing is before the first entry",
        );
    }
    let limit = match u64::try_from(request.page_size) {
        Ok(0) => VERIFIED_AT_ONCE,
        Ok(size) => size.min(VERIFIED_AT_ONCE),
        Err(_) => {
            fields.violate("page_size", "must not be below 0");
            VERIFIED_AT_ONCE
        }
    };
    fields.finish()?;
    Ok((ChainPoint { place, hash }, limit))
}

fn entry(service: &str, found: AuditedEntry) -> proto::AuditEntry {
    let outcome = if found.refused {
        Outcome::Refused
    } else {
        Outcome::Done
    };
    proto::AuditEntry {
        name: format!("services/{service}/auditEntries/{}", found.place),
        record_time: Some(timestamp(found.at)),
        actor: found.actor,
        cause: found.cause,
        action: found.action,
        resource: found.resource,
        outcome: outcome.into(),
        reason: found.reason,
        detail: found.detail.into_iter().collect(),
        hash: found.hash,
    }
}

fn sought(filter: &str) -> Result<AuditSought, Fault> {
    let mut sought = AuditSought::default();
    for term in filter::parse(filter, &FIELDS)? {
        match term.field.as_str() {
            "resource" => sought.resource = Some(term.equal()?.to_owned()),
            "actor" => sought.actor = Some(term.equal()?.to_owned()),
            "action" => sought.action = Some(term.equal()?.to_owned()),
            "outcome" => sought.refused = Some(is_refused(&term)?),
            _ => within(&mut sought, &term)?,
        }
    }
    Ok(sought)
}

fn is_refused(term: &Term) -> Result<bool, Fault> {
    match term.equal()? {
        "DONE" => Ok(false),
        "REFUSED" => Ok(true),
        _ => Err(term.refuse("must be DONE or REFUSED")),
    }
}

fn within(sought: &mut AuditSought, term: &Term) -> Result<(), Fault> {
    let at: Timestamp = term
        .value
        .parse()
        .map_err(|_| term.refuse("must be an instant such as \"2020-10-23T00:00:00Z\""))?;
    match term.op {
        Op::GreaterOrEqual => sought.from = Some(at),
        Op::Less => sought.before = Some(at),
        _ => return Err(term.refuse("only >= and < are supported")),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_names_who_what_how_it_ended_and_when() {
        let read = sought(
            "resource = \"cases/1\" AND actor = HMI-001 AND action = DecideNfd AND outcome = REFUSED \
             AND record_time >= \"2020-10-23T00:00:00Z\" AND record_time < \"2020-10-24T00:00:00Z\"",
        );
        let instant = |text: &str| Some(text.parse().expect("instant"));
        let expected = AuditSought {
            resource: Some("cases/1".to_owned()),
            actor: Some("HMI-001".to_owned()),
            action: Some("DecideNfd".to_owned()),
            refused: Some(true),
            from: instant("2020-10-23T00:00:00Z"),
            before: instant("2020-10-24T00:00:00Z"),
        };
        assert_eq!(read, Ok(expected));
        assert_eq!(sought(""), Ok(AuditSought::default()));
        for wrong in [
            "outcome = MAYBE",
            "actor != HMI-001",
            "record_time = \"2020-10-23T00:00:00Z\"",
            "record_time >= yesterday",
            "detail = x",
        ] {
            assert!(sought(wrong).is_err(), "{wrong}");
        }
    }
}
