//! One service in a real process.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};

use anyhow::{Context as _, bail};

/// How a process is started.
pub(crate) struct Start<'a> {
    /// Its program.
    pub(crate) program: PathBuf,
    /// What follows `serve`.
    pub(crate) arguments: &'a [&'a str],
    /// All of its environment.
    pub(crate) environment: Vec<(String, String)>,
    /// Where what it says on stderr goes.
    pub(crate) log: &'a Path,
    /// Where it answers.
    pub(crate) address: String,
}

/// One process; killed when dropped.
pub struct Process {
    program: PathBuf,
    child: Child,
    lines: BufReader<ChildStdout>,
    environment: Vec<(String, String)>,
    log: PathBuf,
    /// Where it answers.
    pub address: String,
}

impl Process {
    pub(crate) fn start(start: Start<'_>) -> anyhow::Result<Self> {
        let mut child = Command::new(&start.program)
            .arg("serve")
            .args(start.arguments)
            .env_clear()
            .envs(start.environment.iter().cloned())
            .stdout(Stdio::piped())
            .stderr(File::create(start.log)?)
            .spawn()
            .with_context(|| start.program.display().to_string())?;
        let lines = BufReader::new(child.stdout.take().context("stdout is piped")?);
        Ok(Self {
            program: start.program,
            child,
            lines,
            environment: start.environment,
            log: start.log.to_owned(),
            address: start.address,
        })
    }

    /// Reads its output until it says that it listens.
    ///
    /// # Errors
    /// If it ends before.
    pub fn listens(&mut self) -> anyhow::Result<()> {
        let mut line = String::new();
        self.lines.read_line(&mut line)?;
        if line != format!("listening on {}\n", self.address) {
            let program = self.program.display();
            let why = std::fs::read_to_string(&self.log).unwrap_or_default();
            bail!("{program} ended before it listened: {line:?}\n{why}");
        }
        Ok(())
    }

    /// What its own health check says.
    ///
    /// # Errors
    /// If its program can't be run.
    pub fn is_healthy(&self) -> anyhow::Result<bool> {
        let checked = Command::new(&self.program)
            .arg("health")
            .env_clear()
            .envs(self.environment.iter().cloned())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        Ok(checked.success())
    }

    /// The number that the system knows it by.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends SIGTERM.
    ///
    /// # Errors
    /// If it can't be sent.
    pub fn tell_to_stop(&self) -> anyhow::Result<()> {
        let id = self.child.id().to_string();
        Command::new("kill").args(["-s", "TERM", &id]).status()?;
        Ok(())
    }

    /// Waits for the end.
    ///
    /// # Errors
    /// If it can't be waited for.
    pub fn ended(&mut self) -> anyhow::Result<ExitStatus> {
        Ok(self.child.wait()?)
    }

    /// Sends SIGTERM and waits for the end.
    ///
    /// # Errors
    /// If it can't be sent or waited for.
    pub fn terminate(&mut self) -> anyhow::Result<ExitStatus> {
        self.tell_to_stop()?;
        self.ended()
    }

    /// As `kill -9` does.
    ///
    /// # Errors
    /// If it can't be killed or waited for.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
