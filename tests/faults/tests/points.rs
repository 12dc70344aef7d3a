//! `kill -9` at every named point of the road, in processes of their own on PostgreSQL and RabbitMQ.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::json;
use visits_faults::campaign::{self, Kill};
use visits_faults::points::{ESCALATION, Plan, RECORDING, REPLICA, SCHEDULING};
use visits_faults::recovery::{self, Death};
use visits_faults::run::{self, BRISK};
use visits_faults::stack::scene::Scene;

/// Each slot's own plans.
const PLANS: [&[Plan]; 4] = [SCHEDULING, RECORDING, ESCALATION, REPLICA];

async fn kill_everywhere(scene: &Scene) -> anyhow::Result<Vec<Kill>> {
    let kill = |slot: usize| campaign::kill_at_each(&scene.stack, slot, PLANS[slot]);
    let (one, two, three, four) = tokio::try_join!(kill(0), kill(1), kill(2), kill(3))?;
    Ok([one, two, three, four].concat())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r1_r7_r8_r11_a_kill_at_every_point_loses_nothing_and_doubles_nothing() {
    let seed = run::seed();
    eprintln!("VISITS_TEST_SEED={seed}");
    let scene = Scene::shared(seed).await.expect("a deployment");
    let played = Box::pin(run::play(&scene, BRISK, kill_everywhere(&scene)));
    let played = played.await.expect("it is played");
    let mut report = run::judge(&scene, &played).await.expect("it is judged");

    let kills = &played.outcome;
    let hit = kills.iter().filter(|kill| kill.hit).count();
    let deaths: Vec<Death> = kills.iter().map(|kill| kill.death.clone()).collect();
    let back = recovery::answered_again(&deaths, &scene.stack.counters().attempts());
    let killed = json!({
        "planned": kills.len(),
        "hit": hit,
        "recovery": recovery::figures(&scene.stack, &deaths, &played.first),
    });
    eprintln!("{killed:#}");
    report.figures["kills"] = killed;
    let shown = [(!back.is_empty(), "nobody was answered after a death")];
    report.problems.extend(run::unmet(&shown));
    report.took_too_long(recovery::too_late(&back));
    let good = report.problems.is_empty() && hit == kills.len();
    run::keep("points", good, &report.figures).expect("kept");
    scene.end(good).await;
    assert_eq!(report.problems, Vec::<String>::new(), "seed {seed}");
    assert_eq!(campaign::missed(kills), BTreeMap::new(), "seed {seed}");
}

/// The names of the points in the code of the services.
fn points_in(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            points_in(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs")
            && !path.ends_with("kill_point.rs")
        {
            let text = std::fs::read_to_string(&path).expect("a text");
            for call in text.split("kill_point").skip(1) {
                let call = call.trim_start_matches("_of");
                if let Some(name) = call
                    .strip_prefix("(\"")
                    .and_then(|rest| rest.split('"').next())
                {
                    found.insert(name.to_owned());
                }
            }
        }
    }
}

#[test]
fn every_point_of_the_road_is_planned_and_there_are_sixty_at_least() {
    let services = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../services");
    let mut there = BTreeSet::new();
    points_in(&services, &mut there);
    let planned: BTreeSet<String> = PLANS
        .iter()
        .flat_map(|plans| plans.iter().map(|plan| plan.name().to_owned()))
        .collect();
    assert_eq!(there, planned);
    assert!(planned.len() >= 60, "{} names", planned.len());
    let kills: usize = PLANS.iter().map(|plans| plans.len()).sum();
    assert!(kills >= 60, "{kills} kills");
}
