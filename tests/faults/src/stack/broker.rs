//! A RabbitMQ of a test's own, which it may trouble as it likes.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use tempfile::TempDir;
use tokio::task::spawn_blocking;
use visits_testkit::rabbit::Broker;

/// What a broker may lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lack {
    /// Room in memory.
    Memory,
    /// Room on its disk.
    Disk,
}

/// The broker; stopped when dropped.
pub struct OwnBroker {
    broker: Broker,
    folder: TempDir,
}

impl OwnBroker {
    /// A new broker on ports of its own.
    ///
    /// # Errors
    /// If it can't be started.
    pub async fn start() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().to_owned();
        let broker = spawn_blocking(move || Broker::start(&path)).await?;
        Ok(Self { broker, folder })
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> String {
        self.broker.url()
    }

    /// Runs what takes seconds elsewhere: the load is in the same task, and goes on.
    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Broker) -> T + Send + 'static,
    ) -> anyhow::Result<T> {
        let broker = self.broker.clone();
        Ok(spawn_blocking(move || work(&broker)).await?)
    }

    /// What an Erlang expression is to it, as text.
    async fn ask(&self, expression: &str) -> anyhow::Result<String> {
        let expression = expression.to_owned();
        Ok(self.with(move |broker| broker.eval(&expression)).await??)
    }

    /// Closes every connection, as an operator does; how many there were.
    ///
    /// # Errors
    /// If the broker can't be told.
    pub async fn close_all(&self) -> anyhow::Result<usize> {
        let end = "rabbit_networking:close_connection(P, \"cut by a test\")";
        let all = "rabbit_networking:connections_local()";
        let number = self.ask(&format!("length([{end} || P <- {all}]).")).await?;
        Ok(number.parse()?)
    }

    /// Lets it have no memory or no disk left, or enough again: without, it takes nothing from anybody.
    ///
    /// # Errors
    /// If it can't be told.
    pub async fn alarm(&self, lacks: Lack, on: bool) -> anyhow::Result<()> {
        let (set, none, enough, named) = match lacks {
            Lack::Memory => (
                "vm_memory_monitor:set_vm_memory_high_watermark",
                "0.000001",
                "0.4",
                "memory",
            ),
            Lack::Disk => (
                "rabbit_disk_monitor:set_disk_free_limit",
                "\"1000000GB\"",
                "\"50MB\"",
                "disk",
            ),
        };
        let value = if on { none } else { enough };
        let alarms = format!("{set}({value}), rabbit_alarm:get_alarms().");
        let alarms = self.ask(&alarms).await?;
        ensure!(alarms.contains(named) == on, "alarms: {alarms}");
        Ok(())
    }

    /// `kill -9`.
    ///
    /// # Errors
    /// If there is none.
    pub async fn kill(&self) -> anyhow::Result<()> {
        self.with(Broker::kill).await
    }

    /// Starts it again on what it left.
    ///
    /// # Errors
    /// If it does not start.
    pub async fn restart(&self) -> anyhow::Result<()> {
        self.with(Broker::restart).await
    }

    /// Stops its application, as `rabbitmqctl stop_app` does: the node stays, and lets nobody in.
    ///
    /// # Errors
    /// If it runs all the same.
    pub async fn stop_app(&self) -> anyhow::Result<()> {
        let runs = self.ask("rabbit:stop(), rabbit:is_running().").await?;
        ensure!(runs == "false", "after stop_app it runs: {runs}");
        Ok(())
    }

    /// Starts its application again, as `rabbitmqctl start_app` does.
    ///
    /// # Errors
    /// If it does not run then.
    pub async fn start_app(&self) -> anyhow::Result<()> {
        let runs = self.ask("rabbit:start(), rabbit:is_running().").await?;
        ensure!(runs == "true", "after start_app it runs: {runs}");
        self.with(Broker::heal).await
    }

    /// Ends it and takes everything away that it had on its disk, users and queues and messages.
    ///
    /// # Errors
    /// If its data can't be removed.
    pub async fn lose_everything(&self) -> anyhow::Result<()> {
        self.kill().await?;
        fs::remove_dir_all(self.data()).context("the broker's data")?;
        Ok(())
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("mnesia")
    }

    /// Deletes a queue with everything in it.
    ///
    /// # Errors
    /// If there is none.
    pub async fn delete(&self, queue: &str) -> anyhow::Result<()> {
        let ask = format!(
            "{}, rabbit_amqqueue:delete(Q, false, false, <<\"a test\">>).",
            found(queue)
        );
        let deleted = self.ask(&ask).await?;
        ensure!(deleted.starts_with("{ok"), "{queue}: {deleted}");
        Ok(())
    }

    /// How many messages a queue has, with those that a consumer has not acknowledged yet.
    ///
    /// # Errors
    /// If there is no such queue.
    pub async fn messages(&self, queue: &str) -> anyhow::Result<u64> {
        let number = "proplists:get_value(messages, rabbit_quorum_queue:info(Q, [messages])).";
        let ask = format!("{}, {number}", found(queue));
        Ok(self.ask(&ask).await?.parse()?)
    }
}

/// The expression that finds a queue, as `Q`.
fn found(queue: &str) -> String {
    format!("{{ok, Q}} = rabbit_amqqueue:lookup(rabbit_misc:r(<<\"/\">>, queue, <<\"{queue}\">>))")
}

impl Drop for OwnBroker {
    fn drop(&mut self) {
        let _ = self.broker.control(&["stop"]);
    }
}
