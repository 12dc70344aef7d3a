//! The deployment under fault: services in processes of their own on PostgreSQL and RabbitMQ, two
//! of them replicas of escalation, and a clock that goes on by itself and can be moved ahead.

pub mod broker;
pub mod broker_marks;
pub mod broker_noise;
pub mod broker_wire;
pub mod process;
pub mod scene;
pub mod sessions;
mod slots;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use tokio::sync::{Mutex as AsyncMutex, watch};
use visits::config;
use visits_core::{SignedDuration, Timestamp};
use visits_runtime::settings::Settings;
use visits_testkit::deployment::SERVICES;
use visits_testkit::ports;

use crate::caller::{Counters, Whereabouts, World};
use crate::serve::ClockFile;
use process::{Process, Wanted};
pub use slots::{DOUBLED, SLOTS, Slot, Window};

const TICK: Duration = Duration::from_millis(50);

/// The deployment.
pub struct Stack {
    folder: PathBuf,
    /// The build that each slot runs.
    binaries: Vec<Mutex<PathBuf>>,
    slots: &'static [Slot],
    databases: BTreeMap<&'static str, String>,
    bus: String,
    ports: Vec<u16>,
    clock: ClockFile,
    counters: Arc<Counters>,
    /// Where the callers of each slot go: there, or to its replica.
    ways: Vec<watch::Sender<Option<(u64, String)>>>,
    up: Mutex<Vec<Option<u64>>>,
    starts: Mutex<u64>,
    windows: Mutex<Vec<Window>>,
    running: Vec<AsyncMutex<Option<Process>>>,
}

