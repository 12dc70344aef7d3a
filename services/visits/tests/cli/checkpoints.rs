//! Signed checkpoints of the audit (R18): made by the process, held against by an auditor and at each
//! start, and what an owner of the database can't do to an audit unseen (X8, X34).

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use visits_durable::sea_orm::{
    ConnectionTrait as _, Database, DatabaseConnection, DbBackend, QueryResult, Statement,
};

use crate::served::{Served, folder, run, stderr, stdout};

const OF: [&str; 2] = ["--service", "escalation"];
/// Far longer than a row waits for its place in the chain.
const PATIENCE: Duration = Duration::from_secs(60);

fn data(folder: &Path) -> PathBuf {
    folder.join("visits-data")
}

fn checkpoints(folder: &Path) -> PathBuf {
    data(folder).join("checkpoints")
}

/// Serves in `folder` while `what` is done with the address.
fn while_served<T>(folder: &Path, what: impl FnOnce(&str) -> T) -> T {
    let served = Served::start(folder, &[]);
    let done = what(&served.address);
    assert_eq!(served.terminate(), Some(0));
    done
}

/// Reads the audit of escalation until three more entries have their place in it: reading is one.
fn three_entries_more(folder: &Path, server: &str) {
    let verify = ["audit", "verify", "--server", server, "--output", "json"];
    let mut wanted = None;
    let begun = Instant::now();
    loop {
        let read = run(folder, &[&verify[..], &OF].concat());
        assert!(read.status.success(), "{}", stderr(&read));
        let verdict: Value = serde_json::from_str(&stdout(&read)).expect("json");
        let count = verdict["auditVerdicts"][0]["entryCount"].as_str();
        let count: i64 = count.map_or(0, |count| count.parse().expect("a number"));
        let wanted = *wanted.get_or_insert(count + 3);
        if count >= wanted {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "{count} of {wanted}");
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("made");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).expect("copied");
        }
    }
}

/// A folder in which a server ran twice, and the database as it was in between.
struct Scene {
    folder: TempDir,
    backup: TempDir,
}

impl Scene {
    fn new() -> Self {
        let (folder, backup) = (folder(), self::folder());
        let path = folder.path();
        while_served(path, |server| three_entries_more(path, server));
        copy(&data(path), backup.path());
        while_served(path, |server| three_entries_more(path, server));
        Self { folder, backup }
    }

