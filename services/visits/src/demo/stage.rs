//! The stage: every service in this process, a clock that only the play moves, and the way of each
//! of the cast to the services.
//!
//! The services run as they do in production. Nothing is told to them but through gRPC with a
//! signed token; the play moves time to the next due timer and lets the loops come to rest. A play
//! may also be told to services that live elsewhere: then what is here only reads their databases.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use rand::SeedableRng as _;
use rand_chacha::ChaCha20Rng;
use tonic::transport::Channel;
use tonic::{Response, Status};
use visits_core::civil::{date, time};
use visits_core::{Actor, Clock as _, IdSource as _, ManualClock, SeededIds, Timestamp, london};
use visits_durable::{AuditEntry, Durable};
use visits_runtime::settings::Settings;

use super::answered::Answered as _;
use super::cast::{self, Caller};
use super::elsewhere::Elsewhere;
use super::figures::Figures;
use super::folder;
use super::teller::{Audience, Teller};
use super::words;
use crate::config;
use crate::host::{Host, HostOptions};

/// The year of the term.
const YEAR: i16 = 2020;

/// An instant of the term, as clocks in England show it.
#[must_use]
pub fn at(month: i8, day: i8, hour: i8, minute: i8) -> Timestamp {
    london::instant(date(YEAR, month, day), time(hour, minute, 0, 0))
}

/// Everything that a play needs.
pub struct Stage {
    /// Its loops stand still if the services live elsewhere.
    host: Host,
    elsewhere: Option<Box<dyn Elsewhere>>,
    clock: ManualClock,
    folder: PathBuf,
    requests: SeededIds,
    /// Chance, from the seed.
    pub chance: ChaCha20Rng,
    /// Who tells the story.
    pub teller: Teller,
    /// What comes of it.
    pub figures: Figures,
}

impl Stage {
    /// Opens the services on an empty folder, in the morning of Monday 21 September 2020.
    ///
    /// # Errors
    /// If the folder can't be used or a service can't be opened.
    pub async fn open(data: &Path, seed: u64, audience: Audience) -> anyhow::Result<Self> {
        let settings = config::embedded().map_err(crate::failure::Failure::from)?;
        Self::open_with(data, seed, audience, settings).await
    }

    /// As [`Stage::open`], with settings that may name other databases; these must be empty too.
    ///
    /// # Errors
    /// As [`Stage::open`].
    pub async fn open_with(
        data: &Path,
        seed: u64,
        audience: Audience,
        settings: Settings,
    ) -> anyhow::Result<Self> {
        Self::open_at(data, seed, audience, settings, Self::beginning()).await
    }

    /// As [`Stage::open_with`], at another beginning.
    ///
    /// # Errors
    /// As [`Stage::open`].
    pub async fn open_at(
        data: &Path,
        seed: u64,
        audience: Audience,
        settings: Settings,
        beginning: Timestamp,
    ) -> anyhow::Result<Self> {
        let folder = folder::prepare(data, seed)?;
        let clock = ManualClock::new(beginning);
        let host = Host::open(HostOptions {
            data: folder.clone(),
            settings,
            clock: Arc::new(clock.clone()),
            ids: Arc::new(SeededIds::new(seed)),
        })
        .await?;
        let figures = Figures {
            seed,
            data: folder.display().to_string(),
            ..Figures::default()
        };
        Ok(Self {
            host,
            elsewhere: None,
            clock,
            folder,
            // Not the services' own sequence: what callers draw must not move what they draw.
            requests: SeededIds::new(!seed),
            chance: ChaCha20Rng::seed_from_u64(seed),
            teller: Teller::new(audience),
            figures,
        })
    }

    /// As [`Stage::open_with`], where services elsewhere play on the databases that the settings
    /// name, and their clock stands where a play begins.
    ///
    /// # Errors
    /// As [`Stage::open`].
    pub async fn open_elsewhere(
        data: &Path,
        seed: u64,
        settings: Settings,
        elsewhere: Box<dyn Elsewhere>,
    ) -> anyhow::Result<Self> {
        let stage = Self::open_with(data, seed, Audience::Nobody, settings).await?;
        Ok(Self {
            elsewhere: Some(elsewhere),
            ..stage
        })
    }

    /// When every play begins.
    #[must_use]
    pub fn beginning() -> Timestamp {
        at(9, 21, 9, 0)
    }

    /// The services, or what reads the databases of those that live elsewhere.
    #[must_use]
    pub const fn host(&self) -> &Host {
        &self.host
    }

    /// The folder with the data.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder of letters, which has the mailbox.
    #[must_use]
    pub fn letters_folder(&self) -> &Path {
        let elsewhere = self.elsewhere.as_ref();
        elsewhere.map_or(self.folder.as_path(), |there| there.letters_folder())
    }

