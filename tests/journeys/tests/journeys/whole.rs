//! The whole play: the national picture at its end, and told twice the same.

use std::path::Path;

use visits::demo::answered::Answered as _;
use visits::demo::data::Extract;
use visits::demo::teller::Audience;
use visits::demo::{DemoArgs, perform, play};
use visits_journeys::topology::Topology;
use visits_journeys::{SEED, assert_at_rest, on_every_topology};
use visits_proto::insights::v1 as insights;

const VISITS: u32 = 16;

on_every_topology!(
    m2_m30_m34_m38_the_national_picture_counts_completed_visits_and_stopped_ones_only_in_the_rate,
);

fn args(data: &Path) -> DemoArgs {
    DemoArgs {
        seed: SEED,
        visits: VISITS,
        data: data.to_owned(),
        json: false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_seed_tells_the_same_story_twice() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let args = args(&place.path().join("demo"));
    let told = Box::pin(perform(&args, Extract::Sample, Audience::Nobody)).await;
    let (first, figures) = told.expect("the play");
    let told = Box::pin(perform(&args, Extract::Sample, Audience::Nobody)).await;
    let (second, again) = told.expect("the play, again, in the same folder");
    assert_eq!(first.text(), second.text());
    assert_eq!(figures.story_sha256, again.story_sha256);
    assert_eq!(figures.breaches, 1);
    assert_eq!(figures.visits_stopped, 2);
    assert_eq!(figures.letters_published, 2);
    assert_eq!(figures.visits_completed, VISITS as usize + 1);
}

async fn m2_m30_m34_m38_the_national_picture_counts_completed_visits_and_stopped_ones_only_in_the_rate(
    topology: Topology,
) {
    let place = tempfile::tempdir().expect("a temporary folder");
    let mut stage = topology.stage(place.path()).await.expect("opened");
    let played = play::play(&mut stage, Extract::Sample, VISITS as usize)
        .await
        .expect("the play");
    let completed = i64::from(VISITS) + 1;
    let request = insights::GetReleaseRequest {
        name: played.release.name.clone(),
    };
    let mut client = stage.caller("auditor").insights();
    let release = client
        .get_release(request)
        .await
        .granted()
        .expect("the release");
    assert_eq!(release.schools_visited, completed);
    assert_eq!(release.schools_coded, completed);
    let rate = release.conversion.expect("a rate");
    assert_eq!((rate.visits_begun, rate.nfd_required), (completed + 2, 2));
    assert_eq!(rate.visits_stopped, 2);

    let request = insights::GetReleaseTableRequest {
        name: format!("{}/tables/composition-by-phase", release.name),
    };
    let table = client
        .get_release_table(request)
        .await
        .granted()
        .expect("the table");
    let number = |row: &insights::ReleaseTableRow, column: usize| row.cells[column].number;
    let all = table.rows.last().expect("a row of all");
    assert_eq!(number(all, 1), Some(completed));
    let by_phase: i64 = table.rows[..table.rows.len() - 1]
        .iter()
        .filter_map(|row| number(row, 1))
        .sum();
    assert_eq!(by_phase, completed);
    for row in table.rows.iter().filter(|row| number(row, 1) > Some(0)) {
        let percents: i64 = (3..row.cells.len())
            .step_by(2)
            .filter_map(|i| number(row, i))
            .sum();
        assert_eq!(percents, 100, "{:?}", row.cells[0].text);
    }
    assert_at_rest(&stage).await;
}
