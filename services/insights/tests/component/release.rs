//! The national picture: what it counts, and that it never changes.

use std::collections::BTreeMap;

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha20Rng;
use tonic::Code;
use uuid::Uuid;
use visits_proto::insights::v1::{
    ExportReleaseCsvRequest, GetReleaseRequest, GetReleaseTableRequest, ListReleasesRequest,
    Release, ReleaseTable,
};
use visits_proto::scheduling::v1::{Phase, PreviousGrade};

use visits_testkit::{Database, on_every_database};

use crate::world::{World, reason, visit};

async fn table(world: &World, release: &Release, slug: &str) -> ReleaseTable {
    let name = format!("{}/tables/{slug}", release.name);
    let answer = world
        .researcher()
        .get_release_table(GetReleaseTableRequest { name })
        .await;
    answer.expect("a table").into_inner()
}

async fn csv(world: &World, release: &Release, slug: &str) -> String {
    let name = format!("{}/tables/{slug}", release.name);
    let answer = world
        .researcher()
        .export_release_csv(ExportReleaseCsvRequest { name })
        .await;
    answer.expect("a file").into_inner().csv
}

async fn read(world: &World, name: &str) -> Release {
    let asked = GetReleaseRequest { name: name.into() };
    world
        .researcher()
        .get_release(asked)
        .await
        .expect("a release")
        .into_inner()
}

const PHASES: [(Phase, &str); 3] = [
    (Phase::Primary, "Primary"),
    (Phase::Secondary, "Secondary"),
    (Phase::AllThrough, "All-through"),
];
const GRADES: [(PreviousGrade, &str); 5] = [
    (PreviousGrade::Outstanding, "Outstanding"),
    (PreviousGrade::Good, "Good"),
    (PreviousGrade::RequiresImprovement, "Requires improvement"),
    (PreviousGrade::Inadequate, "Inadequate"),
    (PreviousGrade::NotKnown, "Not known"),
];

/// Visits of the generated term.
const VISITS: u128 = 120;

/// What the generator counted for itself.
#[derive(Default)]
struct Tally {
    cells: BTreeMap<(&'static str, &'static str), i64>,
    coded: i64,
    reading: i64,
    stopped: i64,
}

/// A visit of the generator's: what its school is counted by, and what becomes of it.
struct Planned {
    id: Uuid,
    urn: String,
    cell: (&'static str, &'static str),
    codes: Option<&'static [&'static str]>,
    converted: bool,
}

fn plan(visits: u128) -> Vec<Planned> {
    let mut chance = ChaCha20Rng::seed_from_u64(visits_testkit::seed());
    let planned = (1..=visits).map(|number| {
        let reads: &[&str] = if chance.random_bool(0.5) {
            &["theme-reading"]
        } else {
            &[]
        };
        Planned {
            id: visit(number),
            urn: (100_000 + number).to_string(),
            cell: (
                PHASES[chance.random_range(0..PHASES.len())].1,
                GRADES[chance.random_range(0..GRADES.len())].1,
            ),
            codes: chance.random_bool(0.6).then_some(reads),
            converted: chance.random_bool(0.1),
        }
    });
    planned.collect()
}

/// Holds a term of visits from the run's seed: some are coded, some converted after that.
async fn term(world: &World, visits: u128) -> Tally {
    let plan = plan(visits);
    for planned in &plan {
        let (phase_label, grade_label) = planned.cell;
        world.school(&planned.urn, |school| {
            let phase = PHASES.iter().find(|(_, label)| *label == phase_label);
            let grade = GRADES.iter().find(|(_, label)| *label == grade_label);
            school.phase = phase.map_or(0, |(phase, _)| (*phase).into());
            school.previous_grade = grade.map_or(0, |(grade, _)| (*grade).into());
        });
        world.held(planned.id, &planned.urn).await;
    }
    world.bench.settle().await;
    let mut tally = Tally::default();
    for (request, planned) in (10_000..).zip(&plan) {
        if let Some(codes) = planned.codes {
            let coded = world.code_given(planned.id, request, codes, "", "").await;
            coded.expect("coded");
        }
        if planned.converted {
            world.decided(planned.id, &planned.urn, true).await;
            world.stopped(planned.id, &planned.urn).await;
            tally.stopped += 1;
        } else {
            *tally.cells.entry(planned.cell).or_default() += 1;
            tally.coded += i64::from(planned.codes.is_some());
            tally.reading += i64::from(planned.codes.is_some_and(|codes| !codes.is_empty()));
        }
    }
    world.bench.settle().await;
    tally
}

