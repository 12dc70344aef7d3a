//! X17, X19, X20: strangers who repeat what they have heard, rave, and watch without ever reading.

use anyhow::Context as _;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha20Rng;
use serde_json::json;
use visits_bus::topology::{GROUPS, SAID};
use visits_core::Role;
use visits_faults::caller::Caller;
use visits_faults::run::{self, Pace};
use visits_faults::stack::SLOTS;
use visits_faults::stack::broker::OwnBroker;
use visits_faults::stack::broker_marks::until;
use visits_faults::stack::broker_noise::Noise;
use visits_faults::stack::scene::Scene;
use visits_proto::escalation::v1 as pb;
use visits_proto::escalation::v1::escalation_service_client::EscalationServiceClient;
use visits_proto::operations::v1 as ops;
use visits_proto::operations::v1::operations_service_client::OperationsServiceClient;
use visits_testkit::deployment::SERVICES;

/// As often as one event is sent again at most.
const TIMES_MAX: usize = 50;
/// The process that is watched, and its replica.
const WATCHED: usize = 2;
const REPLICA: usize = 3;
/// Watches that are never read.
const WATCHES: usize = 20;
/// So much memory each of them may cost.
const MEMORY_EACH: u64 = 1024 * 1024;

/// What nobody can read, from nothing to something that only looks like an event.
const RAVINGS: [&[u8]; 5] = [
    b"",
    b"not JSON",
    b"\xff\xfe\x00",
    b"{\"specversion\":\"1.0\"}",
    b"[{\"specversion\":\"1.0\",\"id\":7}]",
];

/// What was done.
#[derive(Default)]
struct Done {
    repeated: usize,
    copies: usize,
    raved: usize,
    /// What one process has grown by, and its replica, which nobody watches so.
    grown: [u64; 2],
}

/// A watch that is opened and never read.
type Unread = tonic::Streaming<pb::WatchCasesResponse>;

/// Each of somebody else: one person may hold sixteen at most.
async fn unread(scene: &Scene, number: usize) -> anyhow::Result<(Caller, Unread)> {
    let desk = format!("duty-desk-{number}");
    let mut caller = Caller::new(&scene.stack.world(WATCHED), &desk, Role::DutyDesk);
    let mut client = EscalationServiceClient::new(caller.channel(None).await?);
    let watch = client.watch_cases(pb::WatchCasesRequest::default()).await?;
    Ok((caller, watch.into_inner()))
}

async fn memory(scene: &Scene) -> [u64; 2] {
    let of = async |slot| scene.stack.memory(slot).await.unwrap_or_default();
    [of(WATCHED).await, of(REPLICA).await]
}

/// How often messages came that nobody can read, as operators of the services see it.
async fn came_to_operators(scene: &Scene, give_up: bool) -> anyhow::Result<i64> {
    let mut came = 0;
    for service in SERVICES {
        let slot = SLOTS.iter().position(|(_, held)| held.contains(&service));
        let world = scene.stack.world(slot.context("somebody holds it")?);
        let mut caller = Caller::new(&world, "operator-1", Role::Operator);
        let mut client = OperationsServiceClient::new(caller.channel(None).await?);
        let request = ops::ListParkedItemsRequest {
            parent: format!("services/{service}"),
            filter: "kind = MESSAGE".to_owned(),
            page_size: 100,
            ..ops::ListParkedItemsRequest::default()
        };
        let items = client.list_parked_items(request).await?.into_inner();
        for item in items.parked_items {
            came += i64::from(item.attempts);
            if give_up {
                let request = ops::DiscardParkedItemRequest {
                    name: item.name,
                    request_id: world.request_id()?,
                    note: "ravings of a test".to_owned(),
                };
                client.discard_parked_item(request).await?;
            }
        }
    }
    Ok(came)
}

