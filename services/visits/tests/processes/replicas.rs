//! Two processes of one service on one database: the second takes over where the first was killed.

use std::collections::BTreeSet;

use anyhow::{Context as _, bail};
use visits::demo::cast::DESK;
use visits::demo::stage::at;
use visits::demo::watch::Watch;
use visits_core::SignedDuration;
use visits_durable::sea_orm::{ConnectionTrait as _, Database, DbBackend, Statement};
use visits_proto::escalation::v1::case_event::Event;
use visits_proto::escalation::v1::{Case, CaseEvent};

use crate::deployment::{Calls as _, Deployment, binary, eventually};
use crate::play;

/// A lease ends so long after its holder was last heard of, by the clock of the deployment.
const LEASE: SignedDuration = SignedDuration::from_secs(5);

/// Who has the lease, and in which term.
async fn lease(all: &Deployment, name: &str) -> anyhow::Result<Option<(uuid::Uuid, i64)>> {
    let connection = Database::connect(all.database("escalation")).await?;
    let ask = format!("SELECT holder, term FROM leases WHERE name = '{name}'");
    let row = connection
        .query_one_raw(Statement::from_string(DbBackend::Postgres, ask))
        .await?;
    let lease = row
        .map(|row| Ok::<_, anyhow::Error>((row.try_get("", "holder")?, row.try_get("", "term")?)));
    connection.close().await?;
    lease.transpose()
}

/// Three visits on one day: school and team.
const PLANS: [(&str, [&str; 2]); 3] = [
    ("schools/900001", ["HMI-001", "HMI-002"]),
    ("schools/900002", ["HMI-003", "HMI-004"]),
    ("schools/900003", ["HMI-005", "HMI-006"]),
];

/// The lead of a visit raises a concern at one of the replicas.
async fn raise_at(
    all: &Deployment,
    address: &str,
    (visit, lead): &(String, &str),
) -> anyhow::Result<Case> {
    play::raised(all, &all.caller_at(lead, address)?, visit).await
}

fn raised(event: &Event) -> bool {
    matches!(event, Event::ConcernRaised(_))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_replica_that_leads_is_killed_the_other_goes_on_and_its_watch_misses_nothing()
-> anyhow::Result<()> {
    let all = Deployment::new(at(10, 12, 9, 0), binary).await?;
    let mut processes = all.start(&["scheduling", "recording", "escalation"])?;
    play::registers(&all).await?;
    let mut visits = Vec::new();
    for (school, team) in PLANS {
        let visit = play::planned(&all, school, team).await?;
        visits.push((visit, team[0]));
    }
    all.go_to(at(10, 19, 10, 0))?;
    for (visit, lead) in &visits {
        play::called(&all, visit, lead).await?;
    }
    all.go_to(at(10, 20, 10, 0))?;
    for (visit, lead) in &visits {
        play::arrived(&all, visit, lead).await?;
    }
    all.go_to(at(10, 20, 11, 20))?;
    let [alone, told, untold] = visits.as_slice() else {
        bail!("three visits were planned");
    };

    // The one leads already, with both leases, when the other comes; and stays in its term.
    let address = processes[2].address.clone();
    raise_at(&all, &address, alone).await?;
    let before = eventually("a replica leads", async || lease(&all, "sequencer").await).await?;
    let relay = eventually("a replica sends", async || lease(&all, "relay").await).await?;
    assert_eq!(relay, before);
    let survivor = all.start_replica("escalation")?;
    let mut watch = Watch::begin(all.caller_at(DESK, &survivor.address)?).await?;
    let mut lost = Watch::begin(all.caller_at(DESK, &address)?).await?;
    let told_case = raise_at(&all, &address, told).await?;
    lost.until(raised).await?;
    let mut seen = watch.until(raised).await?;
    assert_eq!(lease(&all, "sequencer").await?, Some(before));

    processes.pop().context("escalation")?.kill()?;
    // Committed while nobody leads: it gets its place when the dead one's lease is over.
    let untold_case = raise_at(&all, &survivor.address, untold).await?;
    all.go_to(all.now() + LEASE)?;
    seen.extend(watch.until(raised).await?);
    // Whoever watched at the dead one goes on at the other with the same token (R14).
    lost.go_on_at(all.caller_at(DESK, &survivor.address)?)
        .await?;
    let taken_up = lost.until(raised).await?;
    let id = |events: &[CaseEvent]| events.last().map(|event| event.event_id.clone());
    assert_eq!(id(&taken_up), id(&seen));
    assert_eq!(taken_up.len(), 1, "nothing of before comes again");
    for ((visit, lead), case) in [(untold, &untold_case), (told, &told_case)] {
        play::decided(&all, &survivor.address, case, lead).await?;
        play::recording_stopped(&all, visit, lead).await?;
    }
    for _ in 0..2 {
        let decided = |event: &Event| matches!(event, Event::NfdDecided(_));
        seen.extend(watch.until(decided).await?);
    }

    assert_each_once(&seen);
    for name in ["sequencer", "relay"] {
        let (holder, term) = lease(&all, name).await?.context("a lease")?;
        assert_ne!(holder, before.0, "{name} has passed to the survivor");
        assert_eq!(term, 2, "{name}");
    }
    Ok(())
}

/// No gap and no repeat: the positions of the cases' events follow each other (I8).
fn assert_each_once(seen: &[CaseEvent]) {
    let positions: Vec<i64> = seen.iter().map(|event| event.position).collect();
    let ids: BTreeSet<_> = seen.iter().map(|event| &event.event_id).collect();
    assert_eq!(ids.len(), seen.len(), "an event was seen twice");
    assert!(
        positions.windows(2).all(|pair| pair[1] == pair[0] + 1),
        "{positions:?}"
    );
}
