//! One real process of the deployment.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::task::spawn_blocking;

const LOOK_EVERY: Duration = Duration::from_millis(10);
const SIGKILL: i32 = 9;
/// Far longer than the system takes to end a killed process.
const LIMIT: Duration = Duration::from_secs(60);

/// What a process is started with.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The binary.
    pub binary: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Its whole environment.
    pub environment: Vec<(String, String)>,
    /// What it says on stderr goes here.
    pub log: PathBuf,
}

/// A process; killed when dropped.
pub struct Process {
    child: Child,
    lines: Option<BufReader<ChildStdout>>,
    log: PathBuf,
}

impl Process {
    /// Starts it, and does not wait for it.
    ///
    /// # Errors
    /// If it can't be started.
    pub fn spawn(wanted: &Wanted) -> anyhow::Result<Self> {
        let mut child = Command::new(&wanted.binary)
            .args(&wanted.arguments)
            .env_clear()
            .envs(wanted.environment.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(&wanted.log)?)
            .spawn()
            .with_context(|| format!("{}", wanted.binary.display()))?;
        let lines = BufReader::new(child.stdout.take().context("stdout is piped")?);
        Ok(Self {
            child,
            lines: Some(lines),
            log: wanted.log.clone(),
        })
    }

    /// Waits until it says that it listens; `false` if it ends before.
    ///
    /// # Errors
    /// If its output can't be read.
    pub async fn listens(&mut self) -> anyhow::Result<bool> {
        let mut lines = self.lines.take().context("it is asked once")?;
        let (listens, lines) = spawn_blocking(move || {
            let mut line = String::new();
            while lines.read_line(&mut line)? > 0 {
                if line.starts_with("listening on ") {
                    return Ok::<_, std::io::Error>((true, lines));
                }
                line.clear();
            }
            Ok((false, lines))
        })
        .await??;
        self.lines = Some(lines);
        Ok(listens)
    }

    /// Waits for its end for at most so long.
    ///
    /// # Errors
    /// If it can't be waited for.
    pub async fn ends_within(&mut self, time: Duration) -> anyhow::Result<Option<ExitStatus>> {
        let mut looks = tokio::time::interval(LOOK_EVERY);
        let until = Instant::now() + time;
        loop {
            looks.tick().await;
            if let Some(status) = self.child.try_wait()? {
                return Ok(Some(status));
            }
            if Instant::now() >= until {
                return Ok(None);
            }
        }
    }

    /// Sends a signal: `TERM`, `STOP`, `CONT`, `KILL`.
    ///
    /// # Errors
    /// If there is no such process any more.
    pub fn signal(&self, name: &str) -> anyhow::Result<()> {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status()?;
        anyhow::ensure!(sent.success(), "process {id} is not there any more");
        Ok(())
    }

    /// `kill -9`; whether it ran until then.
    ///
    /// # Errors
    /// If it can't be waited for.
    pub async fn kill(&mut self) -> anyhow::Result<bool> {
        if self.child.try_wait()?.is_some() {
            return Ok(false);
        }
        self.child.kill()?;
        let ended = self.ends_within(LIMIT).await?;
        Ok(ended.is_some_and(was_killed))
    }

    /// The number that the system knows it by.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it is stopped, as by SIGSTOP.
    ///
    /// # Errors
    /// If it has ended.
    pub fn is_stopped(&self) -> anyhow::Result<bool> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name stands in brackets before the state, and may hold anything.
        let state = stat.rsplit_once(") ").map(|(_, rest)| rest.chars().next());
        let state = state.flatten().context("a process has a state")?;
        anyhow::ensure!(state != 'Z', "it has ended");
        Ok(state == 'T')
    }

    /// Whether it said that it came to this point.
    #[must_use]
    pub fn came_to(&self, point: &str) -> bool {
        said(&self.log, point)
    }
}

/// Whether the end was a SIGKILL.
#[must_use]
pub fn was_killed(status: ExitStatus) -> bool {
    status.signal() == Some(SIGKILL)
}

fn said(log: &Path, point: &str) -> bool {
    let text = fs::read_to_string(log).unwrap_or_default();
    let line = format!("KILL POINT {point}");
    text.lines().any(|said| said == line)
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