    /// A copy in which the owner of escalation's database has done something.
    async fn attacked(&self, how: Attack) -> TempDir {
        let copied = folder();
        copy(self.folder.path(), copied.path());
        let file = data(copied.path()).join("escalation.db");
        if how == Attack::BringsABackupBack {
            fs::copy(self.backup.path().join("escalation.db"), file).expect("copied");
            return copied;
        }
        let url = format!("sqlite://{}", file.display());
        let database = Database::connect(url).await.expect("a database");
        attack(&database, how).await;
        database.close().await.expect("closed");
        copied
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Attack {
    Edits,
    Deletes,
    Inserts,
    Swaps,
    CutsShort,
    WritesAnew,
    BringsABackupBack,
}

impl Attack {
    const ALL: [Self; 7] = [
        Self::Edits,
        Self::Deletes,
        Self::Inserts,
        Self::Swaps,
        Self::CutsShort,
        Self::WritesAnew,
        Self::BringsABackupBack,
    ];

    /// Whether the hashes alone give it away.
    fn breaks_the_chain(self) -> bool {
        !matches!(
            self,
            Self::CutsShort | Self::WritesAnew | Self::BringsABackupBack
        )
    }
}

async fn attack(database: &DatabaseConnection, how: Attack) {
    let statements = match how {
        Attack::Edits | Attack::WritesAnew => {
            "UPDATE audit SET actor = 'HMI-999' WHERE position = 2"
        }
        Attack::Deletes => "DELETE FROM audit WHERE position = 2",
        Attack::Inserts => {
            "UPDATE audit SET position = -position - 1 WHERE position >= 2; \
             UPDATE audit SET position = -position WHERE position < 0; \
             INSERT INTO audit (position, at, actor, cause, action, resource, outcome, detail, hash) \
             SELECT 2, at, 'HMI-999', cause, action, resource, outcome, detail, hash \
             FROM audit WHERE position = 1; \
             UPDATE counters SET value = value + 1 WHERE name = 'audit_chain'"
        }
        Attack::Swaps => {
            "UPDATE audit SET position = -2 WHERE position = 2; \
             UPDATE audit SET position = 2 WHERE position = 3; \
             UPDATE audit SET position = 3 WHERE position = -2"
        }
        Attack::CutsShort => {
            "DELETE FROM audit WHERE position > 2; UPDATE counters SET value = 2, \
             text = (SELECT hash FROM audit WHERE position = 2) WHERE name = 'audit_chain'"
        }
        Attack::BringsABackupBack => unreachable!("a matter of files"),
    };
    let done = database.execute_unprepared(statements).await;
    done.expect("attacked");
    if how == Attack::WritesAnew {
        write_hashes_anew(database).await;
    }
}

/// Gives every row the hash that it should have.
async fn write_hashes_anew(database: &DatabaseConnection) {
    let ask = "SELECT * FROM audit WHERE position IS NOT NULL ORDER BY position";
    let asked = Statement::from_string(DbBackend::Sqlite, ask);
    let mut before = String::new();
    for row in database.query_all_raw(asked).await.expect("rows") {
        let position: i64 = row.try_get("", "position").expect("a place");
        let said = json!([
            before,
            position,
            number(&row, "at"),
            text(&row, "actor"),
            text(&row, "cause"),
            text(&row, "action"),
            text(&row, "resource"),
            text(&row, "outcome"),
            text(&row, "reason"),
            row.try_get::<Value>("", "detail").expect("a detail")
        ]);
        before = hex::encode(Sha256::digest(said.to_string()));
        let write = format!("UPDATE audit SET hash = '{before}' WHERE position = {position}");
        database.execute_unprepared(&write).await.expect("written");
    }
    let head = format!("UPDATE counters SET text = '{before}' WHERE name = 'audit_chain'");
    database.execute_unprepared(&head).await.expect("written");
}

fn number(row: &QueryResult, column: &str) -> i64 {
    row.try_get("", column).expect("a number")
}

fn text(row: &QueryResult, column: &str) -> Option<String> {
    row.try_get("", column).expect("a text or nothing")
}

#[test]
fn r18_a_process_leaves_checkpoints_and_an_auditor_holds_the_audit_against_them() {
    let scene = Scene::new();
    let path = scene.folder.path();
    let key = stdout(&run(path, &["audit", "public-key"]));
    assert_eq!(key.trim().len(), 64, "{key}");
    let kept = checkpoints(path);
    let kept = kept.to_str().expect("a path");
    while_served(path, |server| {
        let verify = ["audit", "verify", "--server", server, "--checkpoints", kept];
        for with_key in [&[][..], &["--public-key", key.trim()]] {
            let held = run(path, &[&verify[..], &OF, with_key].concat());
            assert!(held.status.success(), "{}", stderr(&held));
            let said = stderr(&held);
            let (_, count) = said
                .split_once("escalation: checkpoints held: ")
                .expect("said");
            let (count, _) = count.split_once(", the latest of ").expect("said");
            // As each of two processes ended, and as one began if a row had no place yet.
            assert!(count.parse::<u32>().expect("a number") >= 2, "{said}");
        }
        let other = ["--public-key", &"8a".repeat(32)];
        let refused = run(path, &[&verify[..], &OF, &other].concat());
        assert_eq!(refused.status.code(), Some(3), "{}", stderr(&refused));
        assert!(stderr(&refused).contains("this key has not signed"));
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn r18_x34_nothing_that_the_owner_of_a_database_does_to_an_audit_stays_unseen() {
    let scene = Scene::new();
    for how in Attack::ALL {
        let attacked = scene.attacked(how).await;
        let path = attacked.path();
        // Or it would not start: what the next test is about.
        let kept = path.join("kept-by-the-auditor");
        fs::rename(checkpoints(path), &kept).expect("taken away");
        let kept = kept.to_str().expect("a path");
        while_served(path, |server| {
            let verify = ["audit", "verify", "--server", server];
            let alone = run(path, &[&verify[..], &OF].concat());
            let seen = alone.status.code() == Some(1);
            assert_eq!(seen, how.breaks_the_chain(), "{how:?}: {}", stderr(&alone));
            let held = run(path, &[&verify[..], &OF, &["--checkpoints", kept]].concat());
            assert_eq!(held.status.code(), Some(1), "{how:?}");
            let broken = "the audit is broken: services/escalation at ";
            assert!(stderr(&held).contains(broken), "{how:?}: {}", stderr(&held));
        });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn r18_x8_a_service_does_not_start_with_an_audit_that_lacks_its_last_checkpoint() {
    let scene = Scene::new();
    for how in [
        Attack::CutsShort,
        Attack::WritesAnew,
        Attack::BringsABackupBack,
    ] {
        let attacked = scene.attacked(how).await;
        let path = attacked.path();
        let refused = run(path, &["serve", "--listen", "127.0.0.1:0"]);
        assert_eq!(refused.status.code(), Some(6), "{how:?}");
        let said = stderr(&refused);
        assert!(said.contains("AUDIT_BEHIND_CHECKPOINT"), "{how:?}: {said}");
        // And goes on once somebody has taken the proof away, as the message says.
        fs::rename(checkpoints(path), path.join("proof")).expect("taken away");
        while_served(path, |_| {});
    }
    // A line that was cut off while it was written is no reason not to start.
    let file = checkpoints(scene.folder.path()).join("escalation.jws");
    let lines = fs::read_to_string(&file).expect("lines");
    fs::write(&file, format!("{lines}eyJ0")).expect("torn");
    while_served(scene.folder.path(), |server| {
        three_entries_more(scene.folder.path(), server);
    });
    let lines = fs::read_to_string(&file).expect("lines");
    let torn = lines.lines().position(|line| line == "eyJ0");
    let last = lines.lines().count() - 1;
    assert!(torn.is_some_and(|torn| torn < last), "{lines}");
}