impl Stack {
    /// A deployment on these databases and this broker; no process runs yet.
    ///
    /// # Errors
    /// If the folder can't be written or there is no free port.
    pub fn new(
        folder: &Path,
        binary: &Path,
        slots: &'static [Slot],
        (databases, bus): (BTreeMap<&'static str, String>, String),
        start: Timestamp,
    ) -> anyhow::Result<Self> {
        let ports = slots.iter().map(|_| ports::free());
        let ports = ports.collect::<anyhow::Result<Vec<_>>>()?;
        for (name, byte) in [("link", "33"), ("pseudonym", "44")] {
            fs::write(folder.join(name), byte.repeat(32))?;
        }
        Ok(Self {
            clock: ClockFile::new(folder.join("now"), start)?,
            folder: folder.to_owned(),
            binaries: slots
                .iter()
                .map(|_| Mutex::new(binary.to_owned()))
                .collect(),
            slots,
            databases,
            bus,
            ports,
            counters: Arc::new(Counters::default()),
            ways: slots.iter().map(|_| watch::Sender::new(None)).collect(),
            up: Mutex::new(vec![None; slots.len()]),
            starts: Mutex::default(),
            windows: Mutex::default(),
            running: slots.iter().map(|_| AsyncMutex::new(None)).collect(),
        })
    }

    /// The database of a service.
    #[must_use]
    pub fn database(&self, service: &str) -> &str {
        self.databases.get(service).map_or("", String::as_str)
    }

    /// Every database.
    pub fn databases(&self) -> impl Iterator<Item = &str> {
        self.databases.values().map(String::as_str)
    }

    /// The clock.
    #[must_use]
    pub const fn clock(&self) -> &ClockFile {
        &self.clock
    }

    /// What is counted.
    #[must_use]
    pub const fn counters(&self) -> &Arc<Counters> {
        &self.counters
    }

    /// What a caller of this slot needs.
    #[must_use]
    pub fn world(&self, slot: usize) -> World {
        World {
            data: data_of(&self.folder),
            clock: self.clock.clone(),
            whereabouts: self.way(slot),
            counters: self.counters.clone(),
            label: self.service(slot),
        }
    }

    fn way(&self, slot: usize) -> Whereabouts {
        self.ways[slot].subscribe()
    }

    /// Where a slot listens when it runs.
    #[must_use]
    pub fn address(&self, slot: usize) -> String {
        format!("http://127.0.0.1:{}", self.ports[slot])
    }

    /// Starts a slot's process, armed with a kill point or not, and doesn't wait for it.
    ///
    /// # Errors
    /// If it can't be started.
    pub fn spawn(&self, slot: usize, point: Option<&str>) -> anyhow::Result<Process> {
        let (name, services) = self.slots[slot];
        let number = {
            let mut starts = self.starts.lock().unwrap_or_else(PoisonError::into_inner);
            *starts += 1;
            *starts
        };
        let mut arguments = vec!["serve".to_owned(), "--quiet".to_owned()];
        for service in services {
            arguments.extend(["--only".to_owned(), (*service).to_owned()]);
        }
        arguments.extend([
            "--clock-file".to_owned(),
            self.text("now"),
            "--insecure-driven-clock".to_owned(),
        ]);
        let mut environment = self.environment(slot);
        if let Some(point) = point {
            let variable = visits_core::kill_point::KILL_POINT_VARIABLE;
            environment.push((variable.to_owned(), point.to_owned()));
        }
        Process::spawn(&Wanted {
            binary: self.binary_of(slot).clone(),
            arguments,
            environment,
            log: self.folder.join(format!("{name}-{number}.log")),
        })
    }

    fn environment(&self, slot: usize) -> Vec<(String, String)> {
        let data = data_of(&self.folder);
        let file = |name: &str| data.join(name).display().to_string();
        let mut environment = vec![
            ("VISITS_DATA".to_owned(), self.text(self.name(slot))),
            set("SERVER__LISTEN", format!("127.0.0.1:{}", self.ports[slot])),
            set("SERVER__LOG", "warn".to_owned()),
            set("BUS__URL", self.bus.clone()),
            set("TOKENS__KEY_FILE", file("token.key")),
            set("TOKENS__RESUME_KEY_FILE", file("resume.key")),
            set("LETTERS__LINK_KEY_FILE", self.text("link")),
            set("INSIGHTS__PSEUDONYM_KEY_FILE", self.text("pseudonym")),
            // What all replicas of a service sign and send is where the judge looks for it.
            set("AUDIT__CHECKPOINTS", file("checkpoints")),
            set("AUDIT__CHECKPOINT_SECONDS", "1".to_owned()),
            set("ESCALATION__DESK__PAGE_FOLDER", file("pages")),
        ];
        for (service, url) in &self.databases {
            let key = format!("DATABASE__{}", service.to_uppercase());
            environment.push(set(&key, url.clone()));
        }
        // Who is there for the second time calls those who are.
        let is_second = slot >= SLOTS.len();
        for service in SERVICES {
            let held = |(_, services): &Slot| services.contains(&service);
            let at = if is_second {
                self.slots.iter().rposition(held)
            } else {
                self.slots.iter().position(held)
            };
            let at = at.unwrap_or_default();
            let key = format!("PEERS__{}", service.to_uppercase());
            environment.push(set(&key, self.address(at)));
        }
        environment
    }

    fn text(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    /// Starts a slot's process and waits until it listens; it runs until it is taken down.
    ///
    /// # Errors
    /// If it ends before.
    pub async fn start(&self, slot: usize) -> anyhow::Result<()> {
        let mut process = self.spawn(slot, None)?;
        if !process.listens().await? {
            bail!("{} ended before it listened", self.name(slot));
        }
        self.is_up(slot);
        *self.running[slot].lock().await = Some(process);
        Ok(())
    }

    /// Takes a slot's process out of the deployment.
    pub async fn take_down(&self, slot: usize) -> Option<Process> {
        let process = self.running[slot].lock().await.take();
        if process.is_some() {
            self.is_down(slot);
        }
        process
    }

    /// `kill -9` of a slot's process, wherever it is; whether it ran until then.
    ///
    /// # Errors
    /// If it can't be waited for.
    pub async fn kill(&self, slot: usize) -> anyhow::Result<bool> {
        let Some(mut process) = self.take_down(slot).await else {
            return Ok(false);
        };
        process.kill().await
    }

    /// Tells every process to stop and waits for their ends; how many ended as they should.
    ///
    /// # Errors
    /// If one can't be waited for.
    pub async fn stop(&self, time: Duration) -> anyhow::Result<usize> {
        let mut ending = Vec::new();
        for slot in 0..self.slots.len() {
            if let Some(process) = self.take_down(slot).await {
                process.signal("TERM")?;
                ending.push(process);
            }
        }
        let mut ended = 0;
        for mut process in ending {
            let status = process.ends_within(time).await?;
            ended += usize::from(status.is_some_and(|status| status.success()));
        }
        Ok(ended)
    }

    /// A process listens: its callers find it.
    pub fn is_up(&self, slot: usize) {
        let mut starts = self.starts.lock().unwrap_or_else(PoisonError::into_inner);
        *starts += 1;
        let mut up = self.up.lock().unwrap_or_else(PoisonError::into_inner);
        up[slot] = Some(*starts);
        self.show_ways(&up);
        self.close_window(Some(slot));
    }

    /// What all processes need is not there, or there again: calls fail meanwhile through no fault
    /// of theirs.
    pub fn everything_is(&self, well: bool) {
        if well {
            self.close_window(None);
        } else {
            self.open_window(None);
        }
    }

    fn open_window(&self, slot: Option<usize>) {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        windows.push(Window {
            slot,
            from: Instant::now(),
            until: None,
        });
    }

    fn close_window(&self, slot: Option<usize>) {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let open = windows.iter_mut().rev().find(|window| window.slot == slot);
        if let Some(window) = open {
            window.until.get_or_insert_with(Instant::now);
        }
    }

    /// A process is not there any more, as somebody has just noticed.
    pub fn is_down(&self, slot: usize) {
        let mut up = self.up.lock().unwrap_or_else(PoisonError::into_inner);
        up[slot] = None;
        self.show_ways(&up);
        self.open_window(Some(slot));
    }

    fn show_ways(&self, up: &[Option<u64>]) {
        for (slot, way) in self.ways.iter().enumerate() {
            let mut same = (0..up.len()).filter(|other| self.slots[*other].1 == self.slots[slot].1);
            let there = up[slot]
                .map(|_| slot)
                .or_else(|| same.find(|other| up[*other].is_some()));
            let now = there.and_then(|at| Some((up[at]?, self.address(at))));
            way.send_if_modified(|before| {
                let changed = *before != now;
                before.clone_from(&now);
                changed
            });
        }
    }

    /// When which process was not there.
    #[must_use]
    pub fn windows(&self) -> Vec<Window> {
        let windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        windows.clone()
    }

    /// Lets the clock go on with the machine's, and jump ahead every so often.
    ///
    /// # Errors
    /// If the clock can't be moved.
    pub async fn let_time_pass(&self, jump: SignedDuration, every: Duration) -> anyhow::Result<()> {
        let mut ticks = tokio::time::interval(TICK);
        let mut last = ticks.tick().await;
        let mut next_jump = last + every;
        loop {
            let now = ticks.tick().await;
            let passed = SignedDuration::try_from(now.duration_since(last))?;
            last = now;
            self.clock.advance(passed)?;
            if now >= next_jump {
                next_jump = now + every;
                self.clock.advance(jump)?;
            }
        }
    }

    /// The settings of one process that holds every service on the same databases: for the prelude
    /// and the judge, when no other process runs.
    ///
    /// # Errors
    /// If they are no settings.
    pub fn settings_of_all(
        folder: &Path,
        databases: &BTreeMap<&'static str, String>,
    ) -> anyhow::Result<Settings> {
        let mut text = "[database]\n".to_owned();
        for (service, url) in databases {
            text.push_str(&format!("{service} = \"{url}\"\n"));
        }
        let file = folder.join("all.toml");
        fs::write(&file, text)?;
        config::load(Some(&file), &[]).context("the settings of all services")
    }
}

/// The folder of the process that holds every service; it has the keys.
#[must_use]
pub fn data_of(folder: &Path) -> PathBuf {
    folder.join("data")
}

fn set(key: &str, value: String) -> (String, String) {
    (format!("VISITS__{key}"), value)
}
