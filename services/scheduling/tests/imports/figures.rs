use std::io::Cursor;
use std::time::Instant;

use visits_scheduling::import::SchoolFile;

use crate::data;

/// `cargo test --release -p visits-scheduling --test imports -- --ignored --nocapture figures`
#[test]
#[ignore = "a figure for people, not a check"]
fn figures_of_parsing_every_school_in_england() {
    let before = peak_kib();
    let file = data("gias/gias-layout-2020-09-26_england_21567rows.csv.gz");
    let started = Instant::now();
    let mut schools = SchoolFile::open(Cursor::new(file)).expect("GIAS");
    let mut rows = 0;
    loop {
        let chunk = schools.next_chunk(500).expect("readable");
        if chunk.is_empty() {
            break;
        }
        rows += chunk.len();
    }
    let took = started.elapsed();
    println!(
        "{rows} rows in {took:.0?}; peak memory {} KiB, {} KiB of it by the import",
        peak_kib(),
        peak_kib() - before
    );
}

/// The most memory that this process has held so far; 0 where the system doesn't say.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let figure = line.and_then(|line| line.split_whitespace().next());
    figure.and_then(|figure| figure.parse().ok()).unwrap_or(0)
}
