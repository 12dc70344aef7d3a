//! A RabbitMQ of a test's own, which it may trouble as it likes.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use tempfile::TempDir;
use tokio::task::{block_in_place, spawn_blocking};
use visits_testkit::rabbit::Broker;

/// How clients lose their connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// The broker says goodbye.
    Closed,
    /// The broker's end of the line dies without a word.
    Dead,
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

    /// What an Erlang expression is, as it is printed.
    fn ask(&self, expression: &str) -> anyhow::Result<String> {
        let said = block_in_place(|| self.broker.control(&["eval", expression]));
        ensure!(said.status.success(), "{expression}: {said:?}");
        Ok(String::from_utf8(said.stdout)?.trim().to_owned())
    }

    fn tell(&self, arguments: &[&str]) -> anyhow::Result<()> {
        let said = block_in_place(|| self.broker.control(arguments));
        ensure!(said.status.success(), "{arguments:?}: {said:?}");
        Ok(())
    }

    /// Cuts every connection; how many there were.
    ///
    /// # Errors
    /// If the broker can't be told.
    pub fn cut(&self, how: Cut) -> anyhow::Result<usize> {
        let end = match how {
            Cut::Closed => "rabbit_networking:close_connection(P, \"cut by a test\")",
            Cut::Dead => "exit(P, kill)",
        };
        let all = "rabbit_networking:connections_local()";
        let number = self.ask(&format!("length([{end} || P <- {all}])."))?;
        Ok(number.parse()?)
    }

    /// Lets it have no memory left, or enough again: without, it takes nothing from anybody.
    ///
    /// # Errors
    /// If it can't be told.
    pub fn alarm(&self, on: bool) -> anyhow::Result<()> {
        let mark = if on { "0.000001" } else { "0.4" };
        self.tell(&["set_vm_memory_high_watermark", mark])?;
        let alarms = self.ask("rabbit_alarm:get_alarms().")?;
        ensure!(alarms.contains("memory") == on, "alarms: {alarms}");
        Ok(())
    }

    /// `kill -9`.
    pub fn kill(&self) {
        block_in_place(|| self.broker.kill());
    }

    /// Starts it again on what it left.
    pub fn restart(&self) {
        block_in_place(|| self.broker.restart());
    }

    /// Ends it and takes everything away that it had on its disk, users and queues and messages.
    ///
    /// # Errors
    /// If its data can't be removed.
    pub fn lose_everything(&self) -> anyhow::Result<()> {
        self.kill();
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
    pub fn delete(&self, queue: &str) -> anyhow::Result<()> {
        self.tell(&["delete_queue", queue])
    }

    /// How many messages a queue has, with those that a consumer has not acknowledged yet.
    ///
    /// # Errors
    /// If there is no such queue.
    pub fn messages(&self, queue: &str) -> anyhow::Result<u64> {
        let ask = format!(
            "{{ok, Q}} = rabbit_amqqueue:lookup(rabbit_misc:r(<<\"/\">>, queue, <<\"{queue}\">>)), \
             proplists:get_value(messages, rabbit_quorum_queue:info(Q, [messages]))."
        );
        Ok(self.ask(&ask)?.parse()?)
    }
}

impl Drop for OwnBroker {
    fn drop(&mut self) {
        let _ = self.broker.control(&["stop"]);
    }
}
