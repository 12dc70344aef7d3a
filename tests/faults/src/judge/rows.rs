//! What the databases hold, row by row: sequences without gap or repeat, each event heard once by
//! each who hears it, one audit row for each transition, no timer before its time.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;
use visits::demo::cast::{corps, hmi};
use visits_bus::topology::GROUPS;
use visits_durable::Durable;
use visits_durable::sea_orm::{ConnectionTrait, QueryResult, Statement, TryGetable};

use super::{Judge, count};
use crate::intruders::{INTRUDER, INTRUDER_AT_THE_DESK};

/// The commands that are counted in the audit, by the kind of their lines in the ledger.
const AUDITED: [(&str, &str, &str); 5] = [
    ("concern", "escalation", "RaiseConcern"),
    ("acknowledgement", "escalation", "AcknowledgeCase"),
    ("call", "escalation", "LogDutyDeskCall"),
    ("decision", "escalation", "DecideNfd"),
    ("barrier", "scheduling", "AssignRoutineInspection"),
];

pub(super) async fn rows(
    reads: &impl ConnectionTrait,
    ask: &str,
) -> anyhow::Result<Vec<QueryResult>> {
    let ask = Statement::from_string(reads.get_database_backend(), ask);
    Ok(reads.query_all_raw(ask).await?)
}

pub(super) fn column<T: TryGetable>(row: &QueryResult, name: &str) -> anyhow::Result<T> {
    Ok(row.try_get("", name)?)
}

/// What a service has said: the ids of the events of each kind of aggregate.
type SaidBy = BTreeMap<String, BTreeSet<String>>;

