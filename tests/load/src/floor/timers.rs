//! Looks for what is due, and closes it.

use std::time::Duration;

use visits_durable::sea_orm::sqlx::{self, Row as _};

use super::Floor;
use crate::figures::now_ms;

const BATCH: u64 = 500;
const WAIT_MAX_MS: f64 = 1_000.0;
/// Timers that are armed together are looked at together.
const TOGETHER: Duration = Duration::from_millis(5);
const AFTER_A_FAILURE: Duration = Duration::from_millis(200);
const CLOSE: &str = "
    WITH due AS (
        SELECT id FROM workflows WHERE state = 'timing' AND due_ms <= $1
        ORDER BY due_ms LIMIT 500 FOR UPDATE SKIP LOCKED),
    closed AS (
        UPDATE workflows SET state = 'closed', version = version + 1 FROM due
        WHERE workflows.id = due.id RETURNING workflows.id, workflows.due_ms)
    INSERT INTO outbox (payload)
    SELECT json_build_object('id', id, 'step', 'closed', 'due', due_ms,
        'at', extract(epoch FROM clock_timestamp()) * 1000)::text FROM closed";
const NEXT: &str = "SELECT min(due_ms) FROM workflows WHERE state = 'timing'";

pub(super) async fn run(floor: Floor) {
    loop {
        let now = now_ms() as i64;
        match sqlx::query(CLOSE).bind(now).execute(&floor.database).await {
            Ok(closed) if closed.rows_affected() > 0 => {
                floor.said.notify_one();
                if closed.rows_affected() >= BATCH {
                    continue;
                }
            }
            Ok(_) => {}
            Err(error) => {
                eprintln!("timers: {error}");
                tokio::time::sleep(AFTER_A_FAILURE).await;
            }
        }
        let next = sqlx::query(NEXT).fetch_one(&floor.database).await;
        let due: Option<i64> = next.ok().and_then(|row| row.try_get(0).ok()).flatten();
        let wait = due.map_or(WAIT_MAX_MS, |due| {
            (due as f64 - now_ms()).clamp(1.0, WAIT_MAX_MS)
        });
        let armed = async {
            floor.armed.notified().await;
            tokio::time::sleep(TOGETHER).await;
        };
        let _ = tokio::time::timeout(Duration::from_secs_f64(wait / 1_000.0), armed).await;
    }
}
