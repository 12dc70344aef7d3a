//! The judge: opens what the last kill left, and holds it against the ledger.

mod checkpoints;
mod denials;
mod feeds;
mod order;
mod outside;
mod rows;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use visits::config;
use visits::demo::answered::Answered as _;
use visits::demo::cast::{self, Caller};
use visits::host::{Host, HostOptions};
use visits_core::{ManualClock, RandomIds, SignedDuration, Timestamp};
use visits_proto::escalation::v1 as escalation;
use visits_proto::recording::v1 as recording;
use visits_proto::scheduling::v1 as scheduling;
use visits_runtime::settings::Settings;

use crate::ledger::Line;
use crate::prelude::{BEGUN, Prelude};
use crate::watcher::Seen;

/// Longer than any lease.
const LEASES: SignedDuration = SignedDuration::from_secs(30);
/// Longer than anything waits that is tried again.
const RETRIES: SignedDuration = SignedDuration::from_mins(10);

/// What a run is judged by.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// What the callers know.
    pub ledger: Vec<Line>,
    /// What was there before.
    pub prelude: Prelude,
    /// What the watch saw.
    pub seen: Seen,
    /// The instant at the end.
    pub now: Timestamp,
    /// The events on the wire, and how often each; empty if nobody listened.
    pub wire: BTreeMap<String, u32>,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Findings {
    /// What is not as it must be.
    pub problems: Vec<String>,
    /// Timers that were due while the process was down, and fired.
    pub timers_fired: usize,
    /// Events that the watch and the feed agree on.
    pub events_watched: usize,
    /// Events that services have heard of each other.
    pub events_heard: usize,
    /// Timers and effects that are done.
    pub jobs_done: usize,
    /// Signed checkpoints of audits that the audits have.
    pub checkpoints_held: usize,
    /// Pages to the desk's contact that cases know of.
    pub pages_sent: usize,
    /// Times that somebody was refused what is not theirs.
    pub denied: usize,
    /// Warnings of deadlines that cases have given.
    pub warnings_given: usize,
}

/// The judge at work.
pub struct Judge {
    data: PathBuf,
    host: Host,
    evidence: Evidence,
    findings: Findings,
}

impl Judge {
    /// Opens the data folder and lets the loops finish what was left.
    ///
    /// # Errors
    /// If it can't be opened.
    pub async fn open(data: &Path, evidence: Evidence) -> anyhow::Result<Self> {
        Self::open_with(data, evidence, config::embedded()?).await
    }

    /// As [`Judge::open`], on the databases that the settings name.
    ///
    /// # Errors
    /// As [`Judge::open`].
    pub async fn open_with(
        data: &Path,
        mut evidence: Evidence,
        settings: Settings,
    ) -> anyhow::Result<Self> {
        // The last process died holding leases: they run out first.
        let clock = ManualClock::new(evidence.now + LEASES);
        evidence.now += LEASES + RETRIES;
        let host = Host::open(HostOptions {
            data: data.to_owned(),
            settings,
            clock: Arc::new(clock.clone()),
            ids: Arc::new(RandomIds),
        })
        .await?;
        host.settle().await?;
        while let Some(due) = host.next_due().await?.filter(|due| *due <= evidence.now) {
            clock.advance_to(due);
            host.settle().await?;
        }
        clock.advance_to(evidence.now);
        host.settle().await?;
        Ok(Self {
            data: data.to_owned(),
            host,
            evidence,
            findings: Findings::default(),
        })
    }

    /// Holds everything against the ledger.
    ///
    /// # Errors
    /// If something can't be read.
    pub async fn judge(mut self) -> anyhow::Result<Findings> {
        self.at_rest().await?;
        self.checkpoints().await?;
        self.plans().await?;
        self.inspectors().await?;
        self.answers().await?;
        self.cases().await?;
        self.stream().await?;
        self.rows().await?;
        self.host.close().await?;
        Ok(self.findings)
    }

    fn caller(&self, principal: &str) -> Caller {
        let actor = visits_core::Actor::new(principal, cast::role(principal));
        Caller::as_actor(&actor, self.host.channel_as(actor.clone()))
    }

    fn problem(&mut self, words: String) {
        self.findings.problems.push(words);
    }

    fn granted(&self, kind: &str) -> Vec<Line> {
        let lines = self.evidence.ledger.iter();
        lines
            .filter(|line| line.kind == kind && line.granted)
            .cloned()
            .collect()
    }

    /// Every granted mark is found exactly once, and nothing that nobody was granted.
    fn once(&mut self, kind: &str, found: &BTreeMap<String, usize>) {
        let granted = self.granted(kind);
        for line in &granted {
            match found.get(&line.mark) {
                Some(1) => {}
                Some(times) => self.problem(format!("{kind} {} is there {times} times", line.mark)),
                None => self.problem(format!("{kind} {} is lost", line.mark)),
            }
        }
        if granted.len() != found.len() {
            let (granted, found) = (granted.len(), found.len());
            self.problem(format!("{kind}: {granted} granted and {found} there"));
        }
    }

