//! Derives again which timers and effects must exist, and arms what is missing (R5).

use async_trait::async_trait;
use visits_core::Fault;
use visits_durable::Sweep;

use crate::app::App;
use crate::domain::decide::expected_timers;
use crate::domain::timer::{Due, Timer};
use crate::store::{ground, search};

const BATCH: u64 = 200;

/// The sweep over letters on their way and over visits without a letter.
pub struct TimersSweep {
    app: App,
}

impl TimersSweep {
    /// The sweep of `app`.
    #[must_use]
    pub const fn new(app: App) -> Self {
        Self { app }
    }

    async fn letters(&self) -> Result<u64, Fault> {
        let (mut repairs, mut after) = (0, None);
        loop {
            let found = search::on_their_way(self.app.durable.loop_reads(), after, BATCH).await?;
            let Some(last) = found.last() else {
                return Ok(repairs);
            };
            after = Some(last.id);
            for letter in found {
                let expected = expected_timers(&letter.value, &self.app.setup.policy);
                let missing = self.missing(&letter.value.name(), expected).await?;
                let count = u64::try_from(missing.len()).unwrap_or(u64::MAX);
                if count > 0 && self.app.rearm_letter(letter, missing).await? {
                    repairs += count;
                }
            }
        }
    }

    async fn grounds(&self) -> Result<u64, Fault> {
        let (mut repairs, mut after) = (0, None);
        loop {
            let found = ground::page(self.app.durable.loop_reads(), after, BATCH).await?;
            let Some(last) = found.last() else {
                return Ok(repairs);
            };
            after = Some(last.id);
            for ground in found {
                let mut missing = Vec::new();
                for (kind, due, at) in ground.value.timers() {
                    let subject = ground.value.timer_subject(kind);
                    let timers = self.missing(&subject, vec![(due, at)]).await?;
                    missing.extend(timers.into_iter().map(|timer| (kind, timer)));
                }
                let count = u64::try_from(missing.len()).unwrap_or(u64::MAX);
                if count > 0 && self.app.rearm_ground(ground, missing).await? {
                    repairs += count;
                }
            }
        }
    }

    async fn missing(
        &self,
        subject: &str,
        expected: Vec<(Due, visits_core::Timestamp)>,
    ) -> Result<Vec<Timer>, Fault> {
        if expected.is_empty() {
            return Ok(Vec::new());
        }
        let pending = self.app.durable.pending_jobs(subject).await?;
        let is_missing = |due: Due| !pending.iter().any(|kind| kind == due.job());
        Ok(expected
            .into_iter()
            .filter(|(due, _)| is_missing(*due))
            .map(|(due, at)| Timer::Arm(due, at))
            .collect())
    }
}

#[async_trait]
impl Sweep for TimersSweep {
    async fn sweep(&self) -> Result<u64, Fault> {
        Ok(self.letters().await? + self.grounds().await?)
    }
}
