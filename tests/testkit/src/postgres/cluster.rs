//! A PostgreSQL of a test's own, which it may end as it likes and start again on what that left.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};
use sea_orm::{ConnectionTrait as _, Database, DbBackend, Statement};
use tempfile::TempDir;

use super::HOW_TO;
use crate::ports;

const VERSIONS: [&str; 4] = ["18", "17", "16", "15"];
/// The orphans of a killed server hold its memory until each has noticed; every try takes a while.
const STARTS_MAX: u32 = 200;

/// The server; ended when dropped.
pub struct Cluster {
    folder: TempDir,
    port: u16,
}

impl Cluster {
    /// A new server on a port of its own.
    ///
    /// # Errors
    /// If PostgreSQL is not installed or does not start.
    pub fn start() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777))?;
        let port = ports::free()?;
        let cluster = Self { folder, port };
        make(&cluster.data())?;
        boot(&cluster.data(), port)?;
        Ok(cluster)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("cluster")
    }

    /// `postgres://postgres@127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}", self.port)
    }

    /// Ends it at once: sessions are cut, nothing is written out.
    ///
    /// # Errors
    /// If it can't be ended.
    pub fn crash(&self) -> anyhow::Result<()> {
        let data = self.data().display().to_string();
        run("pg_ctl", &["--pgdata", &data, "--mode=immediate", "stop"])
    }

    /// `kill -9` of the server itself: its sessions are orphans until each notices.
    ///
    /// # Errors
    /// If it does not run.
    pub fn kill_postmaster(&self) -> anyhow::Result<()> {
        let file = fs::read_to_string(self.data().join("postmaster.pid"))?;
        kill_now(file.lines().next().context("a pid")?)
    }

    /// `kill -9` of one session that is at work in one of these databases; the server then ends all
    /// others and recovers by itself. Whether there was one.
    ///
    /// # Errors
    /// If the server can't be asked.
    pub async fn kill_a_session(&self) -> anyhow::Result<bool> {
        let admin = Database::connect(format!("{}/postgres", self.url())).await?;
        let ask = "SELECT pid::text AS pid FROM pg_stat_activity \
                   WHERE datname <> 'postgres' AND backend_type = 'client backend' \
                   ORDER BY (state = 'idle'), state_change DESC LIMIT 1";
        let asked = Statement::from_string(DbBackend::Postgres, ask);
        let found = admin.query_one_raw(asked).await?;
        let killed = found.is_some();
        if let Some(row) = found {
            kill_now(&row.try_get::<String>("", "pid")?)?;
        }
        // The server may have ended this session already.
        let _ = admin.close().await;
        Ok(killed)
    }

    /// Starts it again on what was left.
    ///
    /// # Errors
    /// If it does not start.
    pub fn recover(&self) -> anyhow::Result<()> {
        let mut tries = 1;
        while let Err(error) = boot(&self.data(), self.port) {
            ensure!(tries < STARTS_MAX, "{error} after {tries} tries");
            tries += 1;
        }
        Ok(())
    }

    /// A new, empty database.
    ///
    /// # Errors
    /// If it can't be made.
    pub async fn database(&self, name: &str) -> anyhow::Result<String> {
        let admin = Database::connect(format!("{}/postgres", self.url())).await?;
        let wish = format!("CREATE DATABASE {name} TEMPLATE template0");
        admin.execute_unprepared(&wish).await?;
        admin.close().await?;
        Ok(format!("{}/{name}", self.url()))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = self.crash();
    }
}

fn kill_now(pid: &str) -> anyhow::Result<()> {
    let killed = Command::new("kill").args(["-9", pid]).status()?;
    ensure!(killed.success(), "no process {pid} to kill");
    Ok(())
}

/// Makes the data folder of a server.
pub(super) fn make(data: &Path) -> anyhow::Result<()> {
    let data = data.display().to_string();
    run(
        "initdb",
        &[
            "--pgdata",
            &data,
            "--auth=trust",
            "--username=postgres",
            "--encoding=UTF8",
            "--locale=C",
        ],
    )
}

/// Starts a server on its data folder and waits until it answers.
pub(super) fn boot(data: &Path, port: u16) -> anyhow::Result<()> {
    let options = format!(
        "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
         -c max_connections=500 -c fsync=off"
    );
    let data = data.display().to_string();
    let log = format!("{data}/server.log");
    run(
        "pg_ctl",
        &[
            "--pgdata", &data, "--wait", "--log", &log, "-o", &options, "start",
        ],
    )
}

fn program(name: &str) -> anyhow::Result<PathBuf> {
    VERSIONS
        .iter()
        .map(|version| PathBuf::from(format!("/usr/lib/postgresql/{version}/bin/{name}")))
        .find(|program| program.exists())
        .context(HOW_TO)
}

/// Runs one of PostgreSQL's programs, as its own user when the tests run as root, which it refuses.
fn run(name: &str, arguments: &[&str]) -> anyhow::Result<()> {
    let program = program(name)?;
    let mut command = if fs::metadata("/proc/self")?.uid() == 0 {
        let mut command = Command::new("setpriv");
        command
            .args(["--reuid=postgres", "--regid=postgres", "--clear-groups"])
            .arg(program);
        command
    } else {
        Command::new(program)
    };
    let status = command
        .args(arguments)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .context(HOW_TO)?;
    ensure!(status.success(), "{name} failed; {HOW_TO}");
    Ok(())
}