    async fn at_rest(&mut self) -> anyhow::Result<()> {
        for (service, health) in self.host.health().await? {
            if !health.is_settled() {
                self.problem(format!("{service} is not at rest: {health:?}"));
            }
        }
        let repairs = self.host.sweep().await?;
        if repairs > 0 {
            self.problem(format!("the sweep repaired {repairs} things"));
        }
        for durable in self.host.durables().to_vec() {
            let verdict = durable.verify_audit().await?;
            if verdict.broken_at.is_some() {
                self.problem(format!("audit of {}: {verdict:?}", durable.service()));
            }
        }
        Ok(())
    }

    async fn plans(&mut self) -> anyhow::Result<()> {
        let mut visits = Vec::new();
        let mut page_token = String::new();
        loop {
            let request = scheduling::ListVisitsRequest {
                page_size: 500,
                page_token,
                ..scheduling::ListVisitsRequest::default()
            };
            let mut client = self.caller("scheduler").scheduling();
            let page = client.list_visits(request).await.granted()?;
            visits.extend(page.visits);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        let before: Vec<&str> = self
            .evidence
            .prelude
            .begun
            .iter()
            .map(|b| b.visit.as_str())
            .collect();
        let planned: Vec<_> = visits
            .iter()
            .filter(|visit| !before.contains(&visit.name.as_str()))
            .collect();
        let by_school = count(planned.iter().map(|visit| visit.school.clone()));
        self.once("plan", &by_school);
        for line in self.granted("plan") {
            if !planned.iter().any(|visit| visit.name == line.answer) {
                self.problem(format!("{} was answered and is not there", line.answer));
            }
        }
        self.call_timers(&planned).await
    }

    async fn inspectors(&mut self) -> anyhow::Result<()> {
        let mut client = self.caller("scheduler").scheduling();
        let request = scheduling::ListInspectorsRequest {
            page_size: 500,
            ..scheduling::ListInspectorsRequest::default()
        };
        let mut all = client.list_inspectors(request.clone()).await.granted()?;
        let mut found = std::mem::take(&mut all.inspectors);
        while !all.next_page_token.is_empty() {
            let request = scheduling::ListInspectorsRequest {
                page_token: all.next_page_token.clone(),
                ..request.clone()
            };
            all = client.list_inspectors(request).await.granted()?;
            found.append(&mut all.inspectors);
        }
        let entered = found
            .iter()
            .map(|one| one.name.trim_start_matches("inspectors/").to_owned())
            .filter(|code| code.as_str() >= "HMI-500");
        self.once("inspector", &count(entered));
        Ok(())
    }

    async fn answers(&mut self) -> anyhow::Result<()> {
        let mut texts = Vec::new();
        let mut discussions = Vec::new();
        for visit in self.evidence.prelude.begun.iter().skip(BEGUN / 2) {
            let record = visit.visit.replacen("visits/", "visitRecords/", 1);
            let mut client = self.caller(&visit.lead).recording();
            let request = recording::GetVisitRecordRequest {
                name: record.clone(),
            };
            let whole = client.get_visit_record(request).await.granted()?;
            discussions.extend(whole.discussions.into_iter().map(|one| one.discussion_id));
            let mut page_token = String::new();
            loop {
                let request = recording::ListAnswersRequest {
                    parent: record.clone(),
                    page_size: 200,
                    page_token,
                    ..recording::ListAnswersRequest::default()
                };
                let page = client.list_answers(request).await.granted()?;
                texts.extend(page.answers.into_iter().map(|answer| answer.text));
                page_token = page.next_page_token;
                if page_token.is_empty() {
                    break;
                }
            }
        }
        let ours = texts
            .into_iter()
            .filter(|text| text.starts_with("Answer number "));
        self.once("answer", &count(ours));
        let opened = self.granted("discussion");
        for line in &opened {
            if !discussions.contains(&line.answer) {
                self.problem(format!("{} is lost", line.mark));
            }
        }
        // One of each visit was there before.
        let expected = opened.len() + BEGUN - BEGUN / 2;
        if discussions.len() != expected {
            self.problem(format!("{} discussions, not {expected}", discussions.len()));
        }
        Ok(())
    }

    async fn all_cases(&self) -> anyhow::Result<Vec<escalation::Case>> {
        let mut client = self.caller("duty-desk").escalation();
        let (mut cases, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = escalation::ListCasesRequest {
                page_size: 500,
                page_token,
                ..escalation::ListCasesRequest::default()
            };
            let page = client.list_cases(request).await.granted()?;
            cases.extend(page.cases);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return Ok(cases);
            }
        }
    }

    async fn cases(&mut self) -> anyhow::Result<()> {
        let cases = self.all_cases().await?;
        let concerns = cases.iter().flat_map(|case| &case.concerns);
        self.once(
            "concern",
            &count(concerns.map(|one| one.what_was_seen.clone())),
        );
        let calls = cases.iter().flat_map(|case| &case.calls);
        self.once("call", &count(calls.map(|one| one.summary.clone())));
        let taken_on = cases.iter().filter(|case| case.acknowledgement.is_some());
        self.once(
            "acknowledgement",
            &count(taken_on.map(|case| case.name.clone())),
        );
        let decided = cases.iter().filter(|case| case.decision.is_some());
        self.once("decision", &count(decided.map(|case| case.name.clone())));
        self.deadlines(&cases).await
    }
}

fn count(all: impl Iterator<Item = String>) -> BTreeMap<String, usize> {
    let mut counted = BTreeMap::new();
    for one in all {
        *counted.entry(one).or_default() += 1;
    }
    counted
}