async fn m2_m38_a_release_counts_a_term_of_generated_visits(database: Database) {
    let world = World::new(database).await;
    world.import_frame().await;
    let tally = term(&world, VISITS).await;
    let release = world.release(1, "2020-10-12").await.expect("a release");

    let visited: i64 = tally.cells.values().sum();
    assert_eq!(release.schools_visited, visited);
    assert_eq!(release.schools_coded, tally.coded);
    let conversion = release.conversion.clone().expect("counts");
    assert_eq!(
        (conversion.visits_begun, conversion.visits_stopped),
        (VISITS as i64, tally.stopped)
    );

    let composition = table(&world, &release, "composition-by-phase").await;
    for row in &composition.rows {
        let label = row.cells[0].text.as_str();
        let number = |column: usize| row.cells[column].number;
        let percents: Vec<i64> = (0..5).filter_map(|grade| number(3 + 2 * grade)).collect();
        let total: i64 = (0..5).filter_map(|grade| number(2 + 2 * grade)).sum();
        assert_eq!(number(1), Some(total), "{label}");
        if total > 0 {
            assert_eq!(percents.iter().sum::<i64>(), 100, "{label}");
        } else {
            assert_eq!(row.cells[3].text, "N/A", "{label}");
        }
        for (grade, (_, grade_label)) in GRADES.iter().enumerate() {
            if label != "All schools" {
                let expected = tally
                    .cells
                    .get(&(label, *grade_label))
                    .copied()
                    .unwrap_or(0);
                assert_eq!(
                    number(2 + 2 * grade),
                    Some(expected),
                    "{label} × {grade_label}"
                );
            }
        }
    }

    let themes = table(&world, &release, "themes").await;
    let reading = themes
        .rows
        .iter()
        .find(|row| row.cells[1].text == "Reading")
        .expect("a row");
    let words = format!("{} of {} schools", tally.reading, tally.coded);
    assert_eq!(
        (reading.cells[2].text.as_str(), reading.cells[2].number),
        (words.as_str(), Some(tally.reading))
    );

    let lines = csv(&world, &release, "composition-by-phase").await;
    assert!(lines.ends_with(&format!("Total,Total,{visited},100\r\n")));
    let lines = csv(&world, &release, "themes").await;
    assert!(lines.contains(&format!(
        "theme,theme-reading,Reading,{},{}\r\n",
        tally.reading, tally.coded
    )));
}

async fn m2_a_release_never_changes_and_a_later_one_supersedes_it(database: Database) {
    let world = World::new(database).await;
    world.import_frame().await;
    world.school("100001", |_| {});
    world.school("100002", |school| school.phase = Phase::Secondary.into());
    world.whole_visit(visit(1), "100001").await;
    let first = world.release(1, "2020-10-12").await.expect("the first");
    assert_eq!((first.number, first.superseded_by.as_str()), (1, ""));
    let tables = [
        table(&world, &first, "composition-by-phase").await,
        table(&world, &first, "themes").await,
    ];
    let file = csv(&world, &first, "composition-by-region").await;

    // The world goes on: another visit, a coding, a school that changes phase, a conversion.
    world.whole_visit(visit(2), "100002").await;
    world
        .code_given(visit(1), 2, &["theme-reading"], "", "")
        .await
        .expect("coded");
    world.school("100001", |school| school.phase = Phase::AllThrough.into());
    world.decided(visit(2), "100002", true).await;
    world.bench.settle().await;
    let second = world.release(3, "2020-10-12").await.expect("the second");
    assert_eq!((second.number, &second.supersedes), (2, &first.name));

    let after = read(&world, &first.name).await;
    assert_eq!(after.superseded_by, second.name);
    assert_eq!(after.content_digest, first.content_digest);
    let unlinked = Release {
        superseded_by: String::new(),
        ..after
    };
    assert_eq!(unlinked, first);
    assert_eq!(
        table(&world, &first, "composition-by-phase").await,
        tables[0]
    );
    assert_eq!(table(&world, &first, "themes").await, tables[1]);
    assert_eq!(csv(&world, &first, "composition-by-region").await, file);
    assert_ne!(second.content_digest, first.content_digest);
}

async fn m2_the_database_refuses_to_change_or_to_remove_a_release_or_a_frame(database: Database) {
    let world = World::new(database).await;
    world.import_frame().await;
    let release = world.release(1, "2020-10-12").await.expect("a release");
    for sql in [
        "UPDATE releases SET number = 7",
        "DELETE FROM releases",
        "UPDATE frames SET version = '2020-10'",
        "DELETE FROM frames",
    ] {
        let refused = world.write(sql).await.expect_err("a release never changes");
        assert!(
            refused.message.contains("never change"),
            "{}",
            refused.message
        );
    }
    assert_eq!(read(&world, &release.name).await, release);
}