async fn make_noise(scene: &Scene, watches: &mut Vec<(Caller, Unread)>) -> anyhow::Result<Done> {
    let noise = Noise::begin(&scene.bus).await?;
    for number in 0..WATCHES {
        watches.push(unread(scene, number).await?);
    }
    let before = memory(scene).await;
    let mut done = Done::default();
    let mut chance = ChaCha20Rng::seed_from_u64(run::seed());
    until("there is something to repeat", async || {
        Ok(noise.copied() > 50)
    })
    .await?;
    let repeats = if run::is_long() { 1_000 } else { 60 };
    for number in 0..repeats {
        // Of any age: from the first that was ever heard to the last.
        let place = chance.random_range(0..noise.copied());
        let times = if number == 0 {
            TIMES_MAX
        } else {
            chance.random_range(1..=TIMES_MAX)
        };
        noise.repeat(place, times).await?;
        done.repeated += 1;
        done.copies += times;
        if number % 6 == 0 {
            let kind = &SAID[chance.random_range(0..SAID.len())];
            let types: Vec<String> = kind.event_types().collect();
            let raving = RAVINGS[done.raved % RAVINGS.len()];
            noise.rave(&types[0], raving).await?;
            let hears =
                |group: &&visits_bus::topology::Group| group.aggregates.contains(&kind.aggregate);
            done.raved += GROUPS.iter().filter(hears).count();
        }
        run::answers(scene, 3).await?;
    }
    run::answers(scene, 200).await?;
    let raved = i64::try_from(done.raved)?;
    let all_parked = async || Ok(came_to_operators(scene, false).await? >= raved);
    until("what nobody can read has come to operators", all_parked).await?;
    // They give it up: what waits for an operator is not at rest.
    came_to_operators(scene, true).await?;
    let after = memory(scene).await;
    done.grown = [0, 1].map(|one| after[one].saturating_sub(before[one]));
    // Noise makes no caller ask again: one of those who hear it dies, now that it has been measured.
    anyhow::ensure!(scene.stack.kill(REPLICA).await?, "it ran until then");
    run::answers(scene, 20).await?;
    scene.stack.start(REPLICA).await?;
    run::answers(scene, 20).await?;
    Ok(done)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "more than the ten minutes of CI's lane leave: tests/faults/long broker-noise runs it"]
async fn r10_r11_x17_x19_x20_repeaters_ravers_and_watchers_who_never_read_hurt_nobody() {
    let seed = run::seed();
    eprintln!("VISITS_TEST_SEED={seed}");
    let broker = OwnBroker::start().await.expect("a broker of its own");
    let scene = Scene::shared_with(seed, broker.url())
        .await
        .expect("a deployment");
    // They stay open until everything has been stopped.
    let mut watches = Vec::new();
    let noise = make_noise(&scene, &mut watches);
    let played = Box::pin(run::play(&scene, Pace::of_lane(), noise)).await;
    let played = played.expect("it is played");
    let mut report = run::judge(&scene, &played).await.expect("it is judged");
    let done = &played.outcome;
    report.figures["noise"] = json!({
        "events_repeated": done.repeated,
        "copies_sent": done.copies,
        "ravings_parked": done.raved,
        "watches_never_read": watches.len(),
        "watched_process_grew_by_bytes": done.grown[0],
        "its_replica_grew_by_bytes": done.grown[1],
    });
    eprintln!("{:#}", report.figures["noise"]);
    let more = done.grown[0].saturating_sub(done.grown[1]);
    let is_bounded = more <= MEMORY_EACH * WATCHES as u64;
    let shown = [(report.twice >= 30, "few events were repeated")];
    report.problems.extend(run::unmet(&shown));
    let good = report.problems.is_empty() && is_bounded;
    run::keep("broker-noise", good, &report.figures).expect("kept");
    scene.end(good).await;
    assert_eq!(report.problems, Vec::<String>::new(), "seed {seed}");
    assert!(is_bounded, "{more} bytes for {WATCHES} watches");
}