impl Judge {
    /// Holds the rows of every database against each other and against the ledger.
    pub(super) async fn rows(&mut self) -> anyhow::Result<()> {
        let durables = self.host.durables().to_vec();
        let mut said = SaidBy::new();
        for durable in &durables {
            self.outbox(durable, &mut said).await?;
            self.never_early(durable).await?;
        }
        self.ghosts(&said);
        for durable in &durables {
            self.inbox(durable, &said).await?;
        }
        for (kind, service, method) in AUDITED {
            let found = durables.iter().find(|one| one.service() == service);
            if let Some(durable) = found {
                self.audited(durable, kind, method).await?;
            }
        }
        for durable in &durables {
            match durable.service() {
                "escalation" => {
                    self.barriers(durable, "PutBarrier").await?;
                    self.transitions(durable).await?;
                    self.pages(durable).await?;
                    self.words_of_deadlines(durable).await?;
                    self.denials(durable, INTRUDER_AT_THE_DESK).await?;
                }
                "recording" => {
                    self.barriers(durable, "BarInspector").await?;
                    self.denials(durable, INTRUDER).await?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Positions and each aggregate's own numbers are 1, 2, 3 … (I7, I8).
    async fn outbox(&mut self, durable: &Durable, said: &mut SaidBy) -> anyhow::Result<()> {
        let ask = "SELECT id, aggregate, aggregate_id, aggregate_sequence, position FROM outbox \
                   ORDER BY position";
        let mut last: BTreeMap<String, i64> = BTreeMap::new();
        for (index, row) in rows(durable.reads(), ask).await?.iter().enumerate() {
            let position: Option<i64> = column(row, "position")?;
            if position != Some(i64::try_from(index)? + 1) {
                let service = durable.service();
                self.problem(format!("{service}: {position:?} where {index} + 1 was due"));
                break;
            }
            let aggregate: String = column(row, "aggregate")?;
            let of: Uuid = column(row, "aggregate_id")?;
            let number: i64 = column(row, "aggregate_sequence")?;
            let before = last.entry(format!("{aggregate} {of}")).or_default();
            if number != *before + 1 {
                let before = *before;
                self.problem(format!("{aggregate} {of}: {number} comes after {before}"));
            } else {
                *before = number;
            }
            let id: Uuid = column(row, "id")?;
            said.entry(aggregate).or_default().insert(id.to_string());
        }
        Ok(())
    }

    /// Nothing went over the wire that no step had said (I3), and all that was said did.
    fn ghosts(&mut self, said: &SaidBy) {
        let heard = self.evidence.wire.clone();
        if heard.is_empty() {
            return;
        }
        let said: BTreeSet<&String> = said.values().flatten().collect();
        for id in heard.keys().filter(|id| !said.contains(id)) {
            self.problem(format!("event {id} was on the wire and nobody has said it"));
        }
    }

    /// Who hears a kind of aggregate has heard all that was said about it, each event once, and has
    /// done something about each (I1, I2, I7).
    async fn inbox(&mut self, durable: &Durable, said: &SaidBy) -> anyhow::Result<()> {
        let service = durable.service();
        let Some(group) = GROUPS.iter().find(|group| group.name == service) else {
            return Ok(());
        };
        let ask = "SELECT event_id, state FROM inbox";
        let mut heard = BTreeSet::new();
        for row in rows(durable.reads(), ask).await? {
            let id: Uuid = column(&row, "event_id")?;
            let state: String = column(&row, "state")?;
            if !matches!(state.as_str(), "done" | "noted") {
                self.problem(format!("{service}: event {id} is {state}"));
            }
            if !heard.insert(id.to_string()) {
                self.problem(format!("{service}: event {id} is there twice"));
            }
        }
        let nothing = BTreeSet::new();
        let of_group = |kind: &&'static str| said.get(*kind).unwrap_or(&nothing).iter();
        let due: BTreeSet<String> = group
            .aggregates
            .iter()
            .flat_map(of_group)
            .cloned()
            .collect();
        let (lost, strange) = (
            due.difference(&heard).count(),
            heard.difference(&due).count(),
        );
        if lost + strange > 0 {
            self.problem(format!("{service}: {lost} events lost, {strange} strange"));
        }
        self.findings.events_heard += heard.len();
        Ok(())
    }

    /// No timer was done before it was due (I4).
    async fn never_early(&mut self, durable: &Durable) -> anyhow::Result<()> {
        let ask = "SELECT kind, subject FROM jobs WHERE state = 'done' AND finished_at < due_at";
        for row in rows(durable.reads(), ask).await? {
            let (kind, subject): (String, String) =
                (column(&row, "kind")?, column(&row, "subject")?);
            self.problem(format!("{kind} of {subject} was early"));
        }
        let ask = "SELECT COUNT(*) AS done FROM jobs WHERE state = 'done'";
        for row in rows(durable.reads(), ask).await? {
            let done: i64 = column(&row, "done")?;
            self.findings.jobs_done += usize::try_from(done)?;
        }
        Ok(())
    }

    /// Each command that was granted has its row in the audit, once (I6, I10).
    async fn audited(&mut self, durable: &Durable, kind: &str, method: &str) -> anyhow::Result<()> {
        let ask = format!(
            "SELECT COUNT(*) AS found FROM audit WHERE cause = 'request:{method}' \
             AND outcome = 'done'"
        );
        let granted = i64::try_from(self.granted(kind).len())?;
        for row in rows(durable.reads(), &ask).await? {
            let found: i64 = column(&row, "found")?;
            if found != granted && granted > 0 {
                self.problem(format!("{method}: {granted} granted, {found} in the audit"));
            }
        }
        Ok(())
    }

    /// Each version of a case is a transition, and each has its row in the audit (I6).
    async fn transitions(&mut self, durable: &Durable) -> anyhow::Result<()> {
        let ask = "SELECT resource FROM audit WHERE outcome = 'done' AND resource LIKE 'cases/%'";
        let mut audited: BTreeMap<String, i64> = BTreeMap::new();
        for row in rows(durable.reads(), ask).await? {
            let resource: String = column(&row, "resource")?;
            *audited.entry(resource).or_default() += 1;
        }
        for row in rows(durable.reads(), "SELECT id, version FROM cases").await? {
            let id: Uuid = column(&row, "id")?;
            let version: i64 = column(&row, "version")?;
            let rows = audited.get(&format!("cases/{id}")).copied().unwrap_or(0);
            if rows != version {
                self.problem(format!("cases/{id}: version {version}, {rows} audit rows"));
            }
        }
        Ok(())
    }

    /// Each barrier that scheduling said was put up once.
    async fn barriers(&mut self, durable: &Durable, action: &str) -> anyhow::Result<()> {
        if self.granted("barrier").is_empty() {
            return Ok(());
        }
        let ask = format!("SELECT resource, detail FROM audit WHERE action = '{action}'");
        let (ours, mut put) = (hmi(corps()), Vec::new());
        for row in rows(durable.reads(), &ask).await? {
            let resource: String = column(&row, "resource")?;
            let detail: serde_json::Value = column(&row, "detail")?;
            let text = |key: &str| detail[key].as_str().unwrap_or_default().to_owned();
            match resource.strip_prefix("inspectors/") {
                Some(inspector) if inspector == ours => {
                    put.push(format!("schools/{}", text("school")));
                }
                None if text("inspector") == ours => put.push(resource),
                _ => {}
            }
        }
        self.once("barrier", &count(put.into_iter()));
        Ok(())
    }
}