async fn a_release_holds_the_visits_completed_by_the_end_of_its_last_day_in_england(
    database: Database,
) {
    let world = World::new(database).await;
    world.import_frame().await;
    for number in 1..=3 {
        world.school(&(100_000 + number).to_string(), |_| {});
    }
    // 23:30 and, an hour later, 00:30 in London, which is 23:30 by the clock of UTC.
    for (number, at) in [(1, "2020-10-14T22:30:00Z"), (2, "2020-10-14T23:30:00Z")] {
        world.bench.run_until(at).await;
        world
            .whole_visit(visit(number), &(100_000 + number).to_string())
            .await;
    }
    let release = world.release(1, "2020-10-14").await.expect("a release");
    assert_eq!(release.schools_visited, 1);
    let release = world
        .release(2, "2020-10-15")
        .await
        .expect("it is the 15th in London");
    assert_eq!(release.schools_visited, 2);
}

async fn a_release_is_refused_with_a_reason(database: Database) {
    let world = World::new(database).await;
    let refused = world.release(1, "2020-10-12").await.expect_err("no frame");
    assert_eq!(refused.code(), Code::NotFound);
    world.import_frame().await;
    let refused = world.release(2, "2020-10-13").await.expect_err("tomorrow");
    assert_eq!(
        (refused.code(), reason(&refused)),
        (Code::InvalidArgument, "RELEASE_DATE_IN_FUTURE")
    );
    world
        .release(3, "2020-10-12")
        .await
        .expect("an empty picture is a picture");
    let refused = world.release(4, "2020-10-11").await.expect_err("less far");
    assert_eq!(
        (refused.code(), reason(&refused)),
        (Code::FailedPrecondition, "RELEASE_DATE_BEFORE_LATEST")
    );
    let refused = world.release(5, "soon").await.expect_err("no date");
    assert_eq!(reason(&refused), "FIELDS_INVALID");
}

async fn a_repeated_request_makes_one_release(database: Database) {
    let world = World::new(database).await;
    world.import_frame().await;
    let first = world.release(1, "2020-10-12").await.expect("a release");
    assert_eq!(
        world.release(1, "2020-10-12").await.expect("the same"),
        first
    );
    let second = world.release(2, "2020-10-12").await.expect("another");
    assert_eq!(second.number, 2);

    let mut numbers = Vec::new();
    let mut asked = ListReleasesRequest {
        page_size: 1,
        ..Default::default()
    };
    loop {
        let page = world
            .researcher()
            .list_releases(asked.clone())
            .await
            .expect("a page")
            .into_inner();
        numbers.extend(
            page.releases
                .into_iter()
                .map(|release| (release.number, release.superseded_by)),
        );
        if page.next_page_token.is_empty() {
            break;
        }
        asked.page_token = page.next_page_token;
    }
    assert_eq!(numbers, [(2, String::new()), (1, second.name.clone())]);
    let oldest = ListReleasesRequest {
        page_size: 1,
        order_by: "number".into(),
        ..Default::default()
    };
    let oldest = world.researcher().list_releases(oldest).await;
    let oldest = &oldest.expect("a page").into_inner().releases[0];
    let superseded_by = oldest.superseded_by.as_str();
    assert_eq!((oldest.number, superseded_by), (1, second.name.as_str()));
    let unknown = GetReleaseRequest {
        name: format!("releases/{}", Uuid::from_u128(9)),
    };
    let refused = world
        .researcher()
        .get_release(unknown)
        .await
        .expect_err("no such release");
    assert_eq!(refused.code(), Code::NotFound);
    let name = format!("{}/tables/grades", first.name);
    let refused = world
        .researcher()
        .get_release_table(GetReleaseTableRequest { name })
        .await;
    assert_eq!(refused.expect_err("no such table").code(), Code::NotFound);
}

async fn m11_m5_nothing_of_a_release_names_a_school_or_a_grade_of_the_visit(database: Database) {
    let world = World::new(database).await;
    world.import_frame().await;
    world.school("100001", |_| {});
    world.whole_visit(visit(1), "100001").await;
    let release = world.release(1, "2020-10-12").await.expect("a release");
    for slug in ["composition-by-phase", "composition-by-region", "themes"] {
        let table = table(&world, &release, slug).await;
        let all = format!("{table:?} {}", csv(&world, &release, slug).await);
        for trace in ["100001", "Abbey", "phonics", &visit(1).to_string()] {
            assert!(!all.contains(trace), "{slug}: {trace}");
        }
        for column in &table.columns {
            assert!(!column.to_lowercase().contains("visit"), "{slug}: {column}");
        }
    }
}

on_every_database!(
    m2_m38_a_release_counts_a_term_of_generated_visits,
    m2_a_release_never_changes_and_a_later_one_supersedes_it,
    m2_the_database_refuses_to_change_or_to_remove_a_release_or_a_frame,
    a_release_holds_the_visits_completed_by_the_end_of_its_last_day_in_england,
    a_release_is_refused_with_a_reason,
    a_repeated_request_makes_one_release,
    m11_m5_nothing_of_a_release_names_a_school_or_a_grade_of_the_visit,
);