    /// The way to the public pages, which need no token.
    #[must_use]
    pub fn pages(&self) -> Channel {
        let elsewhere = self.elsewhere.as_ref();
        elsewhere.map_or_else(|| self.host.public_channel(), |there| there.pages())
    }

    /// The present instant of the play.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A new request id.
    #[must_use]
    pub fn request_id(&self) -> String {
        self.requests.next(self.now()).to_string()
    }

    /// One of the cast, by principal.
    #[must_use]
    pub fn caller(&self, principal: &str) -> Caller {
        let actor = Actor::new(principal, cast::role(principal));
        match &self.elsewhere {
            None => Caller::as_actor(&actor, self.host.channel_as(actor.clone())),
            Some(there) => Caller::reaching(&actor, |name| there.channel_as(name, &actor)),
        }
    }

    /// Moves time to `when`, by way of every timer that falls due before it.
    ///
    /// # Errors
    /// What a loop could not do.
    pub async fn go_to(&self, when: Timestamp) -> anyhow::Result<()> {
        self.settle().await?;
        while let Some(due) = self.host.next_due().await?.filter(|due| *due <= when) {
            if due <= self.now() {
                bail!("a timer that was due at {due} has not fired");
            }
            self.move_clock(due)?;
            self.settle().await?;
        }
        self.move_clock(when)?;
        self.settle().await
    }

    fn move_clock(&self, when: Timestamp) -> anyhow::Result<()> {
        self.clock.advance_to(when);
        match &self.elsewhere {
            None => Ok(()),
            Some(elsewhere) => elsewhere.go_to(when),
        }
    }

    /// Lets the services come to rest at the present instant.
    ///
    /// # Errors
    /// What a loop could not do.
    pub async fn settle(&self) -> anyhow::Result<()> {
        match &self.elsewhere {
            None => Ok(self.host.settle().await?),
            Some(elsewhere) => elsewhere.settled(self.host.durables()).await,
        }
    }

    /// The names of what a service has said about `subject` on the bus, oldest first.
    ///
    /// # Errors
    /// If its feed can't be read.
    pub async fn said_about(
        &self,
        aggregate: &'static str,
        subject: &str,
    ) -> anyhow::Result<Vec<String>> {
        // What was said since has no place in the feed before the sequencer has given it one.
        self.settle().await?;
        let (service, _) = aggregate.split_once('.').unwrap_or((aggregate, ""));
        let feed = self.durable(service)?.feed();
        let mut said = Vec::new();
        let mut position = 0;
        loop {
            let page = feed.after(position, aggregate).await?;
            let Some(last) = page.last() else {
                return Ok(said);
            };
            position = last.position;
            let about = page.iter().filter(|event| event.subject == subject);
            said.extend(about.map(|event| words::event_name(&event.event_type)));
        }
    }

    /// The refusals in a service's audit, oldest first.
    ///
    /// # Errors
    /// If it can't be read.
    pub async fn refusals_in_audit(&self, service: &str) -> anyhow::Result<Vec<AuditEntry>> {
        self.settle().await?;
        let durable = self.durable(service)?;
        let mut refusals = Vec::new();
        let mut position = 0;
        loop {
            let page = durable.audit_page(None, position).await?;
            let Some(last) = page.last().and_then(|entry| entry.position) else {
                return Ok(refusals);
            };
            position = last;
            refusals.extend(page.into_iter().filter(|entry| entry.outcome == "refused"));
        }
    }

    fn durable(&self, service: &str) -> anyhow::Result<&Durable> {
        let mut all = self.host.durables().iter();
        all.find(|durable| durable.service() == service)
            .with_context(|| format!("{service} is not here"))
    }

    /// Tells that somebody did something.
    pub fn does(&mut self, who: &str, what: &str) {
        let now = self.now();
        self.teller.does(now, who, what);
    }

    /// Tells that the system did something by itself.
    pub fn by_itself(&mut self, what: &str) {
        let now = self.now();
        self.teller.by_itself(now, what);
    }

    /// Tells that somebody tried something and was refused for `reason`.
    ///
    /// # Errors
    /// If it was granted, or refused for another reason.
    pub fn is_refused<T>(
        &mut self,
        who: &str,
        what: &str,
        answer: Result<Response<T>, Status>,
        reason: &str,
    ) -> anyhow::Result<()> {
        let refused = answer.refused(reason)?;
        let now = self.now();
        self.teller.is_refused(now, who, what, &refused);
        self.figures.refusal(reason);
        Ok(())
    }

    /// Stops the services.
    ///
    /// # Errors
    /// If a database can't be closed.
    pub async fn close(self) -> anyhow::Result<(Teller, Figures)> {
        self.host.close().await?;
        Ok((self.teller, self.figures))
    }
}
