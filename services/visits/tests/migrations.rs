//! B8: while a build takes the place of the one before it, both are at work on the same tables. So each
//! migration leaves in place what the build before it reads and writes.

use std::collections::{BTreeMap, BTreeSet};

use visits_durable::sea_orm::{
    ConnectionTrait as _, Database, DatabaseConnection, DbBackend, QueryResult, Statement,
};
use visits_durable::sea_orm_migration::{MigrationTrait, MigratorTraitSelf};
use visits_testkit::postgres;

type Migrations = fn() -> Vec<Box<dyn MigrationTrait>>;

const SERVICES: [(&str, Migrations); 5] = [
    ("scheduling", visits_scheduling::migrations),
    ("recording", visits_recording::migrations),
    ("escalation", visits_escalation::migrations),
    ("letters", visits_letters::migrations),
    ("insights", visits_insights::migrations),
];

/// All of a service, one after the other.
struct Steps(Migrations);

impl MigratorTraitSelf for Steps {
    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        visits_durable::migrations(self.0)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Column {
    of_type: String,
    may_be_absent: bool,
    /// Whether who doesn't know it can write a row without it.
    fills_itself: bool,
}

/// What a build relies on.
#[derive(Default)]
struct Tables {
    columns: BTreeMap<(String, String), Column>,
    /// What a row must satisfy: the table, and the rule.
    rules: BTreeSet<(String, String)>,
}

const COLUMNS: &str = "SELECT table_name AS a, column_name AS b, data_type AS c, \
    (is_nullable = 'YES')::text AS d, \
    (is_nullable = 'YES' OR column_default IS NOT NULL OR is_identity = 'YES')::text AS e \
    FROM information_schema.columns WHERE table_schema = 'public'";
const RULES: &str = "SELECT tablename AS a, indexdef AS b FROM pg_indexes \
    WHERE schemaname = 'public' AND indexdef LIKE 'CREATE UNIQUE %' \
    UNION SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint \
    WHERE contype IN ('c', 'f', 'x') AND connamespace = 'public'::regnamespace";

async fn rows(database: &DatabaseConnection, ask: &str) -> Vec<QueryResult> {
    let ask = Statement::from_string(DbBackend::Postgres, ask);
    database.query_all_raw(ask).await.expect("asked")
}

fn text(row: &QueryResult, column: &str) -> String {
    row.try_get("", column).expect("text")
}

impl Tables {
    async fn of(database: &DatabaseConnection) -> Self {
        let mut tables = Self::default();
        for row in rows(database, COLUMNS).await {
            let column = Column {
                of_type: text(&row, "c"),
                may_be_absent: text(&row, "d") == "true",
                fills_itself: text(&row, "e") == "true",
            };
            let key = (text(&row, "a"), text(&row, "b"));
            tables.columns.insert(key, column);
        }
        for row in rows(database, RULES).await {
            tables.rules.insert((text(&row, "a"), text(&row, "b")));
        }
        tables
    }

    fn has(&self, table: &str) -> bool {
        self.columns.keys().any(|(known, _)| known == table)
    }

    /// What a build that knows only these would stumble over in `newer`.
    fn broken_by(&self, newer: &Self) -> Vec<String> {
        let mut broken = Vec::new();
        for ((table, name), column) in &self.columns {
            match newer.columns.get(&(table.clone(), name.clone())) {
                None => broken.push(format!("{table}.{name} is gone")),
                Some(now) if now.of_type != column.of_type => {
                    broken.push(format!("{table}.{name} is of another type"));
                }
                Some(now) if column.may_be_absent && !now.may_be_absent => {
                    broken.push(format!("{table}.{name} must be there now"));
                }
                Some(_) => {}
            }
        }
        for ((table, name), column) in &newer.columns {
            let is_new = !self.columns.contains_key(&(table.clone(), name.clone()));
            if is_new && self.has(table) && !column.fills_itself {
                broken.push(format!("{table}.{name} is new and can't be left out"));
            }
        }
        for (table, rule) in newer.rules.difference(&self.rules) {
            if self.has(table) {
                broken.push(format!("{table} has a new rule: {rule}"));
            }
        }
        broken
    }
}

async fn an_empty_database(service: &'static str) -> DatabaseConnection {
    let url = postgres::new_database(service, Vec::new).await;
    let database = Database::connect(url).await.expect("connected");
    let empty = "DROP SCHEMA public CASCADE; CREATE SCHEMA public";
    database.execute_unprepared(empty).await.expect("empty");
    database
}

#[tokio::test]
async fn b8_each_migration_leaves_in_place_what_the_build_before_it_uses() {
    let mut broken = Vec::new();
    for (service, migrations) in SERVICES {
        let database = an_empty_database("migrations").await;
        let steps = Steps(migrations);
        let mut before = Tables::default();
        for step in steps.migrations() {
            steps.up(&database, Some(1)).await.expect("migrated");
            let now = Tables::of(&database).await;
            let name = step.name();
            broken.extend(
                before
                    .broken_by(&now)
                    .into_iter()
                    .map(|what| format!("{service} {name}: {what}")),
            );
            before = now;
        }
        assert!(before.has("outbox"), "{service} has its tables");
    }
    assert_eq!(broken, Vec::<String>::new());
}

#[tokio::test]
async fn b8_what_would_break_the_build_before_is_found() {
    let database = an_empty_database("migrations").await;
    let begin = "CREATE TABLE cases (id integer PRIMARY KEY, note text, area text, region text)";
    database.execute_unprepared(begin).await.expect("made");
    let before = Tables::of(&database).await;
    for (change, found) in [
        ("ALTER TABLE cases ADD COLUMN more text", None),
        (
            "ALTER TABLE cases ADD COLUMN count integer NOT NULL DEFAULT 0",
            None,
        ),
        (
            "CREATE TABLE fresh (id integer PRIMARY KEY, must text NOT NULL CHECK (must <> ''))",
            None,
        ),
        ("CREATE INDEX by_note ON cases (note)", None),
        (
            "ALTER TABLE cases DROP COLUMN region",
            Some("cases.region is gone"),
        ),
        (
            "ALTER TABLE cases ALTER COLUMN note TYPE varchar(9)",
            Some("cases.note is of another type"),
        ),
        (
            "ALTER TABLE cases ALTER COLUMN area SET NOT NULL",
            Some("cases.area must be there now"),
        ),
        (
            "ALTER TABLE cases ADD COLUMN must text NOT NULL",
            Some("cases.must is new and can't be left out"),
        ),
        (
            "ALTER TABLE cases ADD CHECK (id > 0)",
            Some("cases has a new rule: CHECK ((id > 0))"),
        ),
    ] {
        let known = before.broken_by(&Tables::of(&database).await);
        database.execute_unprepared(change).await.expect("changed");
        let now = before.broken_by(&Tables::of(&database).await);
        let new: Vec<_> = now.iter().filter(|what| !known.contains(what)).collect();
        assert_eq!(new, found.iter().collect::<Vec<_>>(), "{change}");
    }
}
