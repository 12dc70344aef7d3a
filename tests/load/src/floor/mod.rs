//! The floor: the least that keeps the workflow's promises on the same ground. tonic, sqlx and
//! lapin; one transaction a command, an outbox relay, a timer scan. No rules, no rights, no audit,
//! no inbox, no idempotency: a figure to measure against, not a model.

mod relay;
mod timers;

use std::sync::Arc;

use prost::Message;
use tokio::sync::Notify;
use tonic::Status;
use tonic::transport::Server;
use visits_durable::sea_orm::sqlx::postgres::PgPoolOptions;
use visits_durable::sea_orm::sqlx::{self, PgPool, Postgres, Transaction};

use crate::command::FloorArgs;
use crate::figures::now_ms;
use crate::unary;

/// Begins a workflow.
pub const START: &str = "/load.Floor/Start";
/// Tells it something.
pub const SIGNAL: &str = "/load.Floor/Signal";

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS workflows (
        id text PRIMARY KEY, state text NOT NULL, due_ms bigint, timer_ms bigint,
        version int NOT NULL DEFAULT 1);
    CREATE INDEX IF NOT EXISTS due ON workflows (due_ms) WHERE state = 'timing';
    CREATE TABLE IF NOT EXISTS outbox (
        serial bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, payload text NOT NULL)";

/// What the floor is told.
#[derive(Clone, PartialEq, Message)]
pub struct Command {
    /// The workflow.
    #[prost(string, tag = "1")]
    pub id: String,
    /// For a timer alone when it is due, else how long the workflow's timer is; in ms.
    #[prost(int64, tag = "2")]
    pub due_ms: i64,
    /// `full` or `timer`.
    #[prost(string, tag = "3")]
    pub mode: String,
    /// `duty` or `decide`.
    #[prost(string, tag = "4")]
    pub name: String,
}

/// What it answers.
#[derive(Clone, PartialEq, Message)]
pub struct Ack {
    /// The workflow.
    #[prost(string, tag = "1")]
    pub id: String,
}

#[derive(Clone)]
struct Floor {
    database: PgPool,
    said: Arc<Notify>,
    armed: Arc<Notify>,
}

/// Serves until it is killed.
pub async fn serve(args: &FloorArgs) -> anyhow::Result<()> {
    let database = PgPoolOptions::new()
        .max_connections(args.connections)
        .test_before_acquire(false)
        .connect(&args.database)
        .await?;
    sqlx::raw_sql(TABLES).execute(&database).await?;
    let floor = Floor {
        database,
        said: Arc::new(Notify::new()),
        armed: Arc::new(Notify::new()),
    };
    let relay = relay::Relay::connect(&args.bus).await?;
    tokio::spawn(relay.run(floor.database.clone(), floor.said.clone()));
    tokio::spawn(timers::run(floor.clone()));
    let (starting, signalled) = (floor.clone(), floor);
    let router =
        unary::method(START, move |command| start(starting.clone(), command))
            .merge(unary::method(SIGNAL, move |command| {
                signal(signalled.clone(), command)
            }));
    Server::builder()
        .tcp_nodelay(true)
        .add_routes(tonic::service::Routes::from(router))
        .serve(args.listen)
        .await?;
    Ok(())
}

async fn start(floor: Floor, command: Command) -> Result<Ack, Status> {
    let is_timer = command.mode == "timer";
    let mut tx = floor.database.begin().await.map_err(status)?;
    let written = sqlx::query(
        "INSERT INTO workflows (id, state, due_ms, timer_ms) VALUES ($1, $2, $3, $4) \
         ON CONFLICT DO NOTHING",
    )
    .bind(&command.id)
    .bind(if is_timer { "timing" } else { "raised" })
    .bind(is_timer.then_some(command.due_ms))
    .bind(command.due_ms)
    .execute(&mut *tx)
    .await
    .map_err(status)?;
    if written.rows_affected() == 1 && !is_timer {
        say(&mut tx, &command.id, "raised").await?;
    }
    tx.commit().await.map_err(status)?;
    if is_timer {
        floor.armed.notify_one();
    } else {
        floor.said.notify_one();
    }
    Ok(Ack { id: command.id })
}

async fn signal(floor: Floor, command: Command) -> Result<Ack, Status> {
    let is_duty = command.name == "duty";
    let change = if is_duty {
        "UPDATE workflows SET state = 'duty', version = version + 1 \
         WHERE id = $1 AND state = 'raised' AND $2 > 0"
    } else {
        "UPDATE workflows SET state = 'timing', due_ms = $2 + timer_ms, version = version + 1 \
         WHERE id = $1 AND state = 'duty'"
    };
    let mut tx = floor.database.begin().await.map_err(status)?;
    let changed = sqlx::query(change)
        .bind(&command.id)
        .bind(now_ms() as i64)
        .execute(&mut *tx)
        .await
        .map_err(status)?;
    if changed.rows_affected() == 1 {
        let step = if is_duty { "duty" } else { "decided" };
        say(&mut tx, &command.id, step).await?;
    }
    tx.commit().await.map_err(status)?;
    floor.said.notify_one();
    if !is_duty {
        floor.armed.notify_one();
    }
    Ok(Ack { id: command.id })
}

async fn say(tx: &mut Transaction<'_, Postgres>, id: &str, step: &str) -> Result<(), Status> {
    let payload = serde_json::json!({ "id": id, "step": step, "at": now_ms() }).to_string();
    sqlx::query("INSERT INTO outbox (payload) VALUES ($1)")
        .bind(payload)
        .execute(&mut **tx)
        .await
        .map_err(status)?;
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "map_err gives it away")]
fn status(error: sqlx::Error) -> Status {
    Status::internal(error.to_string())
}
