//! Many timers at once: visits that are copies of one that was planned by its own call, each with
//! copies of that one's timers.
//!
//! A million visits would take hours to plan by calls. What is copied is what a call has written:
//! the visit and its jobs, under other ids, schools and instants. Its event of having been planned,
//! its team's diaries and its audit row are not copied: no timer looks at them.

use anyhow::Context as _;
use visits_core::{SignedDuration, Timestamp};
use visits_durable::sea_orm::{
    ConnectionTrait as _, DatabaseConnection, DbBackend, QueryResult, Statement,
};

/// The kind of timer that falls due.
pub const KIND: &str = "scheduling.call_due";

/// What is armed.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// So many copies.
    pub visits: i64,
    /// So many of them are due in this run.
    pub due: i64,
    /// From the first that is due to the last.
    pub over: SignedDuration,
    /// When the first is due.
    pub first: Timestamp,
}

impl Wanted {
    /// When the last one is due.
    #[must_use]
    pub fn last(&self) -> Timestamp {
        self.first + self.over
    }
}

/// Copies the visit; how many timers are armed then.
///
/// # Errors
/// If the database refuses.
pub async fn arm(
    database: &DatabaseConnection,
    template: &str,
    wanted: &Wanted,
) -> anyhow::Result<i64> {
    let (first, over) = (wanted.first.as_microsecond(), wanted.over.as_micros());
    // What is not due in this run is due a year later.
    let copies = format!(
        "CREATE TABLE copies AS SELECT gen_random_uuid() AS id, 900000000 + n AS urn, \
         CASE WHEN n < {due} THEN {first} + n * {over} / {due} \
         ELSE {first} + 31536000000000 END AS due_at FROM generate_series(0::bigint, {visits} - 1) n",
        due = wanted.due,
        visits = wanted.visits,
    );
    let text = "to_char(to_timestamp(copies.due_at / 1000000.0) AT TIME ZONE 'UTC', \
                'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')";
    let visits = format!(
        "INSERT INTO visits SELECT copies.id, version, copies.urn::text, region, state, visit_date, \
         call_date, call_state, is_flagged, jsonb_set(body || jsonb_build_object('id', copies.id, \
         'school', copies.urn::text), '{{call,due_at}}', to_jsonb({text})) \
         FROM visits, copies WHERE visits.id = '{template}'"
    );
    // The day of the call stays, and with it the timers of its end.
    let jobs = format!(
        "INSERT INTO jobs SELECT gen_random_uuid(), kind, 'visits/' || copies.id, generation, \
         state, due, due, attempts, token, lease_until, payload, created_at, finished_at, note \
         FROM jobs, copies, LATERAL (SELECT CASE kind WHEN '{KIND}' THEN copies.due_at \
         ELSE jobs.due_at END AS due) moved \
         WHERE subject = 'visits/{template}' AND state = 'armed'"
    );
    for each in [
        copies.as_str(),
        &visits,
        &jobs,
        "ANALYZE visits",
        "ANALYZE jobs",
    ] {
        database.execute_unprepared(each).await?;
    }
    number(
        database,
        "SELECT COUNT(*) AS n FROM jobs WHERE state = 'armed'",
    )
    .await
}

/// How many that are due in this run are not done.
///
/// # Errors
/// If the database does not answer.
pub async fn left(database: &DatabaseConnection, wanted: &Wanted) -> anyhow::Result<i64> {
    let ask = format!(
        "SELECT (SELECT COUNT(*) FROM jobs WHERE state = 'armed' AND next_attempt_at <= {} \
         AND kind = '{KIND}') + (SELECT COUNT(*) FROM jobs WHERE state = 'claimed') AS n",
        wanted.last().as_microsecond()
    );
    number(database, &ask).await
}

/// The processes that are at work on timers at this moment, by the names of their sessions.
///
/// # Errors
/// If the database does not answer.
pub async fn at_work(database: &DatabaseConnection) -> anyhow::Result<Vec<String>> {
    let ask = "SELECT DISTINCT application_name AS name FROM pg_stat_activity \
               WHERE datname = current_database() AND application_name LIKE 'visits %' \
               AND state <> 'idle' AND query LIKE '%UPDATE \"jobs\"%'";
    let rows = database.query_all_raw(statement(ask)).await?;
    let names = rows.iter().map(|row| Ok(row.try_get("", "name")?));
    names.collect()
}

/// What came of the timers.
#[derive(Clone, Copy, Debug, serde::Serialize)]
pub struct Fired {
    /// Timers that are done.
    pub done: i64,
    /// Visits that have said once that their call is due.
    pub said_once: i64,
    /// Visits that have said it again.
    pub said_again: i64,
    /// Timers that were done before they were due.
    pub early: i64,
    /// Timers that were claimed more than once.
    pub claimed_again: i64,
    /// Half of them were no later than this many milliseconds.
    pub late_p50_ms: i64,
    /// All but one of a hundred.
    pub late_p99_ms: i64,
    /// All of them.
    pub late_max_ms: i64,
}

/// Holds jobs and events against what was armed.
///
/// # Errors
/// If the database does not answer.
pub async fn fired(database: &DatabaseConnection) -> anyhow::Result<Fired> {
    let jobs = format!(
        "SELECT COUNT(*) AS done, COUNT(*) FILTER (WHERE finished_at < jobs.due_at) AS early, \
         COUNT(*) FILTER (WHERE attempts > 1) AS claimed_again, \
         (percentile_disc(0.5) WITHIN GROUP (ORDER BY finished_at - jobs.due_at)) / 1000 AS p50, \
         (percentile_disc(0.99) WITHIN GROUP (ORDER BY finished_at - jobs.due_at)) / 1000 AS p99, \
         MAX(finished_at - jobs.due_at) / 1000 AS max \
         FROM jobs JOIN copies ON subject = 'visits/' || copies.id \
         WHERE kind = '{KIND}' AND state = 'done'"
    );
    let said = "SELECT COUNT(*) FILTER (WHERE times = 1) AS once, \
                COUNT(*) FILTER (WHERE times > 1) AS again FROM \
                (SELECT COUNT(*) AS times FROM outbox JOIN copies ON aggregate_id = copies.id \
                WHERE event_type LIKE '%.CallDue' GROUP BY aggregate_id) said";
    let jobs = one(database, &jobs).await?;
    let said = one(database, said).await?;
    Ok(Fired {
        done: jobs.try_get("", "done")?,
        said_once: said.try_get("", "once")?,
        said_again: said.try_get("", "again")?,
        early: jobs.try_get("", "early")?,
        claimed_again: jobs.try_get("", "claimed_again")?,
        late_p50_ms: jobs.try_get("", "p50")?,
        late_p99_ms: jobs.try_get("", "p99")?,
        late_max_ms: jobs.try_get("", "max")?,
    })
}

fn statement(ask: &str) -> Statement {
    Statement::from_string(DbBackend::Postgres, ask)
}

async fn one(database: &DatabaseConnection, ask: &str) -> anyhow::Result<QueryResult> {
    let row = database.query_one_raw(statement(ask)).await?;
    row.context("a row of figures")
}

async fn number(database: &DatabaseConnection, ask: &str) -> anyhow::Result<i64> {
    Ok(one(database, ask).await?.try_get("", "n")?)
}
